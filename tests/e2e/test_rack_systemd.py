"""The installed service under a real systemd and udevd: how it enrols itself, its user, its socket, what root does for it, and the
journal over stop and kill."""
import hashlib
import json
import re
import unittest

from harness import cbor, need
from rack_server import RackServer, installed

# As a server comes from an installation: units, CA and agent.toml, and here also a token that is no good. Nobody runs `enrol`, and nothing
# is restarted.
ENROL = """
until systemctl is-active -q assay-agent.service; do usleep 100000; done # nobody has enabled it: the rule for the TPM starts it
systemctl is-enabled assay-agent.service >/share/before-enrolment
journalctl -f -n all -o short-monotonic >/share/agent.log &
waits() {{ until systemctl show -P StatusText assay-agent.service | grep -q "$1"; do usleep 100000; done; }}
waits 'expected .server. in /etc/assay/agent.toml'
mkdir -p /etc/assay
(umask 077 && echo 0000000000000000000000000000000000000000000 >/etc/assay/enrol-token)
cp /share/ca.pem /etc/assay
printf 'server = "https://10.0.2.2:{port}"\nca = "/etc/assay/ca.pem"\nname = "rack-1"\ninterval_s = 10\n' >/etc/assay/agent.toml
waits 'enrol-token was not taken.*expected this TPM.s digest'
ls /etc/assay >/share/etc-assay
ls -ln /var/lib/assay-agent/enrol-token >/share/taken-token
assay-agent doctor --json >/share/doctor
systemctl show -P StatusText assay-agent.service >/share/waits.new && mv /share/waits.new /share/waits
step() {{ until [ -e /share/$1 ]; do usleep 100000; done; }}
"""
# While /run/hold exists the service does not get beyond its start; systemd holds the socket.
GUEST = """
step attested
ls /var/lib/assay-agent >/share/state
sed -i 's/^interval_s.*/interval_s = 300/' /etc/assay/agent.toml
pid=$(systemctl show -P MainPID assay-agent.service)
systemctl enable assay-agent.service && systemctl daemon-reload && systemctl reload assay-agent.service || exit 1
until journalctl -u assay-agent.service | grep -q 'reading the configuration again'; do usleep 100000; done
systemctl show -P StatusText assay-agent.service >/share/status-text
[ $pid = $(systemctl show -P MainPID assay-agent.service) ] && systemctl is-active assay-agent.service >/share/reloaded
ls -ln /run/assay-agent-pci >/share/spaces
cat /proc/$(systemctl show -P MainPID assay-agent.service)/status >/share/status
journalctl -o cat -u systemd-udevd.service >/share/udevd.log
assay-agent collect --out /share/root.bundle || exit 1
touch /share/collected

step hold
printf '[Service]\\nExecStartPre=+/usr/bin/sh -c "while [ -e /run/hold ]; do usleep 100000; done"\\n' >/etc/systemd/system/assay-agent.service.d/hold.conf
systemctl daemon-reload && touch /run/hold && systemctl stop assay-agent.service || exit 1
there() {{ grep -lqx "$1" /sys/bus/usb/devices/*/serial 2>/dev/null; }}
rack plug usb-storage id=went serial=STICK-WENT && until there STICK-WENT; do usleep 100000; done
udevadm settle
rack unplug went && while there STICK-WENT; do usleep 100000; done
rack plug usb-storage id=waited serial=STICK-WAITED && until there STICK-WAITED; do usleep 100000; done
udevadm settle
udevadm info --export-db >/share/udev-db
until systemctl is-active assay-agent.service | grep -q ^activating; do usleep 100000; done # behind what root reads for it
systemctl show -P ActiveState assay-agent.service >/share/state-held
rm /run/hold && systemctl start assay-agent.service || exit 1

step kill
killed=$(systemctl show -P MainPID assay-agent.service)
systemctl kill -s KILL assay-agent.service
rack plug usb-storage id=killed serial=STICK-KILLED
until systemctl is-active -q assay-agent.service && [ $(systemctl show -P MainPID assay-agent.service) != $killed ]; do usleep 100000; done
step end
assay-agent collect --out /share/end.bundle && touch /share/ended

step lossy # a socket that holds a few dozen events, and an agent that does not read
mkdir -p /etc/systemd/system/assay-agent.socket.d
printf '[Socket]\\nReceiveBuffer=32K\\n' >/etc/systemd/system/assay-agent.socket.d/small.conf
systemctl daemon-reload && systemctl stop assay-agent.socket assay-agent.service && systemctl start assay-agent.socket assay-agent.service || exit 1
pid=$(systemctl show -P MainPID assay-agent.service)
inode=$(ls -l /proc/$pid/fd/3 | sed 's/.*\\[//; s/]//')
drops() {{ grep " $inode *$" /proc/net/netlink | tr -s ' ' | cut -d' ' -f9; }}
kill -STOP $pid
rack unplug waited && while there STICK-WAITED; do usleep 100000; done
for i in $(seq 10); do for file in $(find /sys/devices -name uevent | head -n 170); do echo change >$file; done; done
rack plug usb-kbd id=typed serial=KEYBOARD-LOSSY && until there KEYBOARD-LOSSY; do usleep 100000; done
drops >/share/drops
kill -CONT $pid
step lossy-end
assay-agent collect --out /share/lossy.bundle && touch /share/lossy-ended
step done
"""
NAMES = {"CapBnd", "CapEff", "CapAmb", "CapPrm", "NoNewPrivs", "Seccomp", "Uid"}

