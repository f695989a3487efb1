"""A virtual rack server - UEFI, TPM, SMBIOS, NVMe, Debian's kernel - enrols and attests; USB sticks are plugged into it."""
import datetime
import json
import unittest

from harness import SOURCE, need
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
        return self.verifier.assay_json("findings", "--history", "--host", "rack-1", "--id", finding_id)

    def test_1_its_quote_logs_and_parts_are_affirmed_and_only_a_software_tpm_and_no_secure_boot_and_keys_are_warnings(self):
        checks = self.checks(self.first)
        for check in ("quote_is_authentic_and_bound", "logs_replay_to_the_quoted_pcrs", "event_data_matches",
                      "required_sections_are_present", "system_vendor_is_approved", "board_vendor_is_approved",
                      "bios_vendor_is_approved", "drive_vendors_are_approved", "nic_vendors_are_approved", "pci_vendors_are_approved",
                      "devices_are_accompanied", "journal_is_continuous"):
            self.assertEqual(checks[check], "affirming", json.dumps(self.first, indent=1))
        self.assertEqual(self.first["tier"], "warning")
        self.assertEqual({finding["id"] for finding in self.first["findings"] if finding["tier"] == "warning"}, {"tpm.software", "secure_boot.disabled",
                         "secure_boot.setup_mode"})

    def test_2_a_stick_plugged_in_with_nobody_there_is_a_finding_on_the_verifier(self):
        (self.share / "plug-1").touch()
        finding, *_ = self.wait(lambda: self.findings("usb.unaccompanied"), "the finding", 120)
        self.assertIn("STICK-NOBODY-1", finding["actual"])
        self.assertIn("journal: record", finding["evidence"])
        self.assertEqual(finding["tier"], "contraindicated")
        self.assertEqual(self.newest()["tier"], "contraindicated")

    def test_3_the_same_during_an_unlisted_session_is_unattested_on_the_word_of_who_opened_it(self):
        acknowledged = self.newest()["journal_acknowledged"]
        session = self.verifier.as_("desk").assay_json("session", "open", "--host", "rack-1", "--order", "WO-1", "--technician", "t.lee",
                                                       "--escort", "m.roy", "--unlisted")
        # The simple rule believes the guest's clock, which may be a second behind: the guest waits until it is not.
        (self.share / "plug-2.new").write_text(str(int(datetime.datetime.fromisoformat(session["opened_at"].replace("Z", "+00:00")).timestamp())))
        (self.share / "plug-2.new").rename(self.share / "plug-2")
        self.wait(lambda: self.newest()["journal_acknowledged"] > acknowledged, "the second stick's record", 120)
        newest = self.newest()
        told = {finding["id"]: finding for finding in newest["findings"] if finding["id"].startswith("usb.")}
        self.assertIn("STICK-ESCORTED-2", told["usb.unattested"]["actual"])
        self.assertIn("opened unlisted by operator:desk", told["usb.unattested"]["actual"])
        self.assertEqual(told["usb.unattested"]["tier"], "warning")
        # The one that nobody accompanied is still there, and so still told.
        self.assertIn("STICK-NOBODY-1", told["usb.unaccompanied"]["actual"])
        self.assertEqual(self.checks(newest)["devices_are_accompanied"], "contraindicated")

    def test_4_its_boot_is_captured_as_a_reference_and_another_one_is_rehearsed_without_changing_anything(self):
        reference = self.folder / "sys-1.toml"
        captured = ["reference", "capture", "rack-1", "--name", "sys-1 boot", "--version", "1", "--out", reference]
        self.assertIn("is not what a reference should be", self.verifier.assay(*captured, codes=[1]).stderr)
        self.verifier.assay(*captured, "--despite", "a software TPM, and somebody was there")
        self.assertIn("despite its result: a software TPM", reference.read_text())
        self.assertEqual(self.verifier.assay_json("diff", "rack-1", "--against", reference)["changes"], [])
        self.assertEqual(self.verifier.assay_json("diff", "rack-1", "--since", "0s")["changes"], [])
        self.assertEqual(self.verifier.assay_json("rehearse", "--reference", reference), {"judged": 1, "changed": []})
        text = reference.read_text()
        [digest] = {line for line in text.split("\n\n") if "EV_EFI_BOOT_SERVICES_APPLICATION" in line and "pcr = 4" in line}
        reference.write_text(text.replace(digest + "\n\n", "").replace("\n\n" + digest, ""))
        [changed] = self.verifier.assay_json("rehearse", "--reference", reference)["changed"]
        self.assertEqual([finding["id"] for finding in changed["gained"]], ["reference.unlisted"])
        self.assertIn("1 host", self.verifier.assay("rehearse", "--reference", reference).stdout)
        [peers] = self.verifier.assay_json("peers", "rack-1")["groups"]
        self.assertEqual(peers["hosts"], ["rack-1"])
        self.assertIn("1 host", self.verifier.assay("peers", "rack-1").stdout)

    def test_5_a_policy_for_a_label_is_checked_and_rehearsed(self):
        policies = self.folder / "policies"
        policies.mkdir()
        (policies / "default.toml").write_bytes((self.folder / "policy.toml").read_bytes())
        strict = (SOURCE / "verifier/policies/strict.toml").read_text()
        (policies / "strict.toml").write_text(strict + '\n[select]\nrole = ["database"]\n')
        self.assertIn("hosts that no other policy selects", self.verifier.assay("policy", "check", policies).stdout)
        self.assertEqual(self.verifier.assay_json("rehearse", "--policy", policies)["changed"], [])
        self.assertIn("role=database", self.verifier.assay("hosts", "label", "rack-1", "role=database").stdout)
        [changed] = self.verifier.assay_json("rehearse", "--policy", policies)["changed"]
        self.assertEqual(changed["policy_then"], "strict")
        self.verifier.assay("hosts", "label", "rack-1", "--none")
        (policies / "second.toml").write_bytes((policies / "default.toml").read_bytes())
        self.assertIn("a second policy of the name", self.verifier.assay("policy", "check", policies, codes=[1]).stderr)


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "qemu-system-x86_64", "busybox")
    unittest.main(verbosity=2)
