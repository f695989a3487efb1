"""The verifier's disk is full: reports are refused and nothing is stored half, it says so, and once there is room it goes on without a start."""
import json
import subprocess
import sys
import unittest

from harness import BIN, NOT_PROCESSED, SKIPPED, VERDICTS, Agent, Site, SoftwareTpm, Verifier, folder, need, run



def mount(disk):
    return ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk]


def need_small_disks():
    with folder() as path:
        tried = subprocess.run(mount(path), capture_output=True, text=True)
        if tried.returncode != 0:
            print(f"SKIPPED: a small disk cannot be mounted here: {tried.stderr.strip()}")
            sys.exit(SKIPPED)
        run("umount", path)


class DiskFull(Site):
    @classmethod
    def setUpClass(cls):
        cls.context = folder()
        cls.folder = cls.context.__enter__()
        cls.addClassCleanup(cls.context.__exit__, None, None, None)
        cls.disk = cls.folder / "disk"
        cls.disk.mkdir()
        run(*mount(cls.disk))
        cls.addClassCleanup(lambda: run("umount", "-l", cls.disk))
        cls.tpm = SoftwareTpm(cls.folder)
        cls.addClassCleanup(cls.tpm.stop)
        cls.verifier = Verifier(cls.disk, roots=cls.tpm.roots(cls.folder / "roots"))
        cls.addClassCleanup(cls.verifier.stop)
        cls.agent = Agent(cls.folder, cls.verifier, cls.tpm.tcti)
        cls.agent.enrol("rack-7")

    def test_a_full_disk_is_told_and_mended_without_a_start(self):
        self.agent("attest", codes=VERDICTS)
        filler = self.disk / "filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        for _ in range(200):  # its log has some room of its own
            done = self.agent("attest", codes=(*VERDICTS, NOT_PROCESSED))
            if done.returncode == NOT_PROCESSED:
                break
        self.assertEqual(NOT_PROCESSED, done.returncode)
        self.assertIsNone(self.verifier.process.poll())
        told = json.loads(run(BIN / "assay-verifier", "check", "--json", "--state", self.verifier.state, codes=(NOT_PROCESSED,)).stdout)
        self.assertEqual({"disk"}, {line["what"] for line in told["checks"] if line["standing"] == "failed"})
        # What is there can be saved to another disk.
        run(BIN / "assay-verifier", "backup", "--out", self.folder / "backup", "--state", self.verifier.state)
        # A backup that has no room leaves nothing.
        run(BIN / "assay-verifier", "backup", "--out", self.disk / "backup", "--state", self.verifier.state, codes=(NOT_PROCESSED,))
        self.assertEqual([], [path.name for path in self.disk.iterdir() if "backup" in path.name])
        filler.unlink()
        self.agent("attest", codes=VERDICTS)
        self.assertIn(" 0 contradictions", run(BIN / "assay-verifier", "audit", "verify", "--state", self.verifier.state).stdout)


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "mount", "umount")
    need_small_disks()
    unittest.main()
