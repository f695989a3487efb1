"""A supply-chain officer: who signs the vendor data, and what a host was delivered with."""
import unittest

from harness import need
from journey import Journey

PAGE = "docs/howto/sign-vendor-data.md"


class VendorOfficer(Journey):
    answers = {"-aes256": "a passphrase\na passphrase\n", ".key -pubout": "a passphrase\n", "--passphrase-file -": "a passphrase\n"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first_host()

    def test_1_three_signers_make_their_keys_and_sign_a_new_edition(self):
        signers = ("carla", "dora", "emil")
        for signer in signers:
            self.follow(f"{PAGE}#1-the-signers", {"carla": signer})
        self.do("printf '[[decisions]]\\nentities = [\"dell\"]\\ncomponent = \"bmc\"\\ndecision = \"deny\"\\nreason = \"a trial\"\\n"
                "approver = \"carla\"\\nfrom = 2026-01-01\\n' >vendor-db/decisions/site.toml")
        self.follow(f"{PAGE}#2-the-bundle")
        self.follow(f"{PAGE}#each-signs", {"carla": "dora"})
        self.assertIn("dell", self.do("assay vendors diff vendors-1.bundle vendors-2.bundle"))

    def test_2_the_verifier_loads_it_and_no_more_with_the_key_that_it_was_set_up_with(self):
        self.assertIn("example-vendor.key", self.do("cat $JOURNEY/assay-verifier.log"))
        self.follow(f"{PAGE}#3-the-verifier")
        log = self.do("cat $JOURNEY/assay-verifier.log")
        self.assertIn("vendor data: version 2", log)
        self.assertNotIn("example-vendor.key", log)

    def test_3_a_host_is_compared_with_the_list_that_came_with_it(self):
        def words(name):
            return " ".join((self.at / "recorded/files/sys/class/nvme/nvme0" / name).read_text().split())

        (self.checkout / "rack-7.csv").write_text(f"class,model,serial\ndrive,{words('model')},{words('serial')}\n")
        self.follow("docs/howto/endorse-hosts.md")
        self.assertIn("1 of 1 parts as delivered", self.do("assay-agent attest"))


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca", "tpm2_pcrextend", "curl", "jq", "openssl")
    unittest.main(verbosity=2, failfast=True)
