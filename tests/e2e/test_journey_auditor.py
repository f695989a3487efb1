"""An auditor who does not trust the verifier: the same bytes, from the files alone."""
import json
import unittest

from harness import need
from journey import Journey

PAGE = "docs/howto/audit-offline.md"


class Auditor(Journey):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first_host("rack-7")

    def test_1_the_owner_gives_what_the_page_asks_for_and_the_signature_holds(self):
        self.follow(f"{PAGE}#1-what-to-ask-for")
        self.follow(f"{PAGE}#2-the-signature")

    def test_2_without_the_verifier_the_same_bytes_come_out(self):
        self.do("sudo systemctl stop assay-verifier; unset ASSAY_CONFIG; rm -r ~/assay-operator")
        own = "".join(self.follow(f"{PAGE}#a-bundle-that-the-host-itself-saved"))
        self.assertIn("with the verifier's statement of activation", own)
        # A recorded machine has the clock of its recording, which is before its enrolment: test_offline.py has a host that affirms.
        self.assertIn("identity.activation_untimely", own)
        answers = self.follow(f"{PAGE}#3-appraise-again")
        self.assertIn("the same", "".join(answers))
        occasion, conclusion = (line.split()[0] for line in answers[-1].splitlines())
        result = json.loads((self.checkout / "rack-7.json").read_text())
        self.assertEqual(result["conclusion"], conclusion)
        token = self.do("cut -d. -f2 rack-7.jwt | tr _- /+ | sed 's/$/==/' | base64 -d -i 2>/dev/null || true")
        self.assertIn(occasion, token)
        self.assertIn(conclusion, token)

    def test_3_a_bundle_that_somebody_edited_does_not_come_out_the_same(self):
        bundle = self.checkout / "rack-7.bundle"
        edited = bundle.read_bytes().replace(b"220901734", b"220901735")
        self.assertNotEqual(edited, bundle.read_bytes())
        bundle.write_bytes(edited)
        with self.assertRaises(AssertionError):
            self.follow(f"{PAGE}#3-appraise-again")


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca", "tpm2_pcrextend", "curl", "jq", "openssl")
    unittest.main(verbosity=2, failfast=True)
