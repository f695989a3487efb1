"""A virtual rack server over several boots: what it boots and is made of otherwise than before is told, each thing once, and until a person has seen to it."""
import contextlib
import json
import shutil
import subprocess
import sys
import unittest

from harness import BIN, POLICY, SKIPPED, SOURCE, VERDICTS, SoftwareTpm, Verifier, folder, need, run
from rack_server import RACK

# One boot: the agent's state is kept on the share, and it attests once, so that one boot is one report.
GUEST = """
mkdir -p /var/lib && ln -s /share/agent /var/lib/assay-agent
agent="assay-agent --server https://10.0.2.2:{port} --ca /share/ca.pem"
if [ ! -e /share/agent ]; then
    mkdir /share/agent
    tries=0
    until $agent enrol --token {token} --name rack-1; do tries=$((tries + 1)); [ $tries -lt 20 ] || exit 1; sleep 1; done
fi
$agent attest --json >/share/attest.json 2>/share/attest.log
[ -s /share/attest.json ]
"""
SMBIOS = {
    0: {"vendor": "American Megatrends Inc.", "version": "2.1"},
    1: {"manufacturer": "Supermicro", "product": "SYS-1", "serial": "S1"},
    2: {"manufacturer": "Supermicro", "product": "X12", "serial": "B1"},
    17: {"manufacturer": "Samsung", "part": "M393", "serial": "DIMM-1"},
}
CHANGES = ("boot.", "part.", "firmware.", "section.gone", "change.")


