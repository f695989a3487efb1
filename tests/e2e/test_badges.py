"""Badge feeds through real processes: a long import that is killed and run again, hostile text, a watched folder."""
import json
import signal
import subprocess
import time
import unittest

from harness import BIN, WARNING, SOURCE, Site, need

ROWS = 30_000
MAPPING = SOURCE / "verifier" / "inputs" / "mappings" / "assay.toml"
HEADER = "event_id,feed_pos,person_id,credential_id,reader_id,zone_from,zone_to,direction,result,occurred_at,received_at\n"


def row(number, person="p-1", zone="hall"):
    return f"{number},{number},{person},b-{number % 50},r-1,,{zone},in,granted,2026-03-02T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z,\n"


class BadgeFeeds(Site):
    def count(self):
        return self.verifier.assay_json("badges", "list")["rows"]

    def write(self, name, text):
        file = self.folder / name
        file.write_text(text)
        return file

    def command(self, *arguments):
        return [str(part) for part in (BIN / "assay", "--config", self.doors.config, *arguments)]

    @property
    def doors(self):
        return self.verifier.as_("badge-feed", name="doors")

    def test_1_an_import_that_was_killed_is_run_again_and_gives_the_same(self):
        file = self.write("rows.csv", HEADER + "".join(row(number) for number in range(ROWS)))
        with subprocess.Popen(self.command("badges", "import", file, "--mapping", MAPPING), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
            end = time.monotonic() + 120
            while self.count() == 0 and first.poll() is None and time.monotonic() < end:
                time.sleep(0.02)
            first.send_signal(signal.SIGKILL)
        before, now = -1, self.count()
        while now != before:  # what the verifier had already received is still being stored
            time.sleep(1)
            before, now = now, self.count()
        self.assertGreater(before, 0)
        self.assertLess(before, ROWS)
        answer = self.doors.assay_json("badges", "import", file, "--mapping", MAPPING)
        self.assertEqual(answer["added"], ROWS - before)
        self.assertEqual(self.count(), ROWS)
        self.assertEqual(self.doors.assay_json("badges", "import", file, "--mapping", MAPPING)["added"], 0)

    def test_2_hostile_text_is_shown_as_what_it_is_and_a_bad_row_does_not_stop_the_rest(self):
        hostile = ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "\x1b[31mred", "\u202eevil", "'; DROP TABLE badge_rows; --"]
        text = HEADER + "".join(row(90_000 + i, person=f'"{value}"') for i, value in enumerate(hostile)) + "99999,,p-1,,,,,in,granted,never,\n"
        file = self.write("hostile.csv", text)
        before = self.count()
        answer = self.doors.assay_json("badges", "import", file, "--mapping", MAPPING, codes=(WARNING,))
        self.assertEqual(answer["rejected"], 2)  # the escape sequence is a control character, and "never" is no time
        self.assertEqual(self.count(), before + 4)
        shown = self.verifier.assay("badges", "rejected").stdout
        self.assertNotIn("\x1b", shown)
        self.assertIn("never", shown)
        rows = self.verifier.assay_json("badges", "rejected")
        self.assertTrue(any("\x1b" in entry["content"] for entry in rows))

    def test_3_a_watched_folder_is_emptied_once(self):
        folder = self.folder / "inbox"
        folder.mkdir()
        (folder / "a.csv").write_text(HEADER + row(100_000))
        (folder / "b.csv.part").write_text(HEADER + row(100_001))
        before = self.count()
        self.doors.assay("badges", "watch", folder, "--mapping", MAPPING, "--zones", "site-1", "--once")
        self.assertEqual(self.count(), before + 1)
        self.assertTrue((folder / "done" / "a.csv").exists())
        self.assertTrue((folder / "b.csv.part").exists())
        [feed] = self.verifier.assay_json("badges", "list")["feeds"]
        self.assertEqual(feed["source"], "doors")

    def test_4_what_is_wrong_with_a_mapping_or_a_file_is_told_with_its_place(self):
        mapping = self.write("bad.toml", MAPPING.read_text().replace('zone_to = "zone_to"', 'zone_too = "zone_to"'))
        error = self.doors.assay("badges", "import", self.folder / "rows.csv", "--mapping", mapping, codes=(1,)).stderr
        self.assertIn("zone_too", error)
        self.assertIn("bad.toml", error)
        error = self.doors.assay("badges", "import", self.write("other.csv", "a,b\n1,2\n"), "--mapping", MAPPING, codes=(1,)).stderr
        self.assertIn("no column", error)
        converted = self.verifier.assay("badges", "convert", self.write("one.csv", HEADER + row(1)), "--mapping", MAPPING).stdout
        self.assertEqual(json.loads(converted)["event_id"], "1")

    def test_5_a_mapping_that_ships_is_named_without_its_file_by_every_command_that_takes_one(self):
        rows = self.write("named.csv", HEADER + row(200_000) + "# of today\n")
        converted = self.verifier.assay("badges", "convert", rows, "--mapping", "assay", codes=(WARNING,))
        self.assertEqual(json.loads(converted.stdout)["event_id"], "200000")
        self.assertIn("1 rows, 1 rejected, 0 of another kind", converted.stderr)
        answer = self.doors.assay_json("badges", "import", rows, "--mapping", "assay", codes=(WARNING,))
        self.assertEqual((answer["rows"], answer["added"], answer["rejected"]), (1, 1, 1))
        error = self.verifier.assay("badges", "convert", rows, "--mapping", "assays", codes=(2,)).stderr
        self.assertIn("assay, brivo, ccure, genetec, jira, onguard, salto, servicenow", error)
        issue = {"key": "OPS-1", "fields": {"reporter": {"accountId": "a"}, "creator": {"accountId": "a"}, "assignee": {"accountId": "t"},
                 "customfield_hosts": [], "customfield_start": "2026-03-02T15:00:00.000+0100", "customfield_end": "2026-03-02T16:00:00.000+0100",
                 "status": {"name": "To Do"}, "created": "2026-03-01T09:00:00.000+0000"}, "changelog": {"total": 0, "histories": []}}
        file = self.write("issues.json", json.dumps({"issues": [issue]}))
        converted = self.verifier.assay("orders", "convert", file, "--mapping", "jira")
        self.assertEqual(json.loads(converted.stdout)["orders"][0]["from"], "2026-03-02T14:00:00Z")
        self.assertIn("1 orders, 0 changes in their histories", converted.stderr)
        self.verifier.assay("orders", "convert", file, "--mapping", "onguard", codes=(1,))

    def test_6_a_mapping_that_keeps_none_of_all_rows_says_so(self):
        mapping = self.write("keeps-none.toml", MAPPING.read_text() + '[keep]\ncolumn = "result"\nvalues = ["GRANTED"]\n')
        shown = self.verifier.assay("badges", "convert", self.write("none.csv", HEADER + row(1)), "--mapping", mapping, codes=(WARNING,))
        self.assertIn("none of 1 rows has a word that the mapping's [keep] lists", shown.stderr)
        self.assertEqual(shown.stdout, "")


if __name__ == "__main__":
    need("swtpm", "swtpm_setup")
    unittest.main(verbosity=2)
