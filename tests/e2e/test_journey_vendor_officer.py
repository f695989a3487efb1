"""A supply-chain officer: who signs the vendor data, and what a host was delivered with."""
import unittest

from harness import need
from journey import Journey
from journey_site import SignedVendorData


class VendorOfficer(SignedVendorData, Journey):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first_host()

    def test_1_three_signers_sign_a_new_edition_and_the_verifier_loads_no_other_any_more(self):
        self.assertIn("example-vendor.key", self.do("cat $JOURNEY/assay-verifier.log"))
        (self.checkout / "vendor-db/decisions/site.toml").write_text(
            '[[decisions]]\nentities = ["dell"]\ncomponent = "bmc"\ndecision = "deny"\nreason = "a trial"\napprover = "carla"\nfrom = 2026-01-01\n')
        self.sign_vendor_data()
        self.assertIn("dell", self.do("assay vendors diff vendors-1.bundle vendors-2.bundle"))
        _, taken, since = self.do("cat $JOURNEY/assay-verifier.log").partition("vendor data: version 2")
        self.assertTrue(taken)
        self.assertNotIn("example-vendor.key", since)

    def test_2_a_host_is_compared_with_the_list_that_came_with_it(self):
        def words(name):
            return " ".join((self.at / "recorded/files/sys/class/nvme/nvme0" / name).read_text().split())

        (self.checkout / "rack-7.csv").write_text(f"class,model,serial\ndrive,{words('model')},{words('serial')}\n")
        self.follow("docs/howto/endorse-hosts.md")
        self.assertIn("1 of 1 parts as delivered", self.do("assay-agent attest"))


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca", "tpm2_pcrextend", "curl", "jq", "openssl")
    unittest.main(verbosity=2, failfast=True)
