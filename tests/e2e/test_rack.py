"""A virtual rack server - UEFI, TPM, SMBIOS, NVMe, Debian's kernel - enrols and attests; USB sticks are plugged into it."""
import contextlib
import json
import subprocess
import sys
import unittest

from harness import BIN, POLICY, SKIPPED, SOURCE, VERDICTS, SoftwareTpm, Verifier, folder, need, wait_for

RACK = SOURCE / "tests" / "support" / "rack" / "rack.py"
BOOT_SECONDS = 240

GUEST = """
agent="assay-agent --server https://10.0.2.2:{port} --ca /share/ca.pem"
mkdir -p /var/lib/assay-agent
$agent enrol --token {token} --name rack-1 || exit 1
$agent run >/share/agent.log 2>&1 &
step() {{ until [ -e /share/$1 ]; do kill -0 $! || exit 1; usleep 100000; done; }}
step plug-1 && rack plug usb-storage id=stick1 serial=STICK-NOBODY-1
step plug-2 && until [ $(date +%s) -gt $(cat /share/plug-2) ]; do usleep 100000; done && rack plug usb-storage id=stick2 serial=STICK-ESCORTED-2
step done
"""


class ARackServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.folder = cls.stack.enter_context(folder())
        cls.share = cls.folder / "share"
        cls.share.mkdir()
        state = cls.folder / "machine"
        tpm = SoftwareTpm(state, ca="ca", start=False)
        # The rack's firmware has no Secure Boot keys; all else is the policy that ships.
        policy = cls.folder / "policy.toml"
        policy.write_text(POLICY.read_text().replace("secure_boot_required = true", "secure_boot_required = false"))
        assert "secure_boot_required = false" in policy.read_text()
        cls.verifier = Verifier(cls.folder, roots=tpm.roots(cls.folder / "roots"), policy=policy, names=["10.0.2.2"])
        cls.stack.callback(cls.verifier.stop)
        (cls.share / "ca.pem").write_bytes(cls.verifier.ca.read_bytes())
        script = cls.folder / "guest.sh"
        script.write_text(GUEST.format(port=cls.verifier.port, token=cls.verifier.token("rack-1")))
        cls.log = open(cls.folder / "rack.log", "w+")
        cls.rack = subprocess.Popen(
            [sys.executable, RACK, "--binary", BIN / "assay-agent", "--share", cls.share, "--script", script, "--state", state,
             "--smbios", "type=0,vendor=American Megatrends Inc.,version=2.1",
             "--smbios", "type=1,manufacturer=Supermicro,product=SYS-1,serial=S1",
             "--smbios", "type=2,manufacturer=Supermicro,product=X12,serial=B1",
             "--nvme-serial", "NVME-RACK-1", "--mac", "3c:ec:ef:00:00:01"], stdout=cls.log, stderr=subprocess.STDOUT)
        cls.stack.callback(cls.end)
        cls.first = cls.wait(lambda: cls.newest(), "the first attestation", BOOT_SECONDS)

    @classmethod
    def end(cls):
        (cls.share / "done").touch()
        with contextlib.suppress(subprocess.TimeoutExpired):
            cls.rack.wait(timeout=60)
        cls.rack.kill()

    @classmethod
    def wait(cls, condition, what, seconds):
        def or_the_rack_ended():
            if cls.rack.poll() == SKIPPED:
                raise unittest.SkipTest("SKIPPED: " + cls.printed())
            if cls.rack.poll() is not None:
                raise AssertionError(f"the rack ended with {cls.rack.returncode}:\\n{cls.printed()}")
            return condition()
        try:
            return wait_for(or_the_rack_ended, what, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\\n{cls.printed()}") from None

    @classmethod
    def printed(cls):
        agent = cls.share / "agent.log"
        return (cls.folder / "rack.log").read_text() + (agent.read_text() if agent.exists() else "")

    @classmethod
    def newest(cls):
        hosts = cls.verifier.assay_json("hosts")
        if not hosts or not hosts[0].get("result_id"):
            return None
        return cls.verifier.assay_json("host", "show", "rack-1", codes=VERDICTS)["result"]

    def checks(self, result):
        return {check["check"]: check["tier"] for check in result["checks"]}

    def findings(self, finding_id):
        return self.verifier.assay_json("findings", "--host", "rack-1", "--id", finding_id)

    def test_1_its_quote_logs_and_parts_are_affirmed_and_only_a_software_tpm_and_no_secure_boot_are_warnings(self):
        checks = self.checks(self.first)
        for check in ("quote_is_authentic_and_bound", "logs_replay_to_the_quoted_pcrs", "event_data_matches",
                      "required_sections_are_present", "system_vendor_is_approved", "board_vendor_is_approved",
                      "bios_vendor_is_approved", "drive_vendors_are_approved", "nic_vendors_are_approved", "pci_vendors_are_approved",
                      "devices_are_accompanied", "journal_is_continuous"):
            self.assertEqual(checks[check], "affirming", json.dumps(self.first, indent=1))
        self.assertEqual(self.first["tier"], "warning")
        self.assertEqual({finding["id"] for finding in self.first["findings"] if finding["tier"] == "warning"}, {"tpm.software", "secure_boot.disabled"})

    def test_2_a_stick_plugged_in_with_nobody_there_is_a_finding_on_the_verifier(self):
        (self.share / "plug-1").touch()
        [finding] = self.wait(lambda: self.findings("usb.unaccompanied"), "the finding", 120)
        self.assertIn("STICK-NOBODY-1", finding["actual"])
        self.assertIn("journal: record", finding["evidence"])
        self.assertEqual(finding["tier"], "contraindicated")
        self.assertEqual(self.newest()["tier"], "contraindicated")

    def test_3_the_same_during_a_session_is_none(self):
        before = len(self.findings("usb.unaccompanied"))
        acknowledged = self.newest()["journal_acknowledged"]
        session = self.verifier.assay_json("session", "open", "--host", "rack-1", "--order", "WO-1", "--technician", "t.lee",
                                           "--escort", "m.roy")
        # The simple rule believes the guest's clock, which may be a second behind: the guest waits until it is not.
        (self.share / "plug-2.new").write_text(str(session["opened_at"]))
        (self.share / "plug-2.new").rename(self.share / "plug-2")
        self.wait(lambda: self.newest()["journal_acknowledged"] > acknowledged, "the second stick's record", 120)
        self.assertEqual(len(self.findings("usb.unaccompanied")), before, self.findings("usb.unaccompanied"))
        self.assertEqual(self.checks(self.newest())["devices_are_accompanied"], "affirming")


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "qemu-system-x86_64", "busybox")
    unittest.main(verbosity=2)
