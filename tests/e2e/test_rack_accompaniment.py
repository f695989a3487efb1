"""Who was there: from a real kernel's event in a virtual rack server to the verdict, the finding and the report."""
import json
import re
import time
import unittest

from harness import VERDICTS, need
from rack_site import RackSite, at


class DevicesInARack(RackSite):
    guest = """
step plug-1 && rack plug usb-storage id=stick1 serial=STICK-ACCOMPANIED-1
step plug-2 && rack plug usb-storage id=stick2 serial=STICK-ALONE-2
step plug-3 && rack plug usb-storage id=stick3 serial=STICK-SUBSIDIARY-3
step done
"""

    def plug(self, number):
        """Plugs the stick in, waits for its event, brings the feeds up to date; the event's id and its verdict."""
        known = {verdict["event"] for verdict in self.verdicts()}
        (self.share / f"plug-{number}").touch()
        [event] = self.wait(lambda: {verdict["event"] for verdict in self.verdicts()} - known, f"stick {number}", 120)
        return event

    def verdicts(self):
        return self.verifier.assay_json("accompaniment", "rack-1", codes=VERDICTS)

    def verdict(self, event, settled=True):
        def newest():
            self.deliver_badges()
            verdict = self.verifier.assay_json("accompaniment", "rack-1", "--event", event, codes=VERDICTS)[-1]
            return verdict if not settled or verdict["outcome"] != "UNDETERMINED" else None
        return self.wait(newest, f"a verdict on {event}", 420)

    def test_1_a_visitor_with_a_valid_order_and_an_escort_who_signed_is_accompanied(self):
        session = self.sign_in("WO-1", "technician", "escort")
        type(self).session = session
        type(self).first = self.plug(1)
        verdict = self.verdict(self.first)
        self.assertEqual((verdict["outcome"], verdict["row"], verdict["severity"]), ("ACCOMPANIED", 16, "info"), json.dumps(verdict, indent=1))
        self.assertIn("STICK-ACCOMPANIED-1", json.dumps(self.case()["events.json"]))
        text = self.verifier.assay("accompaniment", "rack-1", "--event", self.first, codes=VERDICTS).stdout
        self.assertIn("changed from UNDETERMINED", text)

    def test_2_the_escort_leaves_and_the_stick_stays(self):
        self.badge("escort", "out")
        type(self).left = time.monotonic()
        def gap():
            verdict = self.verdict(self.first)
            return [note for note in verdict["notes"] if note["id"] == "UNACCOMPANIED_INTERVAL"]
        [note] = self.wait(gap, "the interval", 120)
        self.assertIn("escort was not in hall", note["text"])

    def test_3_the_same_order_without_the_escort_is_unaccompanied(self):
        self.verifier.as_("desk").assay("session", "close", self.session)
        # Clear of the door by more than the bounds of both clocks: within them nobody can tell who was first.
        self.wait(lambda: time.monotonic() > self.left + 12, "the escort to be gone", 60)
        event = self.plug(2)
        verdict = self.verdict(event)
        self.assertEqual((verdict["outcome"], verdict["reason"], verdict["row"]), ("UNACCOMPANIED", "ESCORT_ABSENT", 11), json.dumps(verdict, indent=1))
        text = self.verifier.assay("accompaniment", "rack-1", "--event", event, codes=VERDICTS).stdout
        self.assertRegex(text, r"device .*!")

    def test_4_an_order_of_a_subsidiary_of_an_unapproved_parent_does_not_count(self):
        self.verifier.assay("orders", "list")
        # The first order is closed; the foreign one is all there is.
        order = self.verifier.assay_json("orders", "show", "WO-1")["order"]
        order["history"].append({"at": at(), "by": "chief", "field": "state", "old": "approved", "new": "closed"})
        order["state"] = "closed"
        self.give_orders("dc-ops", [order])
        self.visit("WO-0", "dc-abroad")
        self.badge("escort", "in")
        self.deliver_badges()
        came = time.monotonic()
        self.wait(lambda: time.monotonic() > came + 12, "the escort to be clear of the door", 60)
        self.sign_in("WO-0", "technician", "escort")
        event = self.plug(3)
        verdict = self.verdict(event)
        self.assertEqual((verdict["outcome"], verdict["reason"]), ("INVALID_ORDER", "ISSUER"), json.dumps(verdict, indent=1))
        self.assertIn("parent", verdict["text"])

    def test_5_the_report_draws_it_and_a_stranger_judges_the_same_from_the_saved_case(self):
        report = self.folder / "report.html"
        self.verifier.assay("report", "rack-1", "--html", report, codes=VERDICTS)
        text = report.read_text()
        self.assertIn("ESCORT_ABSENT", text)
        self.assertEqual(len(re.findall("<svg", text)), len(self.verdicts()))
        self.assertIn("#c62828", text)
        folder = self.folder / "case"
        self.verifier.assay("accompaniment", "save", "rack-1", folder)
        again = {verdict["event"]: verdict["outcome"] for verdict in
                 json.loads(self.verifier.assay("--json", "accompaniment", "judge", folder, codes=VERDICTS).stdout)}
        self.assertEqual(again, {verdict["event"]: verdict["outcome"] for verdict in self.verdicts()})
        self.assertIn(" 0 contradictions", self.verifier.assay("audit", "verify").stdout)

    def case(self):
        folder = self.folder / "case-1"
        self.verifier.assay("accompaniment", "save", "rack-1", folder)
        return {file.name: json.loads(file.read_text()) for file in folder.iterdir()}


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "qemu-system-x86_64", "busybox", "openssl")
    unittest.main(verbosity=2)
