"""The gate, under a real systemd, udevd and kernel: what is let in, by whom, and what stays out."""
import json
import shutil
import unittest

from harness import SOURCE, VERDICTS, need
from rack_server import installed
from rack_site import RackSite

ENROL = """
mkdir -p /etc/assay
cp /share/ca.pem /etc/assay
cat >/etc/assay/agent.toml <<END
server = "https://10.0.2.2:{port}"
ca = "/etc/assay/ca.pem"
mode = "gate"
[[allow]]
vid = "0627"
pid = "0001"
kind = "hid"
END
as_agent() {{ su assay-agent -s /bin/sh -c "/usr/local/bin/assay-agent $*"; }}
as_agent enrol --token {token} --name rack-1 && as_agent gate trust || exit 1
systemctl daemon-reload && systemctl enable assay-agent.service && systemctl restart assay-agent.service || exit 1
journalctl -f -n all -o short-monotonic >/share/agent.log &
step() {{ until [ -e /share/$1 ]; do usleep 100000; done; }}
"""
GUEST = """
there() {{ grep -lx "$1" /sys/bus/usb/devices/*/serial 2>/dev/null; }}
plugged() {{ rack plug $1 && until there $2; do usleep 100000; done >/dev/null; }}
is() {{ [ "$(cat $(dirname $(there $1))/authorized)" = $2 ]; }}
becomes() {{ until is $1 $2; do usleep 100000; done; }}

step alone && plugged "usb-storage id=alone serial=STICK-ALONE-0001" STICK-ALONE-0001
step refused && is STICK-ALONE-0001 0 && assay-agent gate status --json >/share/status-refused
touch /share/was-refused
step session && becomes STICK-ALONE-0001 1
plugged "usb-storage id=second serial=STICK-SECOND-0002" STICK-SECOND-0002 && becomes STICK-SECOND-0002 1 && touch /share/let-in

step keyboard && plugged "usb-kbd id=kbd serial=KEYBOARD-0003" KEYBOARD-0003 && becomes KEYBOARD-0003 1 && touch /share/typed

step grace && assay-agent gate open --for 5 --reason "no console, order W-7" || exit 1
plugged "usb-storage id=third serial=STICK-GRACE-0004" STICK-GRACE-0004 && becomes STICK-GRACE-0004 1 || exit 1
assay-agent gate close && assay-agent gate status --json >/share/status-closed && touch /share/closed

plugged "usb-storage id=fourth serial=STICK-ROOT-0005" STICK-ROOT-0005 && step root && is STICK-ROOT-0005 0 || exit 1
echo 1 >$(dirname $(there STICK-ROOT-0005))/authorized && touch /share/forced
step done
"""


class AGateInARack(RackSite):
    enrol, guest = ENROL, GUEST

    @classmethod
    def rack_options(cls):
        root, drop_ins = installed(cls.folder)
        shutil.copy(SOURCE / "agent/systemd/gate.conf", drop_ins)
        rules = root / "etc/udev/rules.d"
        rules.mkdir(parents=True)
        shutil.copy(SOURCE / "udev/72-assay-gate.rules.example", rules / "72-assay-gate.rules")
        return ["--systemd", "--root", root]

    def step(self, name):
        (self.share / name).touch()

    def findings(self, id, text):
        return [finding for finding in self.verifier.assay_json("findings", "--history", "--host", "rack-1", "--id", id) if text in json.dumps(finding)]

    def finding(self, id, text):
        found, *_ = self.wait(lambda: self.findings(id, text), f"{id} about {text}", 180)
        return found

    def test_1_a_stick_that_nobody_let_in_stays_out_and_is_reported(self):
        self.step("alone")
        found = self.finding("usb.kept_out", "STICK-ALONE-0001")
        self.assertEqual(found["tier"], "warning")
        self.step("refused")
        self.wait((self.share / "was-refused").exists, "the guest", 60)
        status = json.loads((self.share / "status-refused").read_text())
        self.assertTrue(status["closed"], status)
        self.assertEqual([device["serial"] for device in status["kept_out"]], ["STICK-ALONE-0001"])
        self.assertFalse(self.findings("usb.gate_open", ""))

    def test_2_a_session_that_both_sign_lets_it_in_and_the_next_one_on_the_spot(self):
        self.session = self.sign_in("WO-1", "technician", "escort")
        self.step("session")
        self.wait((self.share / "let-in").exists, "both sticks to be let in", 180)
        self.verifier.as_("desk").assay("session", "close", self.session)

    def test_3_a_keyboard_of_the_allow_list_works_without_a_session(self):
        self.step("keyboard")
        self.wait((self.share / "typed").exists, "the keyboard", 120)

    def test_4_a_gate_that_root_holds_open_is_reported_with_his_reason(self):
        self.step("grace")
        found = self.finding("usb.let_in_by_hand", "STICK-GRACE-0004")
        self.assertIn("no console, order W-7", found["actual"])
        self.wait((self.share / "closed").exists, "the gate to be closed", 60)
        self.assertIsNone(json.loads((self.share / "status-closed").read_text())["open_until"])

    def test_5_a_stick_that_root_lets_in_past_the_gate_is_an_override(self):
        self.finding("usb.kept_out", "STICK-ROOT-0005")
        self.step("root")
        self.wait((self.share / "forced").exists, "root", 60)
        verdict = lambda: [verdict for verdict in self.verifier.assay_json("accompaniment", "rack-1", codes=VERDICTS)
                           if verdict["outcome"] == "PRIVILEGED_OVERRIDE"]
        self.assertEqual(len(self.wait(verdict, "the override", 120)), 1)
        # None of what the gate itself let in looks like one.
        self.assertEqual(len(verdict()), 1)


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "qemu-system-x86_64", "busybox", "cmake", "openssl")
    unittest.main(verbosity=2)
