"""What a host was delivered with, with real processes: a recorded server, and a drive that is another one."""
import json
import unittest

from harness import NOT_PROCESSED, SOURCE, VERDICTS, Agent, Site, need

CORPUS = SOURCE.parent / "shared" / "corpus" / "platformcert"
RACK = SOURCE / "tests" / "recorded" / "rack-8"


def words(name):
    return " ".join((RACK / "files" / "sys" / "class" / "nvme" / "nvme0" / name).read_text().split())


class ADeliveredHost(Site):
    """Tests run in the order of their names: each goes on where the one before ended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = Agent(cls.folder, cls.verifier, cls.tpm.tcti, recorded=RACK)
        cls.agent.enrol("rack-8")
        cls.list = cls.folder / "as-built.csv"

    def endorse(self, serial):
        self.list.write_text(f"class,model,serial\ndrive,{words('model')},{serial}\nother,fan 80 mm,F-1\n")
        return self.verifier.assay("hosts", "endorse", "rack-8", "--manifest", self.list).stdout

    def attested(self):
        result = json.loads(self.agent("attest", "--json", codes=VERDICTS).stdout)["result"]
        [check] = [each for each in result["checks"] if each["check"] == "components_are_as_delivered"]
        return check, {each["id"]: each for each in result["findings"] if each["id"].startswith("delivery.")}

    def test_1_without_an_endorsement_the_check_says_not_asked(self):
        check, findings = self.attested()
        self.assertEqual((check["tier"], findings), ("none", {}))
        self.assertIn("not asked", check["summary"])
        refused = self.verifier.assay("hosts", "endorsement", "rack-8", codes=(NOT_PROCESSED,))
        self.assertIn("delivered with", refused.stderr)

    def test_2_the_parts_of_the_list_are_there_and_what_cannot_be_seen_is_told(self):
        self.assertIn("2 parts by as-built list", self.endorse(words("serial")))
        check, findings = self.attested()
        self.assertEqual((check["tier"], findings), ("affirming", {}))
        self.assertIn("1 of 1 parts as delivered", check["summary"])
        self.assertIn("1 parts not checked", check["summary"])
        self.assertIn("other", check["summary"])

    def test_3_another_drive_in_its_place_is_a_finding_with_both_sides(self):
        self.endorse("DELIVERED-1")
        check, findings = self.attested()
        self.assertEqual(check["tier"], "contraindicated")
        finding = findings["delivery.part_replaced"]
        self.assertIn("DELIVERED-1", finding["expected"])
        self.assertIn(words("serial"), finding["actual"])

    def test_4_a_list_with_a_fault_is_refused_with_file_line_and_remedy(self):
        self.list.write_text("class,serial\ndisk,S1\n")
        refused = self.verifier.assay("hosts", "endorse", "rack-8", "--manifest", self.list, codes=(NOT_PROCESSED,))
        self.assertIn(f"{self.list}: line 2: class: 'disk' is none of", refused.stderr)

    def test_5_another_machines_platform_certificate_is_refused_with_every_reason_and_changes_nothing(self):
        if not CORPUS.is_dir():
            self.skipTest("no corpus of platform certificates")
        file = CORPUS / "paccor" / "platform_cert.20250909102720.crt"
        refused = self.verifier.assay("hosts", "endorse", "rack-8", "--platform-certificate", file, codes=(NOT_PROCESSED,))
        for reason in ("platform_certificate.holder_is_another", "platform_certificate.issuer_not_given"):
            self.assertIn(reason, refused.stderr)
        self.assertEqual(self.verifier.assay_json("hosts", "endorsement", "rack-8")["source"], "as-built list")


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca")
    unittest.main(verbosity=2)
