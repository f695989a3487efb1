"""A virtual rack server, its agent stopped, paused and overrun while devices come and go: what was told is told until it is over."""
import json
import unittest

from harness import need
from rack_server import ENROL, RackServer

EVENTS = 1700
REPORTS = 6

# The first stick is there before the agent's first start. The agent reports every ten seconds.
BEFORE = """
mkdir -p /etc/assay && echo 'interval_s = 10' >/etc/assay/agent.toml
rack plug usb-storage id=early serial=STICK-EARLY
until grep -lqx STICK-EARLY /sys/bus/usb/devices/*/serial 2>/dev/null; do usleep 100000; done
"""
GUEST = """
agent_pid=$!
wait_for() {{ until [ -e /share/$1 ]; do usleep 100000; done; }}  # with or without an agent
there() {{ grep -lqx "$1" /sys/bus/usb/devices/*/serial 2>/dev/null; }}
plugged() {{ rack plug $1 && until there $2; do usleep 100000; done; }}
gone() {{ rack unplug $1 && while there $2; do usleep 100000; done; }}
stopped() {{ kill $agent_pid; wait $agent_pid; }}
started() {{ $agent run >>/share/agent.log 2>&1 & agent_pid=$!; }}

wait_for stop && stopped
plugged "usb-kbd id=typed serial=KEYBOARD-STOPPED" KEYBOARD-STOPPED
started

wait_for overrun
kill -STOP $agent_pid
find /sys/devices -name uevent | head -n 170 >/tmp/files
sent=0
while [ $sent -lt EVENTS ]; do
    for file in $(cat /tmp/files); do echo change >$file; sent=$((sent + 1)); done
done
plugged "usb-kbd id=flooded serial=KEYBOARD-OVERRUN" KEYBOARD-OVERRUN
kill -CONT $agent_pid

wait_for plug && plugged "usb-storage id=stick serial=STICK-LEFT" STICK-LEFT
wait_for unplug && gone stick STICK-LEFT && touch /share/unplugged

wait_for forge && stopped
cp -r /var/lib/assay-agent /tmp/old # what root puts before the verifier while the stick is in
plugged "usb-storage id=hidden serial=STICK-HIDDEN" STICK-HIDDEN
for i in $(seq REPORTS); do
    $agent --state /tmp/old attest --json >/share/forged-$i.json 2>>/share/forged.log
    sleep 1
done
touch /share/forged

wait_for restart && started
wait_for done
""".replace("EVENTS", str(EVENTS)).replace("REPORTS", str(REPORTS))


