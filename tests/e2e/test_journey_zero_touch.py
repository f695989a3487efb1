"""Who installs servers without sitting at them: a list, two files on each, and the service does the rest."""
import hashlib
import unittest

from harness import need, run
from journey import Journey


class Installer(Journey):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first_host()
        cls.machine("rack-20")
        cls.prepare("rack-20")  # the two files; the recorded machine's own name is that of the machine that runs the test
        with open(cls.at / "etc/assay/agent.toml", "a") as file:
            file.write('name = "rack-20"\n')
        certificate = cls.root / "ek.der"
        run("tpm2_nvread", "-T", cls.machines["rack-20"].tcti, "-C", "o", "0x1c00002", "-o", certificate)
        (cls.checkout / "racks.csv").write_text(f"host,tpm_digest\nrack-20,{hashlib.sha256(certificate.read_bytes()).hexdigest()}\n")

    def test_the_page_leads_from_the_list_to_a_verdict_without_a_command_on_the_server(self):
        self.follow("docs/howto/zero-touch.md", {"rack-7": "rack-20"})
        self.assertIn("rack-20", self.do("assay hosts"))
        self.assertIn("enrolled as rack-20", (self.at / "assay-agent.log").read_text())


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca", "tpm2_pcrextend", "tpm2_nvread", "curl", "jq", "openssl")
    unittest.main(verbosity=2, failfast=True)
