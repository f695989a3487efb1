"""Somebody who has never seen Assay: from an empty machine to a verdict that they can read."""
import unittest

from harness import need, run
from journey import Journey


class ReaderOfTheReadme(Journey):
    def test_its_commands_lead_to_a_verdict(self):
        self.machine("rack-7")
        self.follow("README.md#install-for-real")
        # The README names no TPM maker's root; the first host's page does, and the verdict says so.
        self.assertIn("identity.ek_certificate_untrusted", self.do("assay --config operator/config.toml host show rack-7"))


class Newcomer(Journey):
    answers = {"--owner-auth-file -": "owners-secret\n"}

    def test_1_the_pages_lead_from_nothing_to_a_verdict_on_the_first_host(self):
        self.first_host("rack-7")
        self.follow("docs/howto/first-host.md#4-the-verdict")
        self.assertIn("usb.unaccompanied", (self.checkout / "rack-7.html").read_text())

    def test_2_the_device_journal_is_looked_at_and_set_up_as_the_page_says(self):
        run("tpm2_changeauth", "-T", self.machines["rack-7"].tcti, "-c", "owner", "owners-secret")
        self.follow("docs/howto/first-host.md#the-journal-and-the-tpm")

    def test_3_the_finding_is_read_and_every_question_of_an_incident_is_answered(self):
        self.follow("docs/howto/read-a-finding.md")

    def test_4_a_server_whose_tpm_asks_for_a_password_enrols_with_it(self):
        self.machine("rack-10")
        self.prepare("rack-10")
        run("tpm2_changeauth", "-T", self.machines["rack-10"].tcti, "-c", "endorsement", "a secret")
        (self.at / "etc/assay/endorsement-auth").write_text("a secret\n")
        self.do("assay token rack-10 >token")
        type(self).token = (self.checkout / "token").read_text().strip()
        self.follow("docs/howto/first-host.md#a-tpm-whose-endorsement-hierarchy-has-a-password", {"rack-7": "rack-10"})
        self.assertIn("rack-10", self.do("assay hosts"))


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca", "tpm2_pcrextend", "curl", "jq", "openssl")
    unittest.main(verbosity=2, failfast=True)
