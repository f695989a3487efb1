"""Vendor data from files to a running verifier: built, signed by several, verified, compared, installed; and everything that is refused."""
import json
import shutil
import subprocess
import unittest

from harness import BIN, NOT_PROCESSED, SOURCE, VERDICTS, Agent, Site, need, run

CONTRAINDICATED = 3


def assay(*arguments, codes=(0,)):
    return run(BIN / "assay", *arguments, codes=codes)


class SignedVendorData(Site):
    """Tests run in the order of their names: each goes on where the one before ended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = cls.folder / "signers"
        cls.keys.mkdir()
        for name in ("carla", "dora"):
            run("openssl", "genpkey", "-algorithm", "ED25519", "-out", cls.folder / f"{name}.key")
            run("openssl", "pkey", "-in", cls.folder / f"{name}.key", "-pubout", "-out", cls.keys / f"{name}.pem")
        cls.data = cls.folder / "data"
        for part in ("vendors", "lists", "decisions", "firmware"):
            if (SOURCE / "vendor-db" / part).is_dir():
                shutil.copytree(SOURCE / "vendor-db" / part, cls.data / part)

    def build(self, version, expires="2099-01-01", signers=("carla", "dora"), name=None):
        file = self.folder / (name or f"vendors-{version}.bundle")
        assay("vendors", "build", self.data, "--version", version, "--expires", expires, "--out", file)
        for signer in signers:
            assay("vendors", "sign", file, "--key", self.folder / f"{signer}.key")
        return file

    def install(self, file, codes=(0,)):
        return run(BIN / "assay-verifier", "vendors", "install", file, "--state", self.verifier.state, codes=codes)

    def version_in_use(self):
        lines = [line for line in self.verifier.log.read_text().splitlines() if "vendor data: version" in line]
        return int(lines[-1].split("version ")[1].split(",")[0])

    def test_1_the_first_start_is_on_an_example_key_and_says_so(self):
        self.assertEqual(self.version_in_use(), 1)
        self.assertIn("example-vendor.key", self.verifier.log.read_text())

    def test_2_a_fault_in_the_files_is_told_with_file_line_and_remedy_and_nothing_is_built(self):
        bad = self.data / "vendors" / "zz-bad.toml"
        bad.write_text('id = "zz-bad"\ncolour = "red"\n[[names]]\nkind = "legal"\ntexts = ["Bad"]\nsource = "x"\n')
        answer = json.loads(assay("--json", "vendors", "check", self.data, codes=(NOT_PROCESSED,)).stdout)
        self.assertIn(("vendors/zz-bad.toml", 2), [(row["file"], row["line"]) for row in answer["complaints"]])
        out = self.folder / "never.bundle"
        refused = assay("vendors", "build", self.data, "--version", 2, "--expires", "2099-01-01", "--out", out, codes=(NOT_PROCESSED,))
        self.assertIn("vendors/zz-bad.toml:2", refused.stderr)
        self.assertFalse(out.exists())
        bad.unlink()
        self.assertIn(" 0 complaints", assay("vendors", "check", self.data).stdout)

    def test_3_two_signers_make_it_valid_and_one_does_not(self):
        file = self.build(2, signers=("carla",))
        verify = ("--json", "vendors", "verify", file, "--keys", self.keys, "--signatures", 2)
        answer = json.loads(assay(*verify, codes=(CONTRAINDICATED,)).stdout)
        self.assertEqual([row["id"] for row in answer["reasons"]], ["vendors.too_few_signatures"])
        assay("vendors", "sign", file, "--key", self.folder / "carla.key")  # again: one signer stays one
        self.assertEqual(len(json.loads(assay("--json", "vendors", "show", file).stdout)["signatures_not_verified"]), 1)
        assay("vendors", "sign", file, "--key", self.folder / "dora.key")
        self.assertEqual(json.loads(assay(*verify).stdout)["verdict"], "valid")

    def test_4_the_same_files_give_the_same_bytes_and_a_file_is_not_overwritten(self):
        command = ("vendors", "build", self.data, "--version", 9, "--expires", "2099-01-01", "--issued", "2026-01-01", "--out")
        assay(*command, self.folder / "a.bundle")
        assay(*command, self.folder / "b.bundle")
        self.assertEqual((self.folder / "a.bundle").read_bytes(), (self.folder / "b.bundle").read_bytes())
        self.assertIn("not overwritten", assay(*command, self.folder / "a.bundle", codes=(NOT_PROCESSED,)).stderr)

    def test_5_the_difference_is_told_in_words(self):
        decisions = self.data / "decisions" / "site.toml"
        decisions.write_text('[[decisions]]\nentities = ["dell"]\ncomponent = "bmc"\ndecision = "deny"\nreason = "a trial"\n'
                             'approver = "carla"\nfrom = 2026-01-01\n')
        self.build(3)
        answer = json.loads(assay("--json", "vendors", "diff", self.folder / "vendors-2.bundle", self.data).stdout)
        self.assertEqual([(row["of"], row["subject"]) for row in answer["changes"]], [("decision", "entities dell, bmc")])
        self.assertIn("new (deny: a trial; approved by carla", answer["changes"][0]["text"])

    def test_6_the_verifier_takes_it_only_from_signers_that_its_owner_trusts(self):
        two = self.folder / "vendors-2.bundle"
        refused = self.install(two, codes=(NOT_PROCESSED,))
        self.assertIn("vendors.too_few_signatures", refused.stderr)
        for key in self.keys.iterdir():
            shutil.copy(key, self.verifier.state / "vendor-keys")
        config = self.verifier.state / "verifier.toml"
        config.write_text(config.read_text().replace("vendor_signatures = 1", "vendor_signatures = 2"))
        (self.verifier.state / "vendor-keys" / "example.pem").unlink()
        (self.verifier.state / "example-vendor.key").unlink()
        self.assertIn("installed version 2", self.install(two).stdout)
        self.verifier.stop()
        self.verifier.start()
        self.assertEqual(self.version_in_use(), 2)
        self.assertNotIn("example-vendor.key", self.verifier.log.read_text())

    def test_7_an_older_one_is_refused_even_when_it_is_copied_by_hand(self):
        self.install(self.folder / "vendors-3.bundle")
        self.verifier.stop()
        self.verifier.start()
        self.assertEqual(self.version_in_use(), 3)
        self.assertIn("vendors.rolled_back", self.install(self.folder / "vendors-2.bundle", codes=(NOT_PROCESSED,)).stderr)
        self.verifier.stop()
        shutil.copy(self.folder / "vendors-2.bundle", self.verifier.state / "vendors.bundle")
        done = subprocess.run([BIN / "assay-verifier", "serve", "--state", self.verifier.state], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, NOT_PROCESSED)
        self.assertIn("vendors.rolled_back", done.stderr)
        self.assertIn("docs/howto/sign-vendor-data.md", done.stderr)
        shutil.copy(self.folder / "vendors-3.bundle", self.verifier.state / "vendors.bundle")
        self.verifier.start()

    def test_8_an_edited_and_an_expired_one_are_refused_by_name(self):
        edited = self.build(4)
        content = bytearray(edited.read_bytes())
        at = content.index(b"Dell Inc.")
        content[at:at + 4] = b"Doll"
        edited.write_bytes(content)
        self.assertIn("vendors.edited", self.install(edited, codes=(NOT_PROCESSED,)).stderr)
        old = self.folder / "expired.bundle"
        assay("vendors", "build", self.data, "--version", 5, "--issued", "2020-01-01", "--expires", "2021-01-01", "--out", old)
        for signer in ("carla", "dora"):
            assay("vendors", "sign", old, "--key", self.folder / f"{signer}.key")
        self.assertIn("vendors.expired", self.install(old, codes=(NOT_PROCESSED,)).stderr)

    def test_9_the_verifier_tells_which_hosts_other_vendor_data_would_change_and_changes_nothing(self):
        agent = Agent(self.folder, self.verifier, self.tpm.tcti)
        agent.enrol("rack-7")
        agent("attest", codes=VERDICTS)
        before = self.verifier.assay_json("hosts")
        (self.data / "decisions" / "site.toml").write_text(
            '[[decisions]]\nentities = ["ibm"]\ncomponent = "tpm"\ndecision = "deny"\nreason = "a trial"\n'
            'approver = "carla"\nfrom = 2026-01-01\n')
        diff = ("vendors", "diff", self.folder / "vendors-3.bundle", self.data, "--hosts")
        hosts = self.verifier.assay_json(*diff)["hosts"]
        self.assertEqual((hosts["judged"], [row["host"] for row in hosts["changed"]]), (1, ["rack-7"]))
        self.assertEqual(hosts["changed"][0]["tier_then"], "contraindicated")
        self.assertIn("vendor.unapproved", [finding["id"] for finding in hosts["changed"][0]["gained"]])
        self.assertIn("1 of 1 hosts would change", self.verifier.assay(*diff).stdout)
        self.assertEqual(self.verifier.assay_json("hosts"), before)

    def test_a_where_the_makers_parts_are_and_whom_nobody_knows(self):
        answer = self.verifier.assay_json("vendors", "exposure", "ibm")
        exposure = answer["exposure"]
        self.assertIn(("rack-7", "tpm"), [(part["host"], part["component"]) for part in exposure["parts"]])
        self.assertEqual(exposure["coverage"]["attested"], 1)
        # It proves itself to who has it as a file, and not where one host fewer was asked.
        signed = self.folder / "exposure.json"
        signed.write_text(json.dumps(answer))
        self.verifier.assay("result", "verify", signed)
        answer["exposure"]["coverage"]["hosts"] += 1
        signed.write_text(json.dumps(answer))
        self.verifier.assay("result", "verify", signed, codes=(NOT_PROCESSED,))
        self.assertIn("rack-7", self.verifier.assay("vendors", "exposure", "ibm").stdout)
        self.assertIn("identifiers", self.verifier.assay_json("vendors", "unknown"))


if __name__ == "__main__":
    need("openssl", "swtpm", "swtpm_setup", "swtpm_localca")
    unittest.main(verbosity=2)
