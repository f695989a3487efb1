"""Where USB devices were, with real processes: a recorded rack with a stick in it."""
import unittest

from harness import NONE, SOURCE, VERDICTS, Agent, Site, need

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
        self.assertGreater(host["attested_at"], 0)
        self.assertEqual(self.verifier.assay_json("findings", "--id", "host.silent"), [])
        self.assertIn("lately", self.verifier.assay("hosts").stdout)


if __name__ == "__main__":
    need("swtpm", "swtpm_setup")
    unittest.main(verbosity=2)
