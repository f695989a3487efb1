"""`assay reference import`: manifests that another implementation signed (Python's XML canonicalization and cryptography) become
reference sets of vendor data, and those that were changed do not."""
import base64
import datetime
import hashlib
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from harness import BIN, SKIPPED

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.x509.oid import NameOID
except ImportError:
    print("SKIPPED: no python3-cryptography")
    sys.exit(SKIPPED)

DSIG = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


def certificate(subject, key, issuer, issuer_key, authority):
    def name(text):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.datetime.utcnow()
    made = (x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer)).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True))
    return made.sign(issuer_key, hashes.SHA256())


def event_log():
    """One event of PCR 4 and one of PCR 1, crypto-agile, SHA-256 alone."""
    spec = b"Spec ID Event03\0" + struct.pack("<IBBBBIHH", 0, 0, 2, 0, 2, 1, 0x000b, 32) + b"\0"
    log = struct.pack("<II20sI", 0, 3, b"", len(spec)) + spec
    for pcr, data in ((4, b"a boot loader"), (1, b"a setting")):
        log += struct.pack("<IIIH", pcr, 0x0d, 1, 0x000b) + hashlib.sha256(data).digest() + struct.pack("<I", len(data)) + data
    return log


def digest_of(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def signed_tag(log, key, signer, tag_version=1, version="2.19.1"):
    tag = (
        '<SoftwareIdentity xmlns="http://standards.iso.org/iso/19770/-2/2015/schema.xsd" name="r750 BIOS" tagId="example" '
        f'tagVersion="{tag_version}" version="{version}"><Entity name="Example" role="tagCreator"></Entity><Meta '
        'xmlns:rim="https://trustedcomputinggroup.org/wp-content/uploads/TCG_RIM_Model" rim:bindingSpec="PC Client RIM" '
        'rim:platformModel="PowerEdge R750"></Meta><Payload><File xmlns:h="' + SHA256 + f'" name="r750.rimel" size="{len(log)}" '
        f'h:hash="{hashlib.sha256(log).hexdigest()}"></File></Payload>%s</SoftwareIdentity>')
    whole = digest_of(ElementTree.canonicalize(tag % ""))
    info = (f'<SignedInfo xmlns="{DSIG}"><CanonicalizationMethod Algorithm="{EXCLUSIVE}"></CanonicalizationMethod>'
            '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></SignatureMethod><Reference URI="">'
            f'<Transforms><Transform Algorithm="{DSIG}enveloped-signature"></Transform><Transform Algorithm="{EXCLUSIVE}">'
            f'</Transform></Transforms><DigestMethod Algorithm="{SHA256}"></DigestMethod><DigestValue>{whole}</DigestValue>'
            '</Reference></SignedInfo>')
    value = key.sign(ElementTree.canonicalize(info).encode(), padding.PKCS1v15(), hashes.SHA256())
    chain = base64.b64encode(signer.public_bytes(serialization.Encoding.DER)).decode()
    return tag % (f'<Signature xmlns="{DSIG}">{info}<SignatureValue>{base64.b64encode(value).decode()}</SignatureValue><KeyInfo>'
                  f'<X509Data><X509Certificate>{chain}</X509Certificate></X509Data></KeyInfo></Signature>')


class Import(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        root_key = rsa.generate_private_key(65537, 2048)
        cls.key = rsa.generate_private_key(65537, 2048)
        root = certificate("Maker root", root_key, "Maker root", root_key, True)
        cls.signer = certificate("Maker signer", cls.key, "Maker root", root_key, False)
        (cls.folder / "root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
        (cls.folder / "r750.rimel").write_bytes(event_log())

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return self.folder / name

    def assay(self, *arguments):
        done = subprocess.run([BIN / "assay", *map(str, arguments)], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def imported(self, *arguments):
        return self.assay("reference", "import", *arguments, "--roots", self.folder / "root.pem")

    def test_a_signed_tag_becomes_a_set_that_vendor_data_takes(self):
        tag = self.write("r750.swidtag", signed_tag(event_log(), self.key, self.signer))
        code, listed, error = self.imported(tag, "--list", "--json")
        self.assertEqual(code, 0, error)
        manifest, = json.loads(listed)
        self.assertEqual(manifest["signer"]["subject"], "CN=Maker signer")
        self.assertEqual([value["pcr"] for value in manifest["values"]], [4, 1])
        references = self.folder / "data" / "references"
        references.mkdir(parents=True)
        code, out, error = self.imported(tag, "--out", references / "r750.toml")
        self.assertEqual(code, 0, error)
        self.assertIn("1 values of PCR 1", error)
        code, shown, error = self.assay("--json", "reference", "show", references / "r750.toml")
        self.assertEqual(code, 0, error)
        found, = json.loads(shown)
        self.assertEqual((found["name"], found["version"], found["model"], found["origin"]),
                         ("r750 BIOS", "2.19.1", "PowerEdge R750", "rim"))
        self.assertEqual([(event["pcr"], event["digest"]) for event in found["events"]],
                         [(4, "sha256:" + hashlib.sha256(b"a boot loader").hexdigest())])
        code, _, error = self.imported(tag, "--out", references / "r750.toml")
        self.assertEqual(code, 1)
        self.assertIn("is not overwritten", error)

    def test_what_was_changed_or_is_not_trusted_is_refused_with_the_reason(self):
        text = signed_tag(event_log(), self.key, self.signer)
        stranger = rsa.generate_private_key(65537, 2048)
        other = certificate("Maker signer", stranger, "Maker root", stranger, False)
        for name, changed, reason in (
                ("model", text.replace("PowerEdge R750", "PowerEdge R760"), "was changed after it was signed"),
                ("stranger", signed_tag(event_log(), stranger, other), "which is not trusted"),
                ("unsigned", text[:text.index("<Signature")] + "</SoftwareIdentity>", "is not signed"),
                ("entities", "<!DOCTYPE a [<!ENTITY b 'c'>]>" + text, "document type declaration")):
            with self.subTest(name):
                code, out, error = self.imported(self.write(name + ".swidtag", changed))
                self.assertEqual((code, out), (1, ""))
                self.assertIn(f"{name}.swidtag", error)
                self.assertIn(reason, error)

    def test_an_older_manifest_and_another_log_are_refused(self):
        old = self.write("old.swidtag", signed_tag(event_log(), self.key, self.signer, 1))
        new = self.write("new.swidtag", signed_tag(event_log(), self.key, self.signer, 2))
        self.assertEqual(self.imported(new, "--last", old)[0], 0)
        code, _, error = self.imported(old, "--last", new)
        self.assertEqual(code, 1)
        self.assertIn("tag version 1, and 2 was read before", error)
        other = self.folder / "other.rimel"
        other.write_bytes(event_log()[:-1] + b"!")
        code, _, error = self.imported(new, "--support", other)
        self.assertEqual(code, 1)
        self.assertIn("no manifest has this digest", error)

    def test_a_list_made_by_sha256sum_is_a_set_of_files(self):
        kernel = self.folder / "vmlinuz"
        kernel.write_bytes(b"a kernel")
        listed = self.write("kernels.txt", subprocess.run(["sha256sum", kernel], capture_output=True, text=True, check=True).stdout)
        self.assertEqual(self.assay("reference", "import", listed)[0], 2)
        code, out, error = self.assay("--json", "reference", "import", listed, "--name", "kernel", "--version", "6.1", "--model", "*")
        self.assertEqual(code, 0, error)
        found, = json.loads(out)
        self.assertEqual(found["origin"], "list")
        self.assertEqual([file["digest"] for file in found["files"]], ["sha256:" + hashlib.sha256(b"a kernel").hexdigest()])


if __name__ == "__main__":
    unittest.main(verbosity=2)
