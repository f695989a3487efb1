"""Where USB devices were, with real processes: a recorded rack with a stick in it."""
import unittest

from harness import NONE, NOT_PROCESSED, SOURCE, USAGE, VERDICTS, Agent, Site, need

RECORDED = SOURCE / "tests" / "recorded"


class OneStick(Site):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = Agent(cls.folder, cls.verifier, cls.tpm.tcti, recorded=RECORDED / "rack-7")
        cls.agent.enrol("rack-7")
        cls.agent("attest", "--json", codes=VERDICTS)

    def test_every_device_is_listed_and_where_each_was_is_told(self):
        devices = self.verifier.assay_json("devices", "--host", "rack-7")
        self.assertEqual(devices, self.verifier.assay_json("devices"))
        for device in devices:
            self.assertIn(device["serial_grade"], ("A", "B", "C"))
            self.assertEqual([each["host"] for each in device["hosts"]], ["rack-7"])
            if device["serial"]:
                seen = self.verifier.assay_json("device", "show", device["serial"])
                self.assertEqual({each["host"] for each in seen}, {"rack-7"})
                self.assertIn("rack-7", self.verifier.assay("device", "show", device["serial"]).stdout)
        self.assertIn("HOSTS" if devices else "No journal", self.verifier.assay("devices").stdout)

    def test_a_serial_that_nobody_saw_is_told_by_the_exit_code(self):
        self.assertEqual(self.verifier.assay_json("device", "show", "no such\\x1b[31m", codes=(NONE,)), [])
        self.assertIn("No journal", self.verifier.assay("device", "show", "no such", codes=(NONE,)).stdout)

    def test_a_host_that_has_just_attested_is_not_silent(self):
        [host] = self.verifier.assay_json("hosts")
        self.assertFalse(host["silent"])
        self.assertRegex(host["attested_at"], r"^20\d\d-\d\d-\d\dT[0-9:]{8}Z$")
        self.assertEqual(self.verifier.assay_json("findings", "--history", "--id", "host.silent"), [])
        self.assertIn("lately", self.verifier.assay("hosts").stdout)

    def test_what_is_open_is_listed_and_nothing_else_can_be_acknowledged(self):
        open_here = self.verifier.assay_json("host", "matters", "rack-7")
        self.assertEqual(len(open_here["matters"]) + open_here["more"], self.verifier.assay_json("host", "show", "rack-7", codes=VERDICTS)["open"])
        self.assertIn(open_here["matters"][0]["matter"] if open_here["matters"] else "Nothing is open", self.verifier.assay("host", "matters", "rack-7").stdout)
        ack = ("findings", "ack", "--reason", "INC-88")
        refused = self.verifier.assay(*ack, "rack-7", "0123456789abcdef", codes=(NOT_PROCESSED,))
        self.assertIn("assay host matters rack-7", refused.stderr)
        self.assertIn("no host's newest result", self.verifier.assay(*ack, "--group", "a" * 64, codes=(NOT_PROCESSED,)).stderr)
        self.assertIn("--group KEY alone", self.verifier.assay(*ack, "rack-7", codes=(USAGE,)).stderr)
        for matter in open_here["matters"]:
            [kept] = self.verifier.assay_json(*ack, "rack-7", matter["matter"])["acknowledged"]
            self.assertEqual([each["by"] for each in kept["acknowledged"]], [row["by"] for row in self.verifier.assay_json("findings", "acks") if row["matter"] == matter["matter"]])


if __name__ == "__main__":
    need("swtpm", "swtpm_setup")
    unittest.main(verbosity=2)
