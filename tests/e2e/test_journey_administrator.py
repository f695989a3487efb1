"""The administrator of a verifier: certificates, what hosts may boot and run, and values that makers signed."""
import shutil
import unittest

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from harness import need
from journey import Journey
from test_reference_import import certificate, event_log, signed_tag


class Administrator(Journey):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first_host()
        cls.machine("rack-8")
        cls.prepare("rack-8")
        cls.do("assay token rack-8 >token && assay-agent enrol --token-file token --name rack-8 && assay-agent attest; [ $? != 1 ]")
        cls.sit_at("rack-7")

    def test_1_certificates_are_looked_at_and_renewed_and_nobody_notices(self):
        self.follow("docs/howto/renew-certificates.md")
        self.do("assay status && assay hosts")
        self.do("assay-agent attest")

    def test_2_a_captured_boot_chain_is_rehearsed_and_compared(self):
        page = "docs/howto/approve-a-boot-chain.md"
        # As the page says where the host is not affirming: this one's TPM is software.
        self.follow(f"{page}#1-capture-one-host-that-is-as-it-should-be", {"--version": "--despite 'a software TPM' --version"})
        self.follow(f"{page}#2-rehearse-before-anybody-signs")
        self.do("assay-agent attest")
        self.follow(f"{page}#what-changed", {"--since 2d": "--since 1s"})
        policies = self.checkout / "policies"
        policies.mkdir()
        shutil.copy(self.checkout / "verifier/policies/default.toml", policies)
        other = (policies / "default.toml").read_text().replace('name = "default"', 'name = "databases"', 1)
        (policies / "databases.toml").write_text(other + '\n[select]\nrole = ["database"]\n')
        self.follow(f"{page}#several-kinds-of-hosts")

    def test_3_the_files_that_a_host_runs_are_approved_by_rules_in_the_policy(self):
        self.do("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 | openssl pkey -pubout -out build-farm.pem")
        self.follow("docs/howto/approve-measured-files.md", {"/sys/kernel/security/ima/": f"{self.at}/recorded/files/sys/kernel/security/ima/"})
        self.assertNotIn("not asked       measured_files_are_approved", self.do("assay-agent attest; assay host show rack-7 --details"))

    def test_4_signed_reference_values_become_sets_of_the_vendor_data(self):
        root_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
        root = certificate("Maker root", root_key, "Maker root", root_key, True)
        signer = certificate("Maker signer", key, "Maker root", root_key, False)
        (self.checkout / "maker-root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
        (self.checkout / "r750.rimel").write_bytes(event_log())
        for number, version in enumerate(("2.19.1", "2.20.0"), 1):
            (self.checkout / f"r750-{version}.swidtag").write_text(signed_tag(event_log(), key, signer, number, version))
        (self.checkout / "vmlinuz-6.1.0-29-amd64").write_bytes(b"a kernel")
        # The set that was captured has the same name, and none is overwritten.
        (self.checkout / "vendor-db/references/r750-2.19.1.toml").unlink()
        self.follow("docs/howto/use-reference-values.md", {"/boot/vmlinuz": f"{self.checkout}/vmlinuz"})
        self.assertIn(" 0 complaints", self.do("assay vendors check ./vendor-db"))

    def test_5_the_fleet_is_asked_which_secure_boot_certificates_it_has(self):
        answers = self.follow("docs/howto/secure-boot-rollover.md#1-who-has-what")
        self.assertIn("2 hosts", answers[0])


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca", "tpm2_pcrextend", "curl", "jq", "openssl")
    unittest.main(verbosity=2, failfast=True)