class ChangesAreTold(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.folder = cls.stack.enter_context(folder())
        cls.share = cls.folder / "share"
        cls.share.mkdir()
        state = cls.folder / "machine"
        tpm = SoftwareTpm(state, ca="ca", start=False)
        policy = cls.folder / "policy.toml"
        policy.write_text(POLICY.read_text().replace("secure_boot_required = true", "secure_boot_required = false"))
        cls.verifier = Verifier(cls.folder, roots=tpm.roots(cls.folder / "roots"), policy=policy, names=["10.0.2.2"])
        cls.stack.callback(cls.verifier.stop)
        (cls.share / "ca.pem").write_bytes(cls.verifier.ca.read_bytes())
        (cls.folder / "guest.sh").write_text(GUEST.format(port=cls.verifier.port, token=cls.verifier.token("rack-1")))

    def boot(self, *options, nvme="NVME-RACK-1", **smbios):
        """The findings about changes of one boot: (id, subject) and the texts."""
        tables = {number: dict(values) for number, values in SMBIOS.items()}
        for name, value in smbios.items():
            number, key = name[1:].split("_")
            tables[int(number)][key] = value
        words = [word for number, values in tables.items()
                 for word in ("--smbios", ",".join([f"type={number}", *(f"{key}={value}" for key, value in values.items())]))]
        done = subprocess.run([sys.executable, RACK, "--grub", "--binary", BIN / "assay-agent", "--script", self.folder / "guest.sh",
                               "--share", self.share, "--state", self.folder / "machine", "--boot-timeout", "400",
                               "--nvme-serial", nvme, "--mac", "3c:ec:ef:00:00:01", *words, *options], capture_output=True, text=True)
        if done.returncode == SKIPPED:
            self.skipTest("SKIPPED: " + done.stderr)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return self.changes()

    def result(self):
        return self.verifier.assay_json("host", "show", "rack-1", codes=VERDICTS)["result"]

    def changes(self):
        return [finding for finding in self.result()["findings"] if finding["id"].startswith(CHANGES)]

    def seen_to(self):
        """A person has seen to all that is open of this kind; the next boot is as the one before, and says nothing of it."""
        for matter in self.verifier.assay_json("host", "matters", "rack-1")["matters"]:
            if matter["id"].startswith(CHANGES):
                self.verifier.assay("findings", "ack", "rack-1", matter["matter"], "--reason", "that was me")

    def only(self, told, *ids):
        self.assertEqual(sorted(finding["id"] for finding in told), sorted(ids), json.dumps(told, indent=1))
        self.assertTrue(all(finding["tier"] == "warning" for finding in told if finding["id"] != "change.planned"), json.dumps(told, indent=1))
        return told

    def test_1_a_first_boot_and_the_same_again_are_no_change(self):
        self.only(self.boot())
        self.only(self.boot())

    # GRUB measures its configuration, in which the command line stands, as a file too.
    def test_2_another_init_on_the_command_line_is_told_until_a_person_has_seen_to_it(self):
        told = self.only(self.boot("--append", "init=/bin/evil rdinit=/init"), "boot.changed", "boot.changed")
        line, file = sorted(told, key=lambda finding: "grub.cfg" in finding["actual"])
        self.assertIn("init=/bin/evil", line["actual"])
        self.assertIn("grub.cfg changed", file["actual"])
        # Once more the same: it is told in the same words, not as a second change.
        self.assertEqual(self.only(self.boot("--append", "init=/bin/evil rdinit=/init"), "boot.changed", "boot.changed"), told)
        self.seen_to()
        self.only(self.boot("--append", "init=/bin/evil rdinit=/init"))

    def test_3_back_again_and_then_another_initrd_are_changes_too(self):
        self.only(self.boot(), "boot.changed", "boot.changed")
        self.seen_to()
        [finding] = self.only(self.boot("--initrd-more", "an implant"), "boot.changed")
        self.assertIn("initrd", finding["actual"])
        self.seen_to()
        self.boot()
        self.seen_to()

    def test_4_an_exchanged_drive_names_both_sides(self):
        [finding] = self.only(self.boot(nvme="NVME-RACK-2"), "part.replaced")
        self.assertIn("NVME-RACK-1", finding["expected"])
        self.assertIn("NVME-RACK-2", finding["actual"])
        self.assertTrue(finding["subject"].startswith("drive"))
        self.seen_to()

    def test_5_an_exchanged_memory_module_names_both_sides(self):
        [finding] = self.only(self.boot(nvme="NVME-RACK-2", t17_serial="DIMM-2"), "part.replaced")
        self.assertIn("DIMM-1", finding["expected"])
        self.assertIn("DIMM-2", finding["actual"])
        self.seen_to()

    def test_6_another_bios_version_is_a_firmware_that_changed(self):
        told = self.boot(nvme="NVME-RACK-2", t17_serial="DIMM-2", t0_version="2.2")
        [finding] = [each for each in told if each["id"] == "firmware.changed"]
        self.assertIn("2.1", finding["expected"])
        self.assertIn("2.2", finding["actual"])
        self.seen_to()

    def test_7_a_system_of_no_known_maker_is_not_good(self):
        self.boot(nvme="NVME-RACK-2", t17_serial="DIMM-2", t0_version="2.2", t1_manufacturer="To Be Filled By O.E.M.")
        result = self.result()
        self.assertIn("vendor.unknown_system", {finding["id"] for finding in result["findings"]}, json.dumps(result, indent=1))
        self.assertIn(result["tier"], ("none", "contraindicated"))
        self.boot(nvme="NVME-RACK-2", t17_serial="DIMM-2", t0_version="2.2")
        self.seen_to()

    def test_8_a_change_that_a_reference_has_is_planned_and_told_once(self):
        as_now = {"nvme": "NVME-RACK-2", "t17_serial": "DIMM-2", "t0_version": "2.2"}
        other = ("--append", "quiet audit=1")
        self.boot(*other, **as_now)
        self.seen_to()
        references = self.folder / "data" / "references"
        shutil.copytree(SOURCE / "vendor-db", self.folder / "data")
        references.mkdir(exist_ok=True)
        self.verifier.assay("reference", "capture", "rack-1", "--name", "sys-1 boot", "--version", "2", "--pcrs", "8,9",
                            "--out", references / "sys-1.toml", "--despite", "a software TPM")
        self.boot(**as_now)  # as before, which is a change back
        self.seen_to()
        self.install(self.folder / "data")
        for planned in self.only(self.boot(*other, **as_now), "change.planned", "change.planned"):
            self.assertIn("sys-1 boot 2", planned["actual"] + planned["evidence"])
        self.only(self.boot(*other, **as_now))

    def install(self, data):
        """As the owner of the vendor data would, with the key that `init` made."""
        bundle = self.folder / "v2.bundle"
        self.verifier.assay("vendors", "build", data, "--version", "2", "--expires", "2099-01-01", "--out", bundle)
        self.verifier.assay("vendors", "sign", bundle, "--key", self.verifier.state / "example-vendor.key")
        run(BIN / "assay-verifier", "vendors", "install", bundle, "--state", self.verifier.state)
        self.verifier.stop()
        self.verifier.start()


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "qemu-system-x86_64", "busybox")
    unittest.main(verbosity=2)
