"""An IMA list that grows, with real processes: a recorded host on a software TPM whose PCR 10 is extended as its kernel would."""
import hashlib
import json
import shutil
import struct
import unittest

from harness import BIN, POLICY, SOURCE, VERDICTS, Agent, Site, cbor, need, run

LIST = "sys/kernel/security/ima/binary_runtime_measurements"


def field(data):
    return struct.pack("<I", len(data)) + data


def entry(path, content):
    """One entry of the template ima-ng, and what it extends the SHA-256 bank with."""
    data = field(b"sha256:\0" + hashlib.sha256(content).digest()) + field(path.encode() + b"\0")
    return struct.pack("<I", 10) + hashlib.sha1(data).digest() + field(b"ima-ng") + field(data), hashlib.sha256(data).hexdigest()


class GrowingList(Site):
    def setUp(self):
        need("tpm2_pcrextend", "swtpm", "swtpm_setup", "swtpm_localca")
        self.machine = self.folder / "machine"
        shutil.copytree(SOURCE / "tests" / "recorded" / "rack-8", self.machine)
        self.list = self.machine / "files" / LIST
        self.list.write_bytes(b"")
        self.measure("boot_aggregate", b"of other PCRs")
        self.agent = Agent(self.folder, self.verifier, self.tpm.tcti, recorded=self.machine)
        self.agent.enrol("rack-8")

    def measure(self, path, content, listed=True):
        made, digest = entry(path, content)
        if listed:
            self.list.write_bytes(self.list.read_bytes() + made)
        run("tpm2_pcrextend", "-T", self.tpm.tcti, f"10:sha256={digest}")

    def attest(self):
        """What the verifier found, and what the evidence held of the list."""
        result = json.loads(self.agent("attest", "--json", codes=VERDICTS).stdout)["result"]
        self.bundle = self.folder / "rack-8.bundle"
        self.verifier.assay("host", "export", "rack-8", "--out", self.bundle)
        sections = cbor(self.bundle.read_bytes())[0]["evidence"]["sections"]
        return {finding["id"] for finding in result["findings"]}, sections

    def test_only_what_is_new_is_sent_and_what_was_found_before_stays(self):
        found, sections = self.attest()
        self.assertEqual(sections["ima-log"], self.list.read_bytes())
        self.assertNotIn("ima.mismatch", found)
        before = len(self.list.read_bytes())
        for number in range(20):
            self.measure(f"/usr/bin/{number}", b"content")
        found, sections = self.attest()
        self.assertNotIn("ima-log", sections)
        part = cbor(sections["ima-log-part"])[0]
        self.assertEqual((part["entries"], part["offset"]), (1, before))
        self.assertEqual(part["list"], self.list.read_bytes()[before:])
        self.assertFalse({"ima.mismatch", "ima.unknown_part", "log.malformed"} & found)
        self.assertIn("ima.boot_aggregate", found)  # it stood in the first part

        # The saved bundle says from what it goes on: it is appraised again, offline, with the same findings.
        again = json.loads(run(BIN / "assay", "--json", "appraise", self.bundle, "--policy", POLICY, "--vendors", SOURCE / "vendor-db",
                               "--roots", self.folder / "roots", codes=VERDICTS).stdout)
        self.assertLessEqual({each for each in found if each.startswith("ima.")}, {finding["id"] for finding in again["findings"]})

        # A file that the list does not show: it differs, and the next list is wanted whole.
        self.measure("/usr/bin/hidden", b"rootkit", listed=False)
        found, sections = self.attest()
        self.assertIn("ima.mismatch", found)
        self.assertIn("ima-log-part", sections)
        found, sections = self.attest()
        self.assertIn("ima.mismatch", found)
        self.assertIn("ima-log", sections)


if __name__ == "__main__":
    unittest.main(verbosity=2)