class NothingIsForgotten(RackServer):
    enrol, guest = BEFORE + ENROL, GUEST

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {name: cls.verifier.as_("operator", name) for name in ("olga", "otto")}

    def told(self, serial):
        """What the newest result tells of this device: id, tier."""
        return {(finding["id"], finding["tier"]) for finding in self.newest()["findings"] if serial in finding["actual"]}

    def matters(self, serial):
        matters = self.verifier.assay_json("host", "matters", "rack-1")["matters"]
        return {matter["matter"]: matter for matter in matters if serial in matter["actual"]}

    def acknowledge(self, person, matter):
        return self.people[person].assay_json("findings", "ack", "rack-1", matter, "--reason", "it is in our safe")["acknowledged"][0]

    def reports(self, number):
        """So many results more."""
        seen = {self.newest()["appraised_at"]}
        while len(seen) <= number:
            newest = self.wait(lambda: (lambda result: result if result["appraised_at"] not in seen else None)(self.newest()), "a report", 120)
            seen.add(newest["appraised_at"])
            yield newest

    def check_told_for_four_reports(self, serial, finding):
        for result in self.reports(4):
            told = {(each["id"], each["tier"]) for each in result["findings"] if serial in each["actual"]}
            self.assertIn((finding, "contraindicated"), told, json.dumps(result, indent=1))
            self.assertEqual(result["tier"], "contraindicated")

    def test_1_a_stick_that_was_in_before_the_agents_first_start_is_told_by_itself_and_root_hubs_are_not(self):
        self.wait(lambda: self.told("STICK-EARLY"), "the stick", 120)
        self.assertIn(("usb.found_unseen", "contraindicated"), self.told("STICK-EARLY"))
        self.assertEqual([finding for finding in self.newest()["findings"] if "1d6b:" in finding["actual"]], [])

    def test_2_a_keyboard_that_came_while_the_agent_was_stopped_is_found_and_goes_on_being_told(self):
        (self.share / "stop").touch()
        self.wait(lambda: self.told("KEYBOARD-STOPPED"), "the keyboard", 180)
        self.check_told_for_four_reports("KEYBOARD-STOPPED", "usb.found_unseen")

    def test_3_a_keyboard_that_came_in_a_flood_is_told_and_goes_on_being_told(self):
        (self.share / "overrun").touch()
        self.wait(lambda: self.told("KEYBOARD-OVERRUN"), "the keyboard", 240)
        # The kernel's queue may have held its event, so that it is an insertion, or have lost it, so that it is found.
        [finding] = {told for told in self.told("KEYBOARD-OVERRUN") if told[0] in ("usb.unaccompanied", "usb.found_unseen")}
        self.check_told_for_four_reports("KEYBOARD-OVERRUN", finding[0])

    def test_4_a_stick_is_told_while_it_is_in_and_then_until_enough_people_have_acknowledged_it(self):
        (self.share / "plug").touch()
        self.wait(lambda: self.told("STICK-LEFT"), "the stick", 120)
        self.check_told_for_four_reports("STICK-LEFT", "usb.unaccompanied")
        (self.share / "unplug").touch()
        self.wait((self.share / "unplugged").exists, "the stick to go", 120)
        self.wait(lambda: "gone" in json.dumps(list(self.matters("STICK-LEFT").values())), "its going", 120)
        self.check_told_for_four_reports("STICK-LEFT", "usb.unaccompanied")
        for matter, before in self.matters("STICK-LEFT").items():
            # The kernel reads a disk's partition table when it comes: that counts.
            if before["id"] == "usb.unaccompanied":
                self.assertEqual(before["missing"], 2, before)
            once = self.acknowledge("olga", matter)
            self.assertEqual(once["missing"], before["missing"] - 1)
            if once["missing"]:
                self.assertEqual(self.acknowledge("olga", matter)["missing"], once["missing"], "one person counted twice")
                for _ in self.reports(2):
                    self.assertIn((before["id"], before["tier"]), self.told("STICK-LEFT"))
                self.assertEqual(self.acknowledge("otto", matter)["missing"], 0)
        self.wait(lambda: not self.told("STICK-LEFT"), "a result without it", 120)
        for _ in self.reports(2):
            self.assertEqual(self.told("STICK-LEFT"), set())
        self.assertEqual(self.newest()["tier"], "contraindicated")  # the others are in

    def test_5_what_is_acknowledged_while_it_is_in_is_told_on(self):
        for matter in self.matters("STICK-EARLY"):
            for person in self.people:
                self.assertIn("still there", self.acknowledge(person, matter)["lacks"])
        self.check_told_for_four_reports("STICK-EARLY", "usb.found_unseen")

    def test_6_roots_own_agent_with_the_old_journal_is_not_a_monitor_that_watches(self):
        (self.share / "forge").touch()
        self.wait((self.share / "forged").exists, "root's reports", 240)
        forged = [json.loads((self.share / f"forged-{i}.json").read_text()) for i in range(1, REPORTS + 1)]
        self.assertTrue(all(forged), (self.share / "forged.log").read_text())
        newest = self.newest()
        self.assertIn("usb.unwatched", {finding["id"] for finding in newest["findings"]}, json.dumps(newest, indent=1))
        self.assertEqual({check["check"]: check["tier"] for check in newest["checks"]}["devices_are_watched"], "none")

    def test_7_the_agent_that_is_started_again_finds_what_came_meanwhile(self):
        (self.share / "restart").touch()
        self.wait(lambda: ("usb.found_unseen", "contraindicated") in self.told("STICK-HIDDEN"), "the stick", 180)
        # The time between is told until somebody has seen to it, and a monitor watches.
        for matter in self.verifier.assay_json("host", "matters", "rack-1")["matters"]:
            if matter["id"] == "usb.unwatched":
                self.acknowledge("olga", matter["matter"])
        watched = self.wait(lambda: {check["check"]: check["tier"] for check in self.newest()["checks"]}["devices_are_watched"] != "none",
                            "a monitor that watches", 120)
        self.assertTrue(watched)


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "qemu-system-x86_64", "busybox")
    unittest.main(verbosity=2)
