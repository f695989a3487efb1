"""A virtual rack server - UEFI, TPM, SMBIOS, NVMe, Debian's kernel - enrols and attests; USB sticks are plugged into it."""
import json
import unittest

from harness import need
from rack_server import RackServer


class ARackServer(RackServer):
    guest = """
step plug-1 && rack plug usb-storage id=stick1 serial=STICK-NOBODY-1
step plug-2 && until [ $(date +%s) -gt $(cat /share/plug-2) ]; do usleep 100000; done && rack plug usb-storage id=stick2 serial=STICK-ESCORTED-2
step done
"""

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
