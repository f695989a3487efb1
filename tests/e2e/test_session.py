"""Technician and escort sign at a host that has no network; the host's journal brings their signatures to the verifier."""
import json
import subprocess
import unittest

from harness import BIN, NOT_PROCESSED, USAGE, VERDICTS, Agent, Person, Site, need, wait_for
from keepers import give_directory


class ARackWithoutNetwork(Site):
    """Tests run in the order of their names: each goes on where the one before ended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = Agent(cls.folder, cls.verifier, cls.tpm.tcti)
        cls.agent.enrol("rack-7")
        cls.technician = Person(cls.folder, "technician", "EC -pkeyopt ec_paramgen_curve:P-256")
        cls.escort = Person(cls.folder, "escort")
        [host] = cls.verifier.assay_json("hosts")
        directory = cls.folder / "directory.json"
        directory.write_text(json.dumps({
            "zones": [{"id": "site-1", "kind": "site"}],
            "persons": [{"id": "lee", "employer": "fixit", "keys": [cls.technician.key_id]},
                        {"id": "roy", "employer": "us", "keys": [cls.escort.key_id]}],
            "hosts": [{"id": "asset-7", "ek": host["ek_digest"], "zone": "site-1"}]}))
        give_directory(cls.verifier, directory)
        cls.agent("journal", "init", codes=(0, NOT_PROCESSED))

    def session(self, *arguments, codes=(0,)):
        return self.agent("session", *arguments, codes=codes)

    def known(self):
        """The sessions that the verifier judges by."""
        case = self.folder / "case"
        self.verifier.assay("accompaniment", "save", "rack-7", case)
        return json.loads((case / "sessions.json").read_text())

    def test_1_the_host_makes_the_challenge(self):
        opened = json.loads(self.session("open", "--order", "WO-1017", "--json").stdout)
        self.assertEqual(opened["host"], "rack-7")
        type(self).id = opened["session"]
        self.assertIn("no session", self.session("sign", "0" * 18, "--role", "escort", "--key", self.escort.key,
                                                 codes=(NOT_PROCESSED,)).stderr)

    def test_2_the_technician_signs_elsewhere_and_the_escort_here(self):
        text = self.folder / "lee.txt"
        self.session("sign", self.id, "--role", "technician", "--out", text)
        self.assertIn(f"session: {self.id}\nhost: rack-7\norder: WO-1017\n", text.read_text())
        self.verifier.assay("session", "sign-text", text, "--key", self.technician.key)
        signed = json.loads((self.folder / "lee.txt.signed").read_text())
        forged = self.folder / "forged"
        forged.write_text(json.dumps({**signed, "text": signed["text"].replace("technician", "escort")}))
        self.session("add", forged, codes=(NOT_PROCESSED,))
        self.session("add", self.folder / "lee.txt.signed")
        self.session("add", self.folder / "lee.txt.signed", codes=(NOT_PROCESSED,))  # once
        self.session("sign", self.id, "--role", "escort", "--key", self.escort.key)
        [listed] = json.loads(self.session("list", "--json").stdout)
        self.assertEqual([each["key"] for each in listed["signatures"]], [self.technician.key_id, self.escort.key_id])

    def test_3_the_verifier_has_the_session_from_the_journal_for_which_the_tpm_vouches(self):
        self.assertEqual(self.known()["sessions"], [])
        self.agent("attest", codes=VERDICTS)
        [session] = self.known()["sessions"]
        self.assertEqual((session["id"], session["order"]), (f"rack-7/{self.id}", "WO-1017"))
        self.assertEqual(session["technician"]["key"], self.technician.key_id)
        self.assertEqual(session["escort"]["key"], self.escort.key_id)
        self.assertEqual(json.loads(self.agent("journal", "verify", "--json").stdout)["state"], "anchored")

    def test_4_while_the_service_runs_it_takes_the_statements_and_sends_them_at_once(self):
        log = open(self.folder / "agent.log", "w")
        self.addCleanup(log.close)
        service = subprocess.Popen([str(part) for part in (BIN / "assay-agent", *self.agent.options, "run")],
                                   stdout=log, stderr=log)
        self.addCleanup(service.wait)
        self.addCleanup(service.terminate)
        printed = self.folder / "agent.log"
        wait_for(lambda: "watching USB" in printed.read_text() or service.poll() is not None, "the service")
        if service.poll() is not None or "usb monitor" in printed.read_text():
            self.skipTest("no monitor can run here: " + printed.read_text())
        self.session("heartbeat", self.id, "--key", self.escort.key)
        wait_for(lambda: self.known()["sessions"][0]["heartbeats"], "the sign of life at the verifier")
        self.session("close", self.id, "--key", self.escort.key)
        wait_for(lambda: self.known()["sessions"][0].get("closed_at"), "the end at the verifier")
        self.assertIn("closed", self.session("heartbeat", self.id, "--key", self.escort.key, codes=(NOT_PROCESSED,)).stderr)
        self.assertEqual(list((self.agent.state / "statements").iterdir()), [])

    def test_5_a_key_that_nobody_registered_is_journaled_and_does_not_count(self):
        opened = json.loads(self.session("open", "--order", "WO-1018", "--json").stdout)["session"]
        stranger = Person(self.folder, "stranger")
        self.session("sign", opened, "--role", "technician", "--key", self.technician.key)
        self.session("sign", opened, "--role", "escort", "--key", stranger.key)
        self.agent("attest", codes=VERDICTS)
        self.assertEqual(len(self.known()["sessions"]), 1)
        self.assertIn("nobody's in the directory", self.verifier.log.read_text())

    def test_6_a_late_signature_names_its_device(self):
        self.session("late", "--order", "WO-1017", "--device", "7" * 64, "--key", self.escort.key)
        self.agent("attest", codes=VERDICTS)
        [late] = self.known()["late_attestations"]
        self.assertEqual((late["order"], late["descriptors_sha256"]), ("WO-1017", "7" * 64))

    def test_7_the_escorts_own_signature_takes_the_place_of_one_with_the_technicians_key(self):
        opened = json.loads(self.session("open", "--order", "WO-1019", "--json").stdout)["session"]
        for role in ("technician", "escort"):
            self.session("sign", opened, "--role", role, "--key", self.technician.key)
        self.session("sign", opened, "--role", "escort", "--key", self.technician.key, codes=(NOT_PROCESSED,))
        self.session("sign", opened, "--role", "escort", "--key", self.escort.key)
        self.agent("attest", codes=VERDICTS)
        known = {session["id"]: session for session in self.known()["sessions"]}
        self.assertEqual(known[f"rack-7/{opened}"]["escort"]["key"], self.escort.key_id)
        self.assertEqual(known[f"rack-7/{opened}#1"]["escort"]["key"], self.technician.key_id)

    def test_8_at_the_verifier_whom_it_does_not_know_needs_unlisted_and_each_role_its_own_key(self):
        desk = self.verifier.as_("desk")
        visit = ["session", "open", "--host", "rack-7", "--order", "WO-1020", "--technician", "lee", "--escort"]
        self.assertIn("another person", desk.assay(*visit, "lee", "--unlisted", codes=(USAGE,)).stderr)
        self.assertIn("order: expected one that the verifier has", desk.assay(*visit, "roy", codes=(NOT_PROCESSED,)).stderr)
        self.assertIn("desk", self.verifier.assay(*visit, "roy", "--unlisted", codes=(NOT_PROCESSED,)).stderr)
        opened = desk.assay_json(*visit, "roy", "--unlisted")["id"]
        text = desk.assay("session", "sign", opened, "--role", "technician", "--key", self.technician.key).stdout
        self.assertIn("with a key of lee", text)
        self.assertIn("unlisted, by operator:desk", desk.assay("session", "list", "--open").stdout)

    def test_9_acts_say_all_that_was_signed(self):
        self.assertIn(" 0 contradictions", self.verifier.assay("audit", "verify").stdout)


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca", "openssl")
    unittest.main(verbosity=2)
