"""Who brings what: certificates by role, a directory that takes two keepers, and what comes late, through real processes."""
import contextlib
import datetime
import json
import sqlite3
import unittest

from harness import NOT_PROCESSED, USAGE, VERDICTS, Agent, Person, Site, need, wait_for
from keepers import give_directory


def at(seconds=0):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


class Hands(Site):
    """Tests run in the order of their names: each goes on where the one before ended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = Agent(cls.folder, cls.verifier, cls.tpm.tcti)
        cls.agent.enrol("rack-7")
        cls.technician, cls.escort = Person(cls.folder, "technician"), Person(cls.folder, "escort")
        [host] = cls.verifier.assay_json("hosts")
        cls.directory = {
            "zones": [{"id": "site-1", "kind": "site"}],
            "persons": [{"id": "lee", "employer": "us", "keys": [cls.technician.key_id], "credentials": ["b-lee"]},
                        {"id": "roy", "employer": "us", "keys": [cls.escort.key_id], "escort_zones": ["site-1"]}],
            "hosts": [{"id": "asset-7", "ek": host["ek_digest"], "zone": "site-1"}],
            "entities": [{"id": "us", "approved": True}], "issuers": [{"id": "dc-ops", "entity": "us"}]}
        cls.karl, cls.kim = (cls.verifier.as_("keeper", name=name) for name in ("karl", "kim"))
        cls.jira = cls.verifier.as_("order-feed", name="dc-ops")
        cls.doors = cls.verifier.as_("badge-feed", name="doors")

    def write(self, name, document):
        file = self.folder / name
        file.write_text(json.dumps(document))
        return file

    def order(self, id="W-1", issuer="dc-ops"):
        return {"id": id, "created_at": at(-7200), "created_by": "dispatch", "issuer": issuer, "requester": "dispatch",
                "technicians": ["lee"], "hosts": ["asset-7"], "from": at(-3600), "to": at(3600), "state": "approved",
                "history": [{"at": at(-3600), "by": "chief", "field": "state", "old": "draft", "new": "approved"}]}

    def case(self):
        folder = self.folder / "case"
        self.verifier.assay("accompaniment", "save", "rack-7", folder)
        return {file.name: json.loads(file.read_text()) for file in folder.iterdir()}

    def test_1_no_certificate_brings_what_is_of_another(self):
        directory = self.write("directory.json", self.directory)
        orders = self.write("orders.json", {"orders": [self.order()]})
        for who in (self.verifier.admin, self.jira, self.doors):
            self.assertIn("keeper", who.assay("people", "import", directory, codes=(NOT_PROCESSED,)).stderr)
        for who in (self.verifier.admin, self.karl, self.doors):
            self.assertIn("order-feed", who.assay("orders", "import", orders, codes=(NOT_PROCESSED,)).stderr)
        foreign = self.write("foreign.json", {"orders": [self.order("W-2", "dc-abroad")]})
        self.assertIn("expected dc-ops", self.jira.assay("orders", "import", foreign, codes=(NOT_PROCESSED,)).stderr)

    def test_2_a_directory_takes_two_keepers(self):
        file = self.write("directory.json", self.directory)
        text = self.karl.assay("people", "import", file).stdout
        self.assertIn("persons: adds lee", text)
        [proposal] = self.kim.assay_json("people", "proposals")
        self.assertIn(proposal["proposal"], text)
        self.assertIn("another keeper", self.karl.assay("people", "approve", proposal["proposal"], codes=(NOT_PROCESSED,)).stderr)
        same = self.verifier.as_("keeper", name="karl-2", person="p-karl")
        self.assertIn("another person", same.assay("people", "approve", proposal["proposal"], codes=(NOT_PROCESSED,)).stderr)
        self.assertIn("in force", self.kim.assay("people", "approve", proposal["proposal"]).stdout)
        self.assertEqual(self.kim.assay_json("people", "proposals"), [])
        [lee, roy] = self.case()["directory.json"]["persons"]
        self.assertEqual((lee["hand"], lee["hands"]), ("operator:karl", ["operator:kim"]))
        self.assertIn({"id": "operator:karl", "person": "p-karl"}, self.case()["directory.json"]["hands"])

    def test_3_what_only_takes_away_is_in_force_at_once(self):
        less = {**self.directory, "persons": self.directory["persons"][1:]}
        self.assertTrue(self.karl.assay_json("people", "import", self.write("less.json", less))["in_force"])
        self.assertEqual([person["id"] for person in self.karl.assay_json("people", "list")["persons"]], ["roy"])
        give_directory(self.verifier, self.write("directory.json", self.directory))
        versions = [person for person in self.case()["directory.json"]["persons"] if person["id"] == "lee"]
        self.assertEqual(["until" in version for version in versions], [True, False])

    def test_4_receipts_are_the_verifiers_word(self):
        order = self.order()
        said = self.write("said.json", {"orders": [{**order, "received_at": at(-7200)}]})
        self.assertIn("only the verifier says", self.jira.assay("orders", "import", said, codes=(USAGE,)).stderr)
        before = at(-1)
        self.jira.assay("orders", "import", self.write("orders.json", {"orders": [order]}), "--export", "1")
        [stored] = self.case()["orders.json"]["orders"]
        self.assertGreaterEqual(stored["received_at"][:19], before[:19])
        self.assertEqual((stored["hand"], stored["export"]), ("feed:dc-ops", 1))

    def test_5_rows_keep_their_first_receipt_and_a_watermark_lies_never_ahead(self):
        rows = self.write("badges.json", {
            "feeds": [{"source": "doors", "watermark": at(3600), "zones": ["site-1"]}],
            "rows": [{"source": "doors", "event_id": "1", "credential": "b-lee", "direction": "in", "zone_to": "site-1", "occurred_at": at(-5)}]})
        self.doors.assay("badges", "import", rows)
        first = self.case()["badges.json"]
        self.assertLess(first["feeds"][0]["watermark"][:19], at(60)[:19])
        self.doors.assay("badges", "import", rows)
        self.assertEqual(self.case()["badges.json"]["rows"], first["rows"])
        self.assertEqual(first["rows"][0]["hand"], "feed:doors")

    def test_6_the_saved_case_is_judged_the_same_by_a_stranger(self):
        self.case()
        answer = self.verifier.assay("--json", "accompaniment", "judge", self.folder / "case", codes=VERDICTS)
        self.assertEqual(json.loads(answer.stdout), [])
        self.jira.assay("orders", "import", self.write("none.json", {"watermark": at(), "orders": []}))
        self.assertIn(" 0 contradictions", self.verifier.assay("audit", "verify").stdout)

    def test_7_what_a_stopped_verifier_had_not_judged_is_judged_at_its_start(self):
        database = self.verifier.state / "assay.db"
        self.verifier.stop()
        with contextlib.closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("INSERT INTO site_documents (kind, id, number, newest, open, host, from_ms, to_ms, digest, document, stored_at, "
                               "stored_by) VALUES ('to-judge', 'left', 1, 1, 1, '', 0, 1, '', '{}', 0, '')")
        self.verifier.start()

        def is_judged():
            with contextlib.closing(sqlite3.connect(database, timeout=30)) as connection:
                return connection.execute("SELECT open FROM site_documents WHERE id = 'left'").fetchone() == (0,)

        wait_for(is_judged, "what was left to be judged")


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca", "openssl")
    unittest.main(verbosity=2)
