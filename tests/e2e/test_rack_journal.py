"""The device journal of a virtual rack server: the agent is paused in a flood of events while devices are exchanged, and its
TPM vouches for what it wrote."""
import json
import unittest

from harness import need
from rack_server import RackServer

EVENTS = 1700


class AJournalUnderPressure(RackServer):
    guest = """
agent_pid=$!
wait_for() {{ until [ -e /share/$1 ]; do usleep 100000; done; }}  # with or without an agent
rack plug usb-storage id=stick serial=STICK-1
step pause
cp -r /var/lib/assay-agent/journal /tmp/an-hour-ago
kill -STOP $agent_pid
find /sys/devices -name uevent | head -n 170 >/tmp/files
sent=0
while [ $sent -lt EVENTS ]; do
    for file in $(cat /tmp/files); do echo change >$file; sent=$((sent + 1)); done
done
rack unplug stick
rack plug usb-kbd id=keyboard serial=KEYBOARD-1
kill -CONT $agent_pid
step verify
kill $agent_pid
until assay-agent journal verify --json >/share/verified.new 2>/share/verify.err; do usleep 200000; done
mv /share/verified.new /share/verified
wait_for roll-back
rm -r /var/lib/assay-agent/journal
cp -r /tmp/an-hour-ago /var/lib/assay-agent/journal
assay-agent journal status --json >/share/rolled-back.new
$agent attest >/share/attest.log 2>&1
mv /share/rolled-back.new /share/rolled-back
wait_for done
""".replace("EVENTS", str(EVENTS))

    def test_1_a_stick_out_and_a_keyboard_in_while_the_agent_is_paused_in_a_flood_are_both_told(self):
        self.wait(lambda: "STICK-1" in json.dumps(self.verifier.assay_json("devices")), "the stick's record", 180)
        (self.share / "pause").touch()
        self.wait(lambda: "KEYBOARD-1" in json.dumps(self.verifier.assay_json("devices")), "the keyboard's record", 180)
        told = [sighting["kind"] for sighting in self.verifier.assay_json("device", "show", "STICK-1")]
        self.assertIn(told, (["insert", "remove"], ["present", "remove"]))  # the agent may start just after it came
        # Nothing of the flood was lost: the kernel's queue held it while nobody read.
        self.assertEqual(self.verifier.assay_json("findings", "--history", "--host", "rack-1", "--id", "journal.gap"), [])

    def test_2_the_tpm_has_every_record(self):
        (self.share / "verify").touch()
        self.wait((self.share / "verified").exists, "the verification", 120)
        verified = json.loads((self.share / "verified").read_text())
        self.assertEqual(verified["state"], "anchored")
        self.assertEqual(verified["anchored_through"], verified["records"])
        for finding in ("journal.unanchored", "journal.rewritten", "journal.anchor_invalid"):
            self.assertEqual(self.verifier.assay_json("findings", "--history", "--host", "rack-1", "--id", finding), [], finding)

    def test_3_a_journal_that_root_puts_back_to_what_it_was_is_not_the_one_that_the_tpm_vouches_for(self):
        (self.share / "roll-back").touch()
        self.wait((self.share / "rolled-back").exists, "the attestation with the old journal", 120)
        self.assertEqual(json.loads((self.share / "rolled-back").read_text())["state"], "foreign")
        self.assertTrue(self.verifier.assay_json("findings", "--history", "--host", "rack-1", "--id", "journal.rewritten"), self.printed())
        self.assertEqual(self.newest()["tier"], "contraindicated")


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "qemu-system-x86_64", "busybox")
    unittest.main(verbosity=2)
