"""`assay inspect` over real firmware logs, tables and quotes: an answer or a clear refusal, never a crash."""
import base64
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from harness import BIN, SKIPPED, SOURCE, cbor

CORPUS = SOURCE.parent / "shared" / "corpus"
# What the corpus names as no log.
REFUSED = {"binary_bios_measurements-bogus", "binary_bios_measurements-empty"}

# Quotes whose answer is not what their source says of them: verdict, the reasons that must be among those given, and why.
UNPUBLISHED = ("undecided", {"quote.key_not_given", "quote.nonce_not_given"}, "its key and nonce were never published")
NOT_A_QUOTE = ("invalid", {"quote.not_a_quote"}, "TPM2_Certify in a WebAuthn statement: valid as that, and no quote")
DIFFERENCES = {
    "go-attestation/windows-gcp-sha1": (
        "invalid", {"quote.hash_not_allowed", "quote.key_not_allowed"}, "its source accepts a signature with SHA-1"),
    "go-attestation/create-attest-infineon-rsa": (
        "invalid", {"quote.not_a_quote", "quote.hash_not_allowed"}, "TPM2_CertifyCreation: valid as that, and no quote"),
    "rust-keylime/test-quote": (
        "invalid", {"quote.hash_not_allowed", "quote.key_not_given"}, "its source only decodes it; SHA-1, the key is unknown"),
    "trustee/tpm_evidence": ("undecided", {"quote.nonce_not_given"}, "its source only decodes it; no nonce is known"),
    "veraison-enacttrust/basic": (
        "undecided", {"quote.nonce_not_given", "quote.pcrs_not_given"}, "its source asks for the signature alone"),
}


def inspect(kind, file):
    done = subprocess.run([BIN / "assay", "--json", "inspect", kind, file], capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 1), f"{file}: exit code {done.returncode}\n{done.stderr[-2000:]}"
    return done.returncode, json.loads(done.stdout)


def verdict(kind, path):
    done = subprocess.run([BIN / "assay", "--json", "inspect", kind, path], capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 3, 5), f"{path}: exit code {done.returncode}\n{done.stdout}{done.stderr[-2000:]}"
    return done.returncode, json.loads(done.stdout)


def verdict_of_folder(folder, nonce):
    """With this nonce: the verdict, and the reasons that are about it."""
    done = subprocess.run([BIN / "assay", "--json", "inspect", "quote", folder, "--nonce", nonce], capture_output=True, text=True, timeout=60)
    answer = json.loads(done.stdout)
    return answer["verdict"], {each["id"] for each in answer["reasons"] if "nonce" in each["id"]}


def as_the_source_says(expected):
    """VALID..., INVALID: signature, INVALID: nonce, INVALID, no crash."""
    said = expected.split("|")[0].strip()
    if said.startswith("VALID"):
        return ("valid", set(), said)
    assert said.startswith("INVALID"), said
    reason = {"INVALID: signature": {"quote.signature_invalid"}, "INVALID: nonce": {"quote.nonce_mismatch"}}
    return ("invalid", reason.get(said, set()), said)


def statement_folder(file, scratch):
    """The TPMS_ATTEST, signature and key of a WebAuthn attestation statement, as a folder of a quote."""
    text = json.loads(file.read_text())["response"]["attestationObject"]
    statement = cbor(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))[0]["attStmt"]
    folder = scratch / file.stem
    folder.mkdir()
    (folder / "attest.bin").write_bytes(statement["certInfo"])
    (folder / "sig.bin").write_bytes(statement["sig"])
    key = subprocess.run(["openssl", "x509", "-inform", "DER", "-pubkey", "-noout"], input=statement["x5c"][0],
                         capture_output=True, check=True)
    (folder / "akpub.pem").write_bytes(key.stdout)
    return folder


def entries(kind):
    for manifest in sorted((CORPUS / kind).glob("*/MANIFEST.tsv")):
        with open(manifest, newline="") as rows:
            for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield manifest.parent / row["file"], row


