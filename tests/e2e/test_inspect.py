"""`assay inspect` over real firmware logs and tables: an answer or a clear refusal, never a crash."""
import csv
import json
import subprocess
import sys
import unittest

from harness import BIN, SKIPPED, SOURCE

CORPUS = SOURCE.parent / "shared" / "corpus"
# What the corpus names as no log.
REFUSED = {"binary_bios_measurements-bogus", "binary_bios_measurements-empty"}


def inspect(kind, file):
    done = subprocess.run([BIN / "assay", "--json", "inspect", kind, file], capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 1), f"{file}: exit code {done.returncode}\n{done.stderr[-2000:]}"
    return done.returncode, json.loads(done.stdout)


def entries(kind):
    for manifest in sorted((CORPUS / kind).glob("*/MANIFEST.tsv")):
        with open(manifest, newline="") as rows:
            for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield manifest.parent / row["file"], row


class RealFiles(unittest.TestCase):
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

    def test_text_and_noise_are_refused_by_every_inspector(self):
        for kind in ("eventlog", "smbios", "quote", "evidence"):
            with self.subTest(kind=kind):
                code, answer = inspect(kind, SOURCE / "LICENSE")
                self.assertEqual(code, 1)
                self.assertTrue(answer["error"]["message"])


if __name__ == "__main__":
    if not CORPUS.exists():
        print("SKIPPED: the corpus of real logs is not beside this checkout")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
