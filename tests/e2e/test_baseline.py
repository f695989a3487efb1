"""Baselines of USB devices as a user has them: captured, signed with the vendor data, installed, judged by; and what is refused."""
import json
import shutil
import unittest

from harness import BIN, CONTRAINDICATED, NOT_PROCESSED, POLICY, SOURCE, VERDICTS, Site, run

RACK_7 = SOURCE / "tests" / "recorded" / "rack-7"


def assay(*arguments, codes=(0,)):
    return run(BIN / "assay", *arguments, codes=codes)


class Baselines(Site):
    """Tests run in the order of their names: each goes on where the one before ended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key, cls.signers = cls.folder / "carla.key", cls.folder / "signers"
        cls.signers.mkdir()
        run("openssl", "genpkey", "-algorithm", "ED25519", "-out", cls.key)
        run("openssl", "pkey", "-in", cls.key, "-pubout", "-out", cls.signers / "carla.pem")
        cls.data = cls.folder / "data"
        for part in ("vendors", "lists", "decisions", "firmware"):
            shutil.copytree(SOURCE / "vendor-db" / part, cls.data / part)
        (cls.data / "baselines").mkdir()
        cls.file = cls.data / "baselines" / "rack-7.toml"

    def build(self, version):
        out = self.folder / f"v{version}.bundle"
        assay("vendors", "build", self.data, "--version", version, "--expires", "2099-01-01", "--out", out)
        return out

    def verify(self, bundle, *more, codes=(0,)):
        return assay("baseline", "verify", bundle, "--keys", self.signers, *more, codes=codes).stdout

    def findings(self):
        done = assay("--json", "appraise", RACK_7, "--policy", POLICY, "--vendors", self.data, codes=VERDICTS)
        return {finding["id"] for finding in json.loads(done.stdout)["findings"]}

    def test_1_a_bundle_without_a_baseline_is_not_signed_as_one(self):
        refused = assay("baseline", "sign", self.build(2), "--key", self.key, codes=(NOT_PROCESSED, 2))
        self.assertIn("no baseline", refused.stderr)

    def test_2_a_capture_has_the_devices_and_overwrites_nothing(self):
        capture = ("baseline", "capture", "--evidence", RACK_7, "--generation", "BMC 1")
        assay(*capture, "--out", self.file)
        shown = json.loads(assay("--json", "baseline", "show", self.file).stdout)
        self.assertEqual([(each["model"], [device["port"] for device in each["devices"]]) for each in shown], [("NF5280M6", ["2-1"])])
        assay(*capture, "--out", self.file, codes=(NOT_PROCESSED, 2))
        self.assertIn("1-99", assay(*capture, "--without", "1-99", codes=(NOT_PROCESSED, 2)).stderr)

    def test_3_the_same_ids_at_another_port_are_an_impersonation(self):
        self.assertNotIn("usb.impersonation", self.findings())
        honest = self.file.read_text()
        self.file.write_text(honest.replace('port = "2-1"', 'port = "2-2"'))
        self.assertIn("usb.impersonation", self.findings())
        self.file.write_text(honest)

    def test_4_unsigned_edited_and_older_ones_are_refused_with_the_reason(self):
        older, newer = self.build(3), self.build(4)
        self.assertIn("vendors.too_few_signatures", self.verify(newer, codes=(CONTRAINDICATED,)))
        for bundle in (older, newer):
            assay("baseline", "sign", bundle, "--key", self.key)
        self.assertIn("baseline of NF5280M6, BMC 1: 1 devices", self.verify(newer, "--last", older))
        self.assertIn("vendors.rolled_back", self.verify(older, "--last", newer, codes=(CONTRAINDICATED,)))
        edited = self.folder / "edited.bundle"
        edited.write_bytes(newer.read_bytes().replace(b'port = "2-1"', b'port = "2-9"'))
        self.assertIn("vendors.edited", self.verify(edited, codes=(CONTRAINDICATED,)))

    def test_5_the_verifier_takes_the_signed_one_and_no_older_one(self):
        install = (BIN / "assay-verifier", "vendors", "install")
        keys = self.verifier.state / "vendor-keys"
        refused = run(*install, self.folder / "v4.bundle", "--state", self.verifier.state, codes=(NOT_PROCESSED,))
        self.assertIn("v4.bundle", refused.stderr)
        self.assertIn("vendors.too_few_signatures", refused.stderr)
        shutil.copy(self.signers / "carla.pem", keys)
        run(*install, self.folder / "v4.bundle", "--state", self.verifier.state)
        self.verifier.stop()
        self.verifier.start()
        self.assertIn("vendor data: version 4", self.verifier.log.read_text())
        refused = run(*install, self.folder / "v3.bundle", "--state", self.verifier.state, codes=(NOT_PROCESSED,))
        self.assertIn("vendors.rolled_back", refused.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
