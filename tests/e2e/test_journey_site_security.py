"""Site security: who may be at a rack, with which key, and what the hosts let in."""
import os
import json
import unittest

from harness import need
from journey import RECORDED, Journey
from journey_site import AccompaniedSite, SignedVendorData

STICK = "files/sys/devices/pci0000:00/0000:00:04.0/usb2/2-1"


class SiteSecurity(AccompaniedSite, SignedVendorData, Journey):
    answers = {**SignedVendorData.answers, "--key 'pkcs11:": "1234\n", "p11tool": "1234\n"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tokens = cls.root / "tokens"
        tokens.mkdir()
        (cls.root / "softhsm2.conf").write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\n")
        # The keypad of these tokens: their PIN stands in the files of p11-kit's URIs.
        cls.do(f"export SOFTHSM2_CONF={cls.root}/softhsm2.conf")
        for name in ("lee", "roy"):
            cls.do(f"softhsm2-util --init-token --free --label {name} --pin 1234 --so-pin 5678 && pkcs11-tool --module "
                   f"/usr/lib/softhsm/libsofthsm2.so --token-label {name} --login --pin 1234 --keypairgen --key-type EC:prime256v1 --label sign --id 01")
        cls.first_host("rack-7")

    def test_1_device_use_is_judged_by_keys_in_files_and_in_tokens(self):
        # A recording has the journal that was recorded, so what is signed at the host without network is signed at this machine.
        self.machine("rack-9", recorded=None)
        self.prepare("rack-9")
        self.do("assay token rack-9 >token && assay-agent enrol --token-file token --name rack-9")
        [roy] = self.follow("docs/howto/sign-at-the-rack.md#the-keys")
        [lee] = self.follow("docs/howto/sign-at-the-rack.md#the-keys", {"roy": "lee"})
        self.judge_device_use(tokens=([lee.split()[0]], [roy.split()[0]]))

    def test_2_both_sign_at_the_rack_with_and_without_network(self):
        self.follow("docs/howto/sign-at-the-rack.md#with-network")
        self.follow("docs/howto/sign-at-the-rack.md#without-network", {"/sys/bus/usb/devices/2-1": RECORDED / "rack-7" / STICK})
        self.do("assay-agent attest")
        self.do("assay accompaniment save rack-9 signed")
        signed = json.loads((self.checkout / "signed/sessions.json").read_text())
        # The one of the desk, and the one that the host's own journal brought.
        self.assertEqual([(session["id"].startswith("rack-9/"), "closed_at" in session) for session in signed["sessions"]],
                         [(False, True), (True, True)])
        self.assertEqual([late["order"] for late in signed["late_attestations"]], ["WO-1017"])
        self.sit_at("rack-7")

    def test_3_the_models_own_usb_devices_get_a_signed_baseline(self):
        self.sign_vendor_data()
        page = "docs/howto/baseline-usb-devices.md"
        self.follow(f"{page}#1-capture")
        self.follow(f"{page}#a-new-edition")
        for signer in ("carla", "dora"):
            self.follow(f"{page}#each-signs", {"carla": signer})
        self.follow(f"{page}#put-in-place")
        self.assertIn("vendor data: version 8", self.do("cat $JOURNEY/assay-verifier.log"))

    def test_4_the_gate_is_told_what_it_lets_in_and_is_held_open_for_a_night(self):
        self.follow("docs/howto/keep-devices-out.md")


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca", "tpm2_pcrextend", "curl", "jq", "openssl", "softhsm2-util", "pkcs11-tool", "p11tool")
    unittest.main(verbosity=2, failfast=True)
