"""A technician with a pallet of 40 servers and the maker's list of their TPMs."""
import datetime
import hashlib
import os
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from harness import NOT_PROCESSED, need, run
from journey import Journey

HOSTS = int(os.environ.get("ASSAY_JOURNEY_HOSTS", "40"))


def empty_list(certificate, key):
    """A revocation list of a CA that has revoked nothing."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return (x509.CertificateRevocationListBuilder().issuer_name(x509.load_pem_x509_certificate(certificate).subject)
            .last_update(now).next_update(now + datetime.timedelta(days=30))
            .sign(serialization.load_pem_private_key(key, None), hashes.SHA256()).public_bytes(serialization.Encoding.DER))


class Technician(Journey):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first_host()
        cls.pallet = [f"rack-{number}" for number in range(101, 101 + HOSTS)]
        rows = []
        for host in cls.pallet:  # one after the other: the certificate authority of swtpm_setup serves one at a time
            cls.deliver(host)
        for number, host in enumerate(cls.pallet, 1):
            certificate = cls.root / "ek.der"
            run("tpm2_nvread", "-T", cls.machines[host].tcti, "-C", "o", "0x1c00002", "-o", certificate)
            rows.append(f"{host},fra1,r{number // 20 + 1},{number},{hashlib.sha256(certificate.read_bytes()).hexdigest()},")
        (cls.checkout / "racks.csv").write_text("\n".join(["host,site,rack,unit,tpm_digest,chassis_serial", *rows, ""]))

    def test_1_the_purchase_list_is_read_and_every_server_of_it_enrols_without_a_token(self):
        first = self.pallet[0]
        self.sit_at(first)
        self.follow("docs/howto/admit-hosts.md#by-the-purchase-list", {"rack-7": first})
        for host in self.pallet[1:]:
            self.sit_at(host)
            self.follow("docs/howto/admit-hosts.md#on-each-server", {"rack-7": host})
        self.assertEqual(self.do("assay hosts --json | jq -r '.[].host' | grep -c rack-1"), f"{HOSTS}\n")

    def test_1b_the_whole_delivery_is_looked_at_and_has_one_sheet(self):
        (self.checkout / "purchase.csv").write_text((self.checkout / "racks.csv").read_text())
        *_, looked, _ = self.follow("docs/howto/receive-a-delivery.md")
        self.assertIn(f"{HOSTS} of {HOSTS} servers have their verdict", looked)
        sheet = (self.checkout / "delivery.html").read_text()
        for host in self.pallet:
            self.assertIn(f"<b>{host}</b>", sheet)
            self.assertTrue((self.checkout / f"{host}.jwt").exists())

    def test_2_a_server_that_is_on_no_list_comes_in_by_a_token(self):
        self.machine("rack-9")
        self.prepare("rack-9")
        self.follow("docs/howto/admit-hosts.md#by-a-token", {"rack-7": "rack-9"})

    def test_3_a_board_that_came_unannounced_is_refused_and_the_page_says_where_the_reason_is(self):
        self.sit_at("rack-7")
        self.new_board("rack-7")
        self.do("assay-agent enrol --name rack-7", codes=(NOT_PROCESSED,))
        self.follow("docs/howto/admit-hosts.md#who-was-refused-and-why")
        self.assertIn("admission.second_tpm", self.do("assay hosts refusals --host rack-7"))

    def test_4_the_exchanged_mainboard_is_let_in_by_its_order(self):
        self.follow("docs/howto/admit-hosts.md#after-a-mainboard-was-exchanged")
        self.assertIn("identity.replaced", self.do("assay findings --host rack-7"))

    def test_5_revocation_lists_are_tried_and_put_in_place(self):
        ca = self.root / "tpm-ca"
        root = next(ca.glob("*rootca-cert.pem")).read_bytes()
        root_key = next(ca.glob("*rootca-privkey.pem")).read_bytes()
        issuer = (ca / "issuer.pem").read_bytes()
        (self.checkout / "maker-ca.pem").write_bytes(issuer)
        (self.checkout / "maker-ca.crl").write_bytes(empty_list(issuer, (ca / "key.pem").read_bytes()))
        (self.checkout / "maker-root.crl").write_bytes(empty_list(root, root_key))
        self.do(f"openssl x509 -inform DER -in {self.root}/ek.der -out ek.pem")
        self.follow("docs/howto/admit-hosts.md#revocation")
        self.do("assay-agent attest")

    @classmethod
    def deliver(cls, host):
        """A server with its TPM, the agent installed and told of the verifier, as the first host's page has it."""
        cls.build(host)
        cls.prepare(host)


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca", "tpm2_pcrextend", "tpm2_nvread", "curl", "jq", "openssl")
    unittest.main(verbosity=2, failfast=True)