class AServiceUnderSystemd(RackServer):
    enrol, guest = ENROL, GUEST

    @classmethod
    def rack_options(cls):
        root, _ = installed(cls.folder)
        return ["--systemd", "--root", root]

    @classmethod
    def newest(cls):
        """The purchase list comes when the host waits for it: with the digest that its status names."""
        waits = cls.share / "waits"
        if waits.exists() and not cls.verifier.assay_json("hosts", "registered"):
            digest = re.search(r"this TPM's digest ([0-9a-f]{64}) in a purchase list", waits.read_text()).group(1)
            purchase = cls.folder / "racks.csv"
            purchase.write_text(f"host,tpm_digest\nrack-1,{digest}\n")
            cls.verifier.assay("hosts", "register", "--purchase", purchase)
        return super().newest()

    def evidence(self, file):
        sections = cbor(file.read_bytes())[0]["evidence"]["sections"]
        return {name: cbor(content)[0] if name in ("pci", "gaps", "journal") else content for name, content in sections.items()}

    def records(self, file):
        return [(raw, cbor(raw)[0]) for raw in self.evidence(file)["journal"]["records"]]

    def unaccompanied(self, serial):
        return [finding for finding in self.verifier.assay_json("findings", "--history", "--host", "rack-1", "--id", "usb.unaccompanied")
                if serial in finding["actual"]]

    def test_1_udev_starts_it_before_it_is_enrolled_and_its_rules_have_no_fault(self):
        self.assertEqual((self.share / "before-enrolment").read_text().strip(), "disabled")
        # The token was taken from where the agent can neither read nor remove it, and is gone now that the host is enrolled.
        self.assertEqual((self.share / "etc-assay").read_text().split(), ["agent.toml", "ca.pem"])
        self.assertRegex((self.share / "taken-token").read_text(), r"^-rw------- +1 [1-9]\d* ")
        told = {check["what"]: check for check in json.loads((self.share / "doctor").read_text())["checks"]}["enrolment"]
        self.assertIn("the service waits since", told["detail"])
        self.assertIn("assay token rack-1", told["remedy"])
        (self.share / "attested").touch()
        self.wait((self.share / "spaces").exists, "the reload", 120)
        self.assertNotIn("enrol-token", (self.share / "state").read_text().split())
        self.assertIn("rack-1 attested at", (self.share / "status-text").read_text())
        self.assertEqual((self.share / "reloaded").read_text().strip(), "active")
        self.wait((self.share / "collected").exists, "root's evidence", 120)
        self.assertNotIn("assay", (self.share / "udevd.log").read_text())

    def test_2_it_runs_as_its_own_user_without_any_capability(self):
        status = dict(line.split(":\t") for line in (self.share / "status").read_text().splitlines() if line.split(":")[0] in NAMES)
        self.assertNotIn("0", status["Uid"].split())
        for name in ("CapBnd", "CapEff", "CapPrm", "CapAmb"):
            self.assertEqual(int(status[name], 16), 0, name)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))

    def test_3_it_attests_with_every_section_that_root_has_and_no_gap_more(self):
        bundle = self.folder / "service.bundle"
        self.verifier.assay("host", "export", "rack-1", "--out", bundle)
        service, root = self.evidence(bundle), self.evidence(self.share / "root.bundle")
        # It attests more than once, and then goes on with the list of measured files from where the verifier has it.
        self.assertEqual({"ima-log" if name == "ima-log-part" else name for name in service}, set(root))
        gaps = lambda evidence: {(gap["section"], gap["source"], gap["code"]) for gap in evidence["gaps"]}
        self.assertEqual(gaps(service), gaps(root))
        sizes = lambda evidence: [len(function["config"]) for function in evidence["pci"]]
        self.assertEqual(sizes(service), sizes(root))
        self.assertGreater(min(sizes(service)), 64)  # as assay-agent-pci.service has read them
        self.assertRegex((self.share / "spaces").read_text(), r"(?m)^-r--r----- +1 0 +[1-9]\d* .* spaces$")
        checks = {check["check"]: check["tier"] for check in self.first["checks"]}
        for check in ("quote_is_authentic_and_bound", "logs_replay_to_the_quoted_pcrs", "required_sections_are_present"):
            self.assertEqual(checks[check], "affirming", json.dumps(self.first, indent=1))

    def test_4_what_was_plugged_in_while_it_was_stopped_waited_in_the_socket_and_is_an_insertion(self):
        (self.share / "hold").touch()
        finding, *_ = self.wait(lambda: self.unaccompanied("STICK-WAITED"), "the finding", 180)
        self.assertIn("journal: record", finding["evidence"])
        self.assertEqual((self.share / "state-held").read_text().strip(), "activating")
        stick = next(device for device in (self.share / "udev-db").read_text().split("\n\n") if "ID_SERIAL_SHORT=STICK-WAITED" in device)
        self.assertIn(":assay:", stick)

    def test_5_after_kill_9_the_journal_goes_on_without_a_hole(self):
        (self.share / "kill").touch()
        self.wait(lambda: self.unaccompanied("STICK-KILLED"), "the finding", 180)
        (self.share / "end").touch()
        self.wait((self.share / "ended").exists, "the whole journal", 120)
        records = self.records(self.share / "end.bundle")
        previous = bytes(32)
        for number, (raw, record) in enumerate(records, 1):
            self.assertEqual((record["sequence"], record["previous"]), (number, previous))
            previous = hashlib.sha256(raw).digest()
        told = [(record["kind"], record.get("device", {}).get("serial")) for _, record in records if record["kind"] != "present"]
        start = ("monitor_start", None)
        # The stick that went while nobody looked is known by its port and number alone.
        self.assertEqual(told, [("anchor", None), start, start, ("insert", ""), ("remove", ""), ("insert", "STICK-WAITED"), start, ("insert", "STICK-KILLED")])
        self.assertTrue(all(record["kernel_sequence"] for _, record in records if record["kind"] in ("insert", "remove")))
        # Where an event is missing, that nobody watched for a while is said; that the chain broke, or that the TPM has another, is not.
        journal = {finding["id"] for finding in self.verifier.assay_json("findings", "--history", "--host", "rack-1") if finding["id"].startswith("journal.")}
        self.assertLessEqual(journal, {"journal.unobserved"})

    def test_6_with_too_small_a_socket_the_loss_is_counted_as_the_kernel_counts_it_and_the_state_is_right(self):
        (self.share / "lossy").touch()
        self.wait(lambda: self.verifier.assay_json("findings", "--history", "--host", "rack-1", "--id", "journal.gap"), "the gap", 240)
        (self.share / "lossy-end").touch()
        self.wait((self.share / "lossy-ended").exists, "the journal", 120)
        dropped = int((self.share / "drops").read_text())
        self.assertGreater(dropped, 1000)
        after = [record for _, record in self.records(self.share / "lossy.bundle")]
        after = after[max(i for i, record in enumerate(after) if record["kind"] == "monitor_start"):]
        self.assertEqual(sum(record["lost"] for record in after if record["kind"] == "gap"), dropped)
        last = {}
        for record in after:
            if record.get("device") and record["device"]["serial"]:
                last[record["device"]["serial"]] = record["kind"], record.get("provenance")
        # The stick's going was among the first events, and was kept; the keyboard's coming was lost, and found by comparing.
        self.assertEqual(last["STICK-WAITED"][0], "remove")
        self.assertEqual(last["KEYBOARD-LOSSY"], ("present", "reconciled"))


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "qemu-system-x86_64", "busybox", "cmake")
    unittest.main(verbosity=2)