class RealFiles(unittest.TestCase):
    def test_a_platform_certificate_and_its_delta_are_judged_and_applied(self):
        folder = CORPUS / "platformcert"
        pair = [folder / "hirs-system-test" / f"laptop_{name}_addMem.crt" for name in ("base_platform_cert", "deltaPlatCert")]
        ek = folder / "paccor" / "expected" / "platform_cert.20250909102720.crt.ek.crt"
        paccor = folder / "paccor" / "platform_cert.20250909102720.crt"
        for files, more, expected, code in (
                (pair, [], "undecided", 5),
                ([pair[0]], ["--ek-certificate", ek], "invalid", 3),
                ([paccor], ["--ek-certificate", ek], "valid", 0)):
            done = subprocess.run(
                [BIN / "assay", "--json", "inspect", "platform-certificate", *files, "--roots", folder / "signers", *more,
                 "--at", "2027-01-01"], capture_output=True, text=True, timeout=120)
            answer = json.loads(done.stdout)
            self.assertEqual((answer["verdict"], done.returncode), (expected, code), answer["reasons"])
            components = [len(each["components"]) for each in answer["details"]["certificates"]]
            self.assertEqual(len(answer["details"]["components"]), sum(components))  # the delta adds one, removes none

    def test_every_boot_log_is_replayed_or_refused_with_code_offset_and_reason(self):
        replayed, refused = 0, []
        for file, row in entries("eventlog"):
            if row["kind"] != "eventlog":
                continue
            with self.subTest(file=file.name):
                code, answer = inspect("eventlog", file)
                if code == 0:
                    self.assertTrue(answer["events"])
                    self.assertIn("pcrs", answer)
                    replayed += 1
                else:
                    self.assertTrue(answer["error"]["code"] and answer["error"]["message"], answer)
                    self.assertIn("offset", answer["error"])
                    refused.append(file.name)
        print(f"{replayed} logs replayed, refused: {', '.join(refused)}")
        self.assertGreaterEqual(replayed, 70)
        self.assertLessEqual(REFUSED & {file.name for file, _ in entries("eventlog")}, set(refused))

    def test_every_quote_has_the_verdict_that_its_source_gives_or_a_difference_that_is_explained(self):
        answered, agreed = 0, 0
        with tempfile.TemporaryDirectory() as scratch:
            for file, row in entries("quote"):
                source = file.relative_to(CORPUS / "quote").parts[0]
                name = f"{source}/{row['file'].split('/')[0]}"
                with self.subTest(case=name):
                    if row["file"].endswith(".json"):
                        folder, expected = statement_folder(file, pathlib.Path(scratch)), NOT_A_QUOTE
                    else:
                        folder = CORPUS / "quote" / name
                        expected = UNPUBLISHED if name.startswith("immune-guard/") else DIFFERENCES.get(name)
                    if expected is None:
                        agreed += 1
                        expected = as_the_source_says(row["expected"])
                    code, answer = verdict("quote", folder)
                    reasons = {reason["id"] for reason in answer["reasons"]}
                    self.assertEqual(answer["verdict"], expected[0], answer)
                    self.assertLessEqual(expected[1], reasons, expected[2])
                    self.assertEqual(code, {"valid": 0, "invalid": 3, "undecided": 5}[answer["verdict"]])
                    if answer["verdict"] == "valid":
                        self.assertFalse({r["id"] for r in answer["reasons"] if r["effect"] != "valid"})
                    answered += 1
        print(f"{answered} quotes answered, {agreed} as their source says, the others by the table of differences")
        self.assertGreaterEqual(answered, 36)

    def test_quotes_whose_digest_is_by_the_hash_of_the_scheme_are_valid_with_their_quirk_named(self):
        for bank, quirk in (("sha1", True), ("sha256", False), ("sha384", True)):
            with self.subTest(bank=bank):
                _, answer = verdict("quote", CORPUS / "quote" / "go-tpm-tools" / f"gce-cos-85-nonce9009-{bank}")
                self.assertEqual(answer["verdict"], "valid")
                self.assertEqual("quote.quirk.digest_by_scheme_hash" in {r["id"] for r in answer["reasons"]}, quirk)

    def test_a_nonce_beside_a_folder_stands_for_the_folders_own(self):
        folder = CORPUS / "quote" / "go-tpm-tools" / "gce-cos-85-nonce9009-sha256"
        with tempfile.TemporaryDirectory() as scratch:
            nonce = pathlib.Path(scratch) / "nonce"
            nonce.write_bytes((folder / "nonce.bin").read_bytes())
            self.assertEqual(verdict_of_folder(folder, nonce), ("valid", set()))
            nonce.write_bytes(b"another nonce")
            self.assertEqual(verdict_of_folder(folder, nonce), ("invalid", {"quote.nonce_mismatch"}))
            done = subprocess.run([BIN / "assay", "inspect", "quote", folder / "attest.bin", "--nonce", nonce],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 2, done.stderr)

    def test_every_ima_list_is_shown_entry_by_entry_with_the_pcrs_that_another_tool_gives(self):
        shown, compared = 0, 0
        for file in sorted((CORPUS / "ima").glob("*/*")):
            if file.is_dir() or file.name == "MANIFEST.tsv":
                continue
            with self.subTest(file=file.name):
                code, answer = inspect("ima", file)
                if code != 0:
                    self.assertTrue(answer["error"]["message"])
                    continue
                shown += 1
                self.assertEqual(answer["count"], len(answer["entries"]))
                self.assertFalse(answer["verified"])
                peer = file.parent / "expected" / f"{file.name}.ibm-imaextend.tsv"
                rows = peer.read_text().splitlines() if peer.exists() else []
                if any("replay only): 0" in row for row in rows):
                    for bank, pcr, value in (row.split("\t") for row in rows if not row.startswith("#")):
                        self.assertEqual(answer["pcrs"][bank][pcr], value, f"{bank}:{pcr}")
                    compared += 1
        self.assertGreater(shown, 10)
        self.assertGreater(compared, 5)

    def test_text_and_noise_are_refused_by_every_inspector(self):
        for kind in ("eventlog", "ima", "smbios", "usb", "quote", "evidence"):
            with self.subTest(kind=kind):
                code, answer = inspect(kind, SOURCE / "LICENSE")
                self.assertEqual(code, 1)
                self.assertTrue(answer["error"]["message"])


if __name__ == "__main__":
    if not CORPUS.exists():
        print("SKIPPED: the corpus of real logs is not beside this checkout")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
