"""Shim, GRUB and a kernel in the virtual rack: what `assay diff` says of a boot with one thing changed is exactly that."""
import contextlib
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from harness import BIN, NONE, SKIPPED, VERDICTS, need, run
from rack_server import RACK

GUEST = "mkdir -p /var/lib/assay-agent && assay-agent --server https://10.0.2.2:1 record /tmp/recorded && cp -r /tmp/recorded /share/boot\n"


class Boots(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.folder = Path(cls.stack.enter_context(tempfile.TemporaryDirectory()))
        (cls.folder / "guest.sh").write_text(GUEST)

    def boot(self, name, *options):
        """The recording of one boot of the machine."""
        share = self.folder / name
        if not share.exists():
            share.mkdir()
            done = subprocess.run([sys.executable, RACK, "--grub", "--binary", BIN / "assay-agent", "--script", self.folder / "guest.sh",
                                   "--share", share, "--state", self.folder / "machine",
                                   "--boot-timeout", "400", *options], capture_output=True, text=True)
            if done.returncode == SKIPPED:
                self.skipTest("SKIPPED: " + done.stderr)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return share / "boot"

    def diff(self, before, after):
        told = json.loads(run(BIN / "assay", "diff", after, "--against", before, "--json").stdout)
        self.assertTrue(told["compared"])
        self.assertEqual(told["not_compared"], {"before": [], "after": []})
        return [change["words"] for change in told["changes"]]

    def secure(self):
        return self.boot("secure", "--secure-boot")

    def test_1_the_same_boot_twice_is_no_difference(self):
        self.assertEqual(self.diff(self.secure(), self.boot("again", "--secure-boot")), [])
        told = run(BIN / "assay", "diff", self.secure(), "--against", self.secure()).stdout
        self.assertRegex(told, r"No difference in the \d+ PCRs that were compared\n")

    def test_1_where_nothing_could_be_compared_that_is_no_good_news(self):
        file = self.folder / "of-no-pcr.toml"
        file.write_text('[[reference]]\nname = "a file"\nversion = "1"\nmodel = "*"\norigin = "list"\nsource = "test"\n'
                        f'[[reference.event]]\ndigest = "sha256:{"ab" * 32}"\n')
        self.assertIn("Nothing could be compared", run(BIN / "assay", "diff", self.secure(), "--against", file, codes=(NONE,)).stdout)
        told = json.loads(run(BIN / "assay", "--json", "diff", self.secure(), "--against", file, codes=(NONE,)).stdout)
        self.assertEqual((told["compared"], told["changes"]), ([], []))

    def test_2_an_added_kernel_argument(self):
        other = self.boot("argument", "--secure-boot", "--append", "ima_policy=tcb ima_hash=sha256")
        self.assertEqual(self.diff(self.secure(), other), ["kernel command line gained `ima_hash=sha256`", "file (hd0,msdos1)/EFI/debian/grub.cfg changed"])

    def test_3_another_initrd(self):
        other = self.boot("initrd", "--secure-boot", "--initrd-more", "an implant")
        self.assertEqual(self.diff(self.secure(), other), ["file /initrd changed"])

    def test_4_secure_boot_off_and_then_a_second_kernel(self):
        off = self.boot("off")
        self.assertIn("variable SecureBoot 1 -> 0", self.diff(self.secure(), off))
        second = self.boot("second", "--kernel-name", "vmlinuz-2", "--kernel-more", "x")
        told = self.diff(off, second)
        self.assertIn("kernel /vmlinuz -> /vmlinuz-2", told)
        for words in told:
            self.assertRegex(words, "vmlinuz|grub.cfg|EV_EFI_BOOT_SERVICES_APPLICATION image")


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "qemu-system-x86_64", "busybox")
    unittest.main(verbosity=2)
