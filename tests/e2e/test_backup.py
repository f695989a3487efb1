"""A backup of a verifier that serves, and what is restored from it: the same results, the same chain, and nothing that the manifest has not."""
import hashlib
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import stat
import threading
import unittest

from harness import BIN, NOT_PROCESSED, USAGE, VERDICTS, WARNING, Agent, Site, Verifier, need, run


def program(*arguments, codes=(0,)):
    return run(BIN / "assay-verifier", *arguments, codes=codes)


def results(state):
    """Revision and id of each result of the one host: an id is the digest of what was concluded and of what it stands on."""
    with sqlite3.connect(state / "assay.db", timeout=30) as connection:
        return connection.execute("SELECT revision, lower(hex(id)) FROM occasions ORDER BY revision").fetchall()


def heads(state):
    with sqlite3.connect(state / "assay.db", timeout=30) as connection:
        return connection.execute("SELECT number, head FROM acts ORDER BY number").fetchall()


def everything(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


class Backup(Site):
    """One verifier that reports go to all the time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = Agent(cls.folder, cls.verifier, cls.tpm.tcti)
        cls.agent.enrol("rack-7")
        cls.agent("attest", codes=VERDICTS)
        (cls.verifier.state / "policies.d").mkdir()  # an empty folder belongs to the state as well
        cls.made = cls.folder / "backup"
        cls.told = cls.under_load(lambda: program("backup", "--out", cls.made, "--state", cls.verifier.state).stdout)

    @classmethod
    def under_load(cls, work):
        """What `work` gives, while reports come in: before, meanwhile and after."""
        done, reported = threading.Event(), []

        def report():
            while not done.is_set():
                reported.append(cls.agent("attest", codes=VERDICTS).returncode)

        reporter = threading.Thread(target=report)
        reporter.start()
        try:
            while not reported:
                pass
            out = work()
            before = len(reported)
            while len(reported) < before + 2:
                pass
            return out
        finally:
            done.set()
            reporter.join()

    def restored(self, name, source=None, *options, codes=(0,)):
        state = self.folder / name
        done = program("restore", "--from", source or self.made, "--state", state, *options, codes=codes)
        return state, done

    def copy(self, name):
        return pathlib.Path(shutil.copytree(self.made, self.folder / name, symlinks=True))

    def test_01_it_says_that_it_holds_keys_and_is_its_owners_alone(self):
        self.assertIn("it holds private keys", self.told)
        self.assertEqual(0o700, stat.S_IMODE(self.made.stat().st_mode))
        for path in self.made.rglob("*"):
            self.assertEqual(0o700 if path.is_dir() else 0o600, stat.S_IMODE(path.stat().st_mode), path)
        self.assertEqual([], list(self.folder.glob(".backup.*")))

    def test_02_the_manifest_lists_each_file_with_its_digest(self):
        manifest = json.loads((self.made / "manifest.json").read_text())
        listed = {file["path"]: file for file in manifest["files"]}
        held = everything(self.made / "state")
        self.assertEqual(set(held), set(listed))
        for path, content in held.items():
            self.assertEqual((len(content), hashlib.sha256(content).hexdigest()), (listed[path]["size"], listed[path]["sha256"]))
        self.assertEqual({"engine": "sqlite", "included": True, "schema_version": manifest["database"]["schema_version"]},
                         manifest["database"])
        self.assertNotIn("assay.db-wal", held)

    def test_03_a_restored_verifier_has_a_prefix_of_the_results_and_serves_each_with_the_same_digest(self):
        state, done = self.restored("elsewhere")
        self.assertIn("audit restored", done.stdout)
        self.assertIn("0 contradictions", program("audit", "verify", "--state", state).stdout)
        now, then = results(self.verifier.state), results(state)
        self.assertGreater(len(then), 0)
        self.assertGreater(len(now), len(then))  # reports went on
        self.assertEqual(now[:len(then)], then)
        acts = heads(state)
        self.assertEqual(heads(self.verifier.state)[:len(acts)], acts)
        there = self.serving(state)
        try:
            for revision, result in then:
                here, copied = (json.loads(self.fetched(verifier, result)) for verifier in (self.verifier, there))
                self.assertEqual(result, copied["result_id"])
                header, there_header = (each.pop("jwt").split(".")[0] for each in (here, copied))  # signed anew, with the same key
                self.assertEqual((header, here), (there_header, copied), revision)
        finally:
            there.stop()

    def serving(self, state):
        there = Verifier.__new__(Verifier)
        there.state, there.log, there.port, there.process = state, self.folder / f"{state.name}.log", 0, None
        there.start()
        return there

    def fetched(self, verifier, result):
        operator = verifier.state / "operator"
        return run("curl", "-sS", "--cacert", verifier.ca, "--cert", operator / "operator.pem", "--key", operator / "operator.key",
                   f"{verifier.url}/v1/results/{result}").stdout

    def test_04_configuration_keys_and_folders_come_back_as_they_were(self):
        state, _ = self.restored("again")
        here, there = everything(self.verifier.state), everything(state)
        for kept in (here, there):
            for name in [name for name in kept if name.startswith("assay.db")]:
                del kept[name]
        self.assertEqual(here, there)
        self.assertTrue((state / "policies.d").is_dir())
        self.assertEqual(0o700, stat.S_IMODE(state.stat().st_mode))
        for path in state.rglob("*"):
            self.assertEqual(0o700 if path.is_dir() else 0o600, stat.S_IMODE(path.stat().st_mode), path)

    def test_05_with_a_reason_the_chain_says_that_it_was_set_back(self):
        state, done = self.restored("with-reason", None, "--reason", "disk failed")
        self.assertNotIn("audit restored", done.stdout)
        with sqlite3.connect(state / "assay.db") as connection:
            kind, document = connection.execute("SELECT kind, document FROM acts ORDER BY number DESC LIMIT 1").fetchone()
        self.assertEqual("chain.restored", kind)
        self.assertIn("disk failed", document if isinstance(document, str) else document.decode(errors="replace"))
        self.assertIn("0 contradictions", program("audit", "verify", "--state", state).stdout)

    def test_06_a_changed_a_missing_and_an_added_file_are_refused_and_nothing_is_put_in_place(self):
        def change(place):
            file = place / "state" / "policy.toml"
            file.write_text(file.read_text() + "# more\n")

        def same_size(place):
            file = place / "state" / "assay.db"
            content = bytearray(file.read_bytes())
            content[-1] ^= 1
            file.write_bytes(content)

        for name, edit, told in (("changed", change, "policy.toml: expected "), ("flipped", same_size, "assay.db: expected "),
                                 ("missing", lambda place: (place / "state" / "server.key").unlink(), "server.key"),
                                 ("added", lambda place: (place / "state" / "tpm-roots" / "mine.pem").write_text("x"), "mine.pem: expected only"),
                                 ("torn", lambda place: (place / "manifest.json").write_text("{"), "manifest.json")):
            with self.subTest(name):
                place = self.copy(name)
                edit(place)
                state, done = self.restored(f"of-{name}", place, codes=(NOT_PROCESSED,))
                self.assertIn(told, done.stderr)
                self.assertFalse(state.exists())

    def test_07_no_link_is_followed_in_either_direction(self):
        secret = self.folder / "secret"
        secret.write_text("of somebody else")
        place = self.copy("linked")
        (place / "state" / "policy.toml").unlink()
        (place / "state" / "policy.toml").symlink_to(self.made / "state" / "policy.toml")  # the very bytes
        self.assertIn("policy.toml: expected a file or a folder, got a link", self.restored("of-linked", place, codes=(NOT_PROCESSED,))[1].stderr)
        place = self.copy("linked-folder")
        shutil.move(place / "state" / "ca", self.folder / "moved-ca")
        (place / "state" / "ca").symlink_to(self.folder / "moved-ca")
        self.assertIn("ca: expected a file or a folder, got a link", self.restored("of-linked-folder", place, codes=(NOT_PROCESSED,))[1].stderr)
        link = self.verifier.state / "note"
        link.symlink_to(secret)
        try:
            self.assertIn("note: expected a file or a folder, got a link",
                          program("backup", "--out", self.folder / "never", "--state", self.verifier.state, codes=(NOT_PROCESSED,)).stderr)
        finally:
            link.unlink()
        self.assertFalse((self.folder / "never").exists())

    def test_08_paths_that_lead_out_of_the_folder_are_refused(self):
        for path in ("../escaped", "/etc/escaped", "ca/../../escaped", "./policy.toml", ""):
            with self.subTest(path):
                place = self.copy("escaping")
                manifest = json.loads((place / "manifest.json").read_text())
                manifest["files"][0]["path"] = path
                (place / "manifest.json").write_text(json.dumps(manifest))
                state, done = self.restored("of-escaping", place, codes=(NOT_PROCESSED,))
                self.assertIn("path", done.stderr)
                self.assertFalse(state.exists())
                shutil.rmtree(place)

    def test_09_neither_overwrites_anything(self):
        before = everything(self.made)
        done = program("backup", "--out", self.made, "--state", self.verifier.state, codes=(NOT_PROCESSED,))
        self.assertIn("expected the name of a new folder", done.stderr)
        self.assertEqual(before, everything(self.made))
        done = program("restore", "--from", self.made, "--state", self.verifier.state, codes=(NOT_PROCESSED,))
        self.assertIn("a verifier's state", done.stderr)
        self.verifier.assay("hosts")
        done = program("backup", "--out", self.verifier.state / "inside", "--state", self.verifier.state, codes=(USAGE,))
        self.assertIn("outside of", done.stderr)

    def test_10_an_empty_folder_is_taken_and_empty_again_where_it_fails(self):
        state = self.folder / "made-by-systemd"
        state.mkdir(mode=0o755)
        place = self.copy("damaged")
        (place / "state" / "signing.key").write_text("another")
        self.restored("made-by-systemd", place, codes=(NOT_PROCESSED,))
        self.assertEqual([], list(state.iterdir()))
        self.restored("made-by-systemd")
        self.assertEqual(0o700, stat.S_IMODE(state.stat().st_mode))

    def test_11_a_database_of_a_newer_version_is_refused_before_anything_is_put_in_place(self):
        place = self.copy("newer")
        database = place / "state" / "assay.db"
        with sqlite3.connect(database) as connection:
            connection.execute("UPDATE meta SET value = '999' WHERE key = 'schema_version'")
        connection.close()
        manifest = json.loads((place / "manifest.json").read_text())
        for file in manifest["files"]:
            if file["path"] == "assay.db":
                file.update(size=database.stat().st_size, sha256=hashlib.sha256(database.read_bytes()).hexdigest())
        (place / "manifest.json").write_text(json.dumps(manifest))
        state, done = self.restored("of-newer", place, codes=(NOT_PROCESSED,))
        self.assertIn("got 999", done.stderr)
        self.assertFalse(state.exists())

    def test_12_a_damaged_database_gives_no_backup(self):
        state, _ = self.restored("to-damage")
        database = state / "assay.db"
        content = bytearray(database.read_bytes())
        for page in range(3, len(content) // 4096, 2):
            content[page * 4096:page * 4096 + 64] = bytes(64)
        database.write_bytes(content)
        done = program("backup", "--out", self.folder / "of-damaged", "--state", state, codes=(NOT_PROCESSED,))
        self.assertIn("assay.db", done.stderr)
        self.assertFalse((self.folder / "of-damaged").exists())
        self.assertEqual([], list(self.folder.glob(".of-damaged*")))

    def test_13_of_postgresql_it_takes_the_folder_and_says_the_command(self):
        state, _ = self.restored("on-postgresql")
        config = state / "verifier.toml"
        config.write_text(config.read_text().replace('database = "sqlite"', 'database = "postgresql://assay:hush@db.example/assay?sslmode=require"'))
        done = program("backup", "--out", self.folder / "folder-alone", "--state", state, codes=(WARNING,))
        self.assertIn("not in it: the database", done.stdout)
        self.assertIn(f"pg_dump --format=custom --file='{self.folder}/folder-alone/database.pgdump' 'postgresql://assay@db.example/assay?sslmode=require'",
                      done.stdout)
        self.assertNotIn("hush", done.stdout)
        manifest = json.loads((self.folder / "folder-alone" / "manifest.json").read_text())
        self.assertFalse(manifest["database"]["included"])
        self.assertNotIn("assay.db", [file["path"] for file in manifest["files"]])
        _, done = self.restored("of-folder-alone", self.folder / "folder-alone", codes=(WARNING,))
        self.assertIn("pg_restore", done.stdout)

    def test_14_a_policy_outside_of_the_state_folder_is_named(self):
        state, _ = self.restored("policy-elsewhere")
        shutil.move(state / "policy.toml", self.folder / "policy.toml")
        config = state / "verifier.toml"
        config.write_text(config.read_text().replace('policy = "policy.toml"', f'policy = "{self.folder}/policy.toml"'))
        told = program("backup", "--out", self.folder / "without-policy", "--state", state).stdout
        self.assertIn(f"outside of the state folder: policy: {self.folder}/policy.toml", told)

    def test_15_a_socket_in_the_state_is_refused(self):
        state, _ = self.restored("with-socket")
        with socket.socket(socket.AF_UNIX) as there:
            there.bind(str(state / "s"))
            program("backup", "--out", self.folder / "of-socket", "--state", state, codes=(NOT_PROCESSED,))
        os.unlink(state / "s")


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "curl")
    unittest.main()
