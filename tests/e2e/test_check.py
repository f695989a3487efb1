"""`assay-verifier check`: each thing that would keep a verifier from serving is a line of its own, with what to do; and it changes nothing."""
import json
import shutil
import sqlite3
import unittest

from harness import BIN, NOT_PROCESSED, USAGE, WARNING, Verifier, folder, need, run

ALL = {"policy", "TPM roots", "platform roots", "certificate ca", "certificate server", "certificate operator", "key of the server",
       "key of the CA", "signing key", "database", "schema", "vendor data", "chain", "disk", "files"}
RELOADED = {"policy", "TPM roots", "platform roots", "certificate ca", "certificate server", "certificate operator", "key of the server", "schema",
            "vendor data"}
DAY_AHEAD = ("faketime", "-f")


class Check(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = folder()
        cls.path = cls.context.__enter__()
        cls.addClassCleanup(cls.context.__exit__, None, None, None)
        cls.verifier = Verifier(cls.path)
        cls.addClassCleanup(cls.verifier.stop)
        # A verifier whose owner did what `init` cannot: other signers than its example key.
        (cls.verifier.state / "example-vendor.key").unlink()

    def check(self, *options, state=None, codes=(0,), prefix=()):
        """The lines by what they are of."""
        done = run(*prefix, BIN / "assay-verifier", "check", "--json", "--state", state or self.verifier.state, *options, codes=codes)
        told = json.loads(done.stdout)
        worst = {0: "ok", 1: "failed", 4: "warning"}
        if "--reload" not in options:
            self.assertEqual(worst[done.returncode], told["standing"])
        for line in told["checks"]:
            self.assertTrue(line["expected"] and line["found"], line)
            self.assertEqual(line["standing"] == "ok", line["next"] == "", line)
        return {line["what"]: line for line in told["checks"]}

    def copy(self, name):
        """A stopped verifier of its own, that a test may break."""
        backup = self.path / f"{name}-backup"
        run(BIN / "assay-verifier", "backup", "--out", backup, "--state", self.verifier.state)
        run(BIN / "assay-verifier", "restore", "--from", backup, "--state", self.path / name)
        return self.path / name

    def failed(self, lines):
        return {what for what, line in lines.items() if line["standing"] == "failed"}

    def test_all_is_well_of_a_verifier_that_serves_but_for_roots_that_nobody_gave_it(self):
        lines = self.check(codes=(0, WARNING))
        self.assertEqual(ALL, set(lines))
        self.assertLessEqual({what for what, line in lines.items() if line["standing"] != "ok"}, {"TPM roots", "disk"})
        self.assertEqual(RELOADED, set(self.check("--reload")))

    def test_a_line_says_what_was_expected_and_found_and_what_comes_next(self):
        state = self.copy("worded")
        (state / "policy.toml").write_text("colour = 'red'\n")
        done = run(BIN / "assay-verifier", "check", "--state", state, codes=(NOT_PROCESSED,))
        line = next(line for line in done.stdout.splitlines() if line.startswith("failed"))
        self.assertRegex(line, r"^failed  policy: expected policies that can be read.*, found .*policy\.toml.*; next: mend it")
        self.assertRegex(done.stdout, r"(?m)^ok      database: expected ")

    def test_each_broken_file_fails_its_own_line_and_no_other(self):
        for name, break_it, what in (
                ("policy", lambda state: (state / "policy.toml").write_text("colour = 'red'\n"), "policy"),
                ("root", lambda state: (state / "tpm-roots" / "x.pem").write_text("x"), "TPM roots"),
                ("maker", lambda state: (state / "platform-roots" / "x.pem").write_text("x"), "platform roots"),
                ("bundle", lambda state: (state / "vendors.bundle").write_bytes((state / "vendors.bundle").read_bytes()[:-9]), "vendor data"),
                ("server-key", lambda state: shutil.copy(state / "ca" / "ca.key", state / "server.key"), "key of the server"),
                ("ca-key", lambda state: shutil.copy(state / "server.key", state / "ca" / "ca.key"), "key of the CA"),
                ("signing-key", lambda state: (state / "signing.key").write_text("x"), "signing key"),
                ("acts", lambda state: self.sql(state, "DELETE FROM acts WHERE number = 2"), "chain"),
                ("row", lambda state: self.sql(state, "UPDATE operators SET role = 'viewer'"), "chain"),
                ("newer", lambda state: self.sql(state, "UPDATE meta SET value = '999' WHERE key = 'schema_version'"), "schema")):
            with self.subTest(name):
                state = self.copy(name)
                break_it(state)
                failed = self.failed(self.check(state=state, codes=(NOT_PROCESSED,)))
                self.assertEqual({what}, failed - ({"vendor data"} if what == "schema" else set()))

    def sql(self, state, statement):
        with sqlite3.connect(state / "assay.db") as connection:
            connection.execute(statement)
        connection.close()

    def test_a_damaged_database_is_found_and_the_rest_is_looked_at_all_the_same(self):
        state = self.copy("damaged")
        content = bytearray((state / "assay.db").read_bytes())
        for page in range(3, len(content) // 4096, 2):
            content[page * 4096:page * 4096 + 64] = bytes(64)
        (state / "assay.db").write_bytes(content)
        lines = self.check(state=state, codes=(NOT_PROCESSED,))
        self.assertEqual({"database", "vendor data"}, self.failed(lines))
        self.assertIn("restore a backup", lines["database"]["next"])
        self.assertIn("files", lines)

    def test_an_older_schema_warns_and_stays_as_it_is(self):
        state = self.copy("older")
        self.sql(state, "UPDATE meta SET value = '3' WHERE key = 'schema_version'")
        lines = self.check(state=state, codes=(NOT_PROCESSED, WARNING))
        self.assertEqual("warning", lines["schema"]["standing"])
        self.assertIn("make a backup before", lines["schema"]["next"])
        with sqlite3.connect(state / "assay.db") as connection:
            self.assertEqual("3", connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()[0])

    def test_certificates_and_vendor_data_near_their_end_warn_and_behind_it_fail(self):
        near = self.check(prefix=(*DAY_AHEAD, "+715d"), codes=(NOT_PROCESSED,))
        self.assertEqual("warning", near["certificate server"]["standing"])
        self.assertEqual("failed", near["vendor data"]["standing"])
        self.assertEqual("ok", near["certificate ca"]["standing"])
        over = self.check(prefix=(*DAY_AHEAD, "+740d"), codes=(NOT_PROCESSED,))
        self.assertEqual("failed", over["certificate server"]["standing"])
        self.assertIn("certificates renew", over["certificate server"]["next"])
        self.assertEqual("warning", self.check(prefix=(*DAY_AHEAD, "+355d"), codes=(WARNING,))["vendor data"]["standing"])

    def test_a_key_that_others_may_read_warns(self):
        state = self.copy("wide")
        (state / "signing.key").chmod(0o644)
        lines = self.check(state=state, codes=(WARNING,))
        self.assertEqual("warning", lines["files"]["standing"])
        self.assertIn("chmod 600", lines["files"]["next"])
        self.assertEqual(0o644, (state / "signing.key").stat().st_mode & 0o777)  # it changes nothing

    def test_the_example_key_of_init_warns(self):
        state = self.copy("example")
        (state / "example-vendor.key").write_text("x")
        self.assertEqual("warning", self.check(state=state, codes=(WARNING,))["vendor data"]["standing"])
        self.assertEqual(0, run(BIN / "assay-verifier", "check", "--reload", "--state", state).returncode)

    def test_without_a_state_it_says_how_to_make_one(self):
        done = run(BIN / "assay-verifier", "check", "--state", self.path / "nowhere", codes=(NOT_PROCESSED, USAGE))
        self.assertIn("assay-verifier init", done.stderr)


if __name__ == "__main__":
    need("faketime")
    unittest.main()
