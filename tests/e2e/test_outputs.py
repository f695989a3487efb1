"""Every option that names a file to write, of all three programs, against every kind of thing that can stand under that name; and a
standard output that is full."""
import json
import os
import re
import stat
import subprocess
import unittest

from harness import BIN, NOT_PROCESSED, POLICY, SOURCE, USAGE, VERDICTS, Agent, Person, Site, need, run, wait_for

RACK_7 = SOURCE / "tests" / "recorded" / "rack-7"
PROGRAMS = ("assay", "assay-agent", "assay-verifier")


def written_options():
    """(program, command, option) of every option that the manual pages say is written to."""
    found = set()
    for program in PROGRAMS:
        command = option = None
        for line in run(BIN / program, "man").stdout.replace("\\-", "-").splitlines():
            if line.startswith(".SS "):
                command = line[4:]
            elif line.startswith("\\fB"):
                option = re.findall(r"\\fB(--[a-z-]+)\\fR", line)
            elif line.startswith((".SH", ".PP")):
                option = None
            elif option and "; - is standard output" in line:
                found.add((program, command, option[0]))
    return found


class FilesThatAUserNames(Site):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = Agent(cls.folder, cls.verifier, cls.tpm.tcti)
        cls.agent.enrol("rack-7")
        cls.agent("attest", codes=VERDICTS)
        cls.person = Person(cls.folder, "lee")
        cls.session = json.loads(cls.agent("session", "open", "--order", "WO-1", "--json").stdout)["session"]
        cls.statement = cls.folder / "lee.txt"
        cls.agent("session", "sign", cls.session, "--role", "technician", "--out", cls.statement)
        cls.digests = cls.folder / "kernels.sha256"
        cls.digests.write_text("ab" * 32 + "  vmlinuz\n")
        cls.list = cls.folder / "purchase.csv"
        cls.list.write_text(f"host,tpm_digest\nrack-9,{'cd' * 32}\n")
        offline = ["appraise", RACK_7, "--policy", POLICY, "--vendors", SOURCE / "vendor-db"]
        model = ["--name", "kernel", "--version", "6.1", "--model", "*"]
        cls.cases = {
            ("assay", "appraise", "--html"): offline,
            ("assay", "appraise", "--conclusion"): offline,
            ("assay", "appraise", "--occasion"): offline,
            ("assay", "report", "--html"): ["report", "rack-7"],
            ("assay", "host export", "--out"): ["host", "export", "rack-7"],
            ("assay", "provision watch", "--sheet"): ["provision", "watch", "--list", cls.list, "--timeout", "0s"],
            ("assay", "result get", "--out"): ["result", "get", "rack-7"],
            ("assay", "result get", "--document"): ["result", "get", "rack-7", "--out", cls.folder / "rack-7.jwt"],
            ("assay", "session sign-text", "--out"): ["session", "sign-text", cls.statement, "--key", cls.person.key],
            ("assay", "vendors build", "--out"): ["vendors", "build", SOURCE / "vendor-db", "--version", "8", "--expires", "2099-01-01",
                                                  "--issued", "2026-01-01"],
            ("assay", "baseline capture", "--out"): ["baseline", "capture", "--evidence", RACK_7, "--generation", "x"],
            ("assay", "reference import", "--out"): ["reference", "import", cls.digests, *model],
            ("assay", "reference capture", "--out"): ["reference", "capture", "--evidence", RACK_7, "--despite", "a test", *model],
            ("assay-agent", "collect", "--out"): ["collect"],
            ("assay-agent", "session sign", "--out"): ["session", "sign", cls.session, "--role", "technician"],
            ("assay-agent", "session heartbeat", "--out"): ["session", "heartbeat", cls.session],
            ("assay-agent", "session close", "--out"): ["session", "close", cls.session, "--role", "escort"],
            ("assay-agent", "session late", "--out"): ["session", "late", "--order", "WO-1", "--device", "ab" * 32],
        }
        cls.keeping = {("assay", "vendors build"), ("assay", "baseline capture"), ("assay", "reference import"),
                       ("assay", "reference capture")}
        cls.number = 0

    def write(self, case, target, codes=VERDICTS):
        program, _, option = case
        options = ["--config", self.verifier.admin.config] if program == "assay" else self.agent.options
        command = [BIN / program, *options, *self.cases[case], option, target]
        done = subprocess.run([str(part) for part in command], capture_output=True, timeout=120)
        self.assertIn(done.returncode, codes, f"{command}\n{done.stderr.decode()}")
        return done

    def room(self):
        type(self).number += 1
        room = self.folder / f"room-{self.number}"
        room.mkdir()
        return room

    def each(self, keeping=None):
        for case in self.cases:
            if keeping is None or (case[:2] in self.keeping) == keeping:
                with self.subTest(case=case):
                    yield case

    def test_every_option_that_is_written_to_has_its_case_here(self):
        self.assertEqual(written_options(), set(self.cases))

    def test_a_new_file_is_written_and_what_is_planted_beside_it_is_not_touched(self):
        for case in self.each():
            room = self.room()
            victim = room / "victim"
            victim.write_text("safe")
            (room / "target.new").symlink_to("victim")
            self.write(case, room / "target")
            self.assertGreater((room / "target").stat().st_size, 0)
            self.assertEqual(victim.read_text(), "safe")
            self.assertEqual(sorted(os.listdir(room)), ["target", "target.new", "victim"])

    def test_an_existing_file_keeps_its_mode_and_owner(self):
        for case in self.each(keeping=False):
            target = self.room() / "target"
            target.write_text("before")
            target.chmod(0o640)
            if os.geteuid() == 0:
                os.chown(target, 54321, 54321)
            before = target.stat()
            self.write(case, target)
            after = target.stat()
            self.assertNotEqual(target.read_bytes(), b"before")
            self.assertEqual((after.st_mode, after.st_uid, after.st_gid), (before.st_mode, before.st_uid, before.st_gid))

    def test_what_is_signed_later_is_never_overwritten(self):
        for case in self.each(keeping=True):
            target = self.room() / "target"
            target.write_text("before")
            done = self.write(case, target, codes=(NOT_PROCESSED,))
            self.assertIn(b"exists and is not overwritten", done.stderr)
            self.assertEqual(target.read_text(), "before")

    def test_a_link_stays_and_what_it_leads_to_is_written(self):
        for case in self.each(keeping=False):
            room = self.room()
            (room / "file").write_text("before")
            (room / "link").symlink_to("file")
            self.write(case, room / "link")
            self.assertTrue((room / "link").is_symlink())
            self.assertNotEqual((room / "file").read_bytes(), b"before")

    def test_a_link_to_nothing_is_refused(self):
        for case in self.each():
            room = self.room()
            (room / "link").symlink_to("nothing")
            self.write(case, room / "link", codes=(NOT_PROCESSED,))
            self.assertFalse((room / "nothing").exists())

    def test_a_device_stays_a_device(self):
        for case in self.each():
            null = self.room() / "null"
            try:
                os.mknod(null, stat.S_IFCHR | 0o666, os.makedev(1, 3))
                open(null, "w").close()
            except OSError as error:
                self.skipTest(f"no device can be made here: {error}")
            self.write(case, null)
            self.assertTrue(stat.S_ISCHR(null.stat().st_mode))

    def test_a_full_device_is_an_error_that_says_so(self):
        for case in self.each():
            done = self.write(case, "/dev/full", codes=(NOT_PROCESSED,))
            self.assertIn(b"writing /dev/full: the disk is full (No space left on device)", done.stderr)

    def test_a_hyphen_is_standard_output_and_nothing_else_is_said_there(self):
        for case in self.each():
            target = self.room() / "target"
            self.write(case, target)
            for more in ([], ["--json"]):
                self.cases[case] += more
                try:
                    said = self.write(case, "-").stdout
                finally:
                    del self.cases[case][len(self.cases[case]) - len(more):]
                # The times in them differ.
                self.assertEqual(said[:16], target.read_bytes()[:16])
                self.assertNotIn(b"in -\n", said)

    def test_two_outputs_are_not_one_standard_output(self):
        run(BIN / "assay", *self.cases["assay", "appraise", "--html"], "--html", "-", "--occasion", "-", codes=(USAGE,))
        self.verifier.assay("result", "get", "rack-7", "--out", "-", "--document", "-", codes=(USAGE,))

    def test_a_folder_that_is_no_recording_is_not_emptied(self):
        room = self.room()
        (room / "files").mkdir()
        (room / "files" / "mine").write_text("kept")
        done = self.agent("record", room, codes=(NOT_PROCESSED,))
        self.assertIn("give another folder", done.stderr)
        self.assertEqual((room / "files" / "mine").read_text(), "kept")

    def test_a_token_and_an_owners_password_come_from_a_file_or_standard_input(self):
        def agent(*arguments, **options):
            return run(BIN / "assay-agent", "--state", self.folder / "agent-2", *self.agent.options[2:], *arguments, **options)

        token = self.folder / "token"
        token.write_text("no token\n")
        self.assertIn("both", agent("enrol", "--token", "x", "--token-file", token, "--name", "rack-8", codes=(USAGE,)).stderr)
        refused = agent("enrol", "--token-file", token, "--name", "rack-8", codes=(NOT_PROCESSED,))
        self.assertNotIn("no token", refused.stdout + refused.stderr)
        agent("enrol", "--token-file", "-", "--name", "rack-8", codes=(USAGE,), input="\n")
        wrong = agent("journal", "init", "--owner-auth-file", "-", codes=(NOT_PROCESSED,), input="not the owner's\n")
        self.assertNotIn("not the owner's", wrong.stdout + wrong.stderr)

    def test_state_that_others_could_read_is_closed_at_the_start_and_told(self):
        self.verifier.stop()
        database = self.verifier.state / "assay.db"
        database.chmod(0o644)
        self.verifier.start()
        self.assertEqual(database.stat().st_mode & 0o777, 0o600)
        self.assertIn(f"{database} could be read or written by other users", self.verifier.log.read_text())
        identity = self.agent.state / "host.json"
        identity.chmod(0o644)
        log = self.folder / "agent.log"
        with open(log, "w") as out:
            service = subprocess.Popen([str(part) for part in (BIN / "assay-agent", *self.agent.options, "run")], stdout=out, stderr=out)
        try:
            wait_for(lambda: identity.stat().st_mode & 0o777 == 0o600, "the agent to close its state")
        finally:
            service.terminate()
            service.wait(timeout=60)
        self.assertIn(f"{identity} could be read or written by other users", log.read_text())

    def test_exit_codes_of_lists_say_that_not_all_is_well(self):
        [host] = self.verifier.assay_json("hosts")
        code = {"affirming": 0, "contraindicated": 3, "warning": 4, "none": 5}[host["tier"]]
        self.assertNotEqual(code, 0)
        self.verifier.assay("hosts")
        self.verifier.assay("hosts", "--exit-code", codes=(code,))
        self.verifier.assay("--json", "hosts", "--exit-code", codes=(code,))
        self.verifier.assay("findings", "--id", "tpm.software")
        self.verifier.assay("findings", "--id", "tpm.software", "--exit-code", codes=(4, 5))
        self.verifier.assay("findings", "--id", "tpm.software", "--exit-code", "--limit", "1", codes=(5,))
        self.verifier.assay("findings", "--host", "nobody", "--exit-code")


class StandardOutputThatIsFull(unittest.TestCase):
    """Short answers fail where they are flushed, long ones where they are written."""

    def test_it_is_named_with_the_reason_by_each_program(self):
        for program in PROGRAMS:
            for words in (["--help"], ["--version"], ["version"], ["man"], ["completion", "bash"]):
                with self.subTest(program=program, words=words), open("/dev/full", "w") as full:
                    done = subprocess.run([BIN / program, *words], stdout=full, stderr=subprocess.PIPE, text=True)
                    self.assertEqual(done.returncode, NOT_PROCESSED)
                    self.assertTrue(done.stderr.startswith(f"{program}: writing to stdout: the disk is full (No space left on device); "), done.stderr)
                    self.assertEqual(done.stderr.count("\n"), 1)

    def test_an_answer_of_any_length_is_cut_with_an_error(self):
        for words, codes in ((["explain", "tpm.software"], (1,)), (["inspect", "evidence", RACK_7 / "bundle.cbor", "--json"], (1,)),
                             (["inspect", "evidence", RACK_7 / "bundle.cbor"], (1,)),
                             (["appraise", RACK_7, "--policy", POLICY, "--vendors", SOURCE / "vendor-db"], (NOT_PROCESSED, *VERDICTS[1:]))):
            with self.subTest(words=words), open("/dev/full", "w") as full:
                done = subprocess.run([BIN / "assay", *map(str, words)], stdout=full, stderr=subprocess.PIPE, text=True)
                self.assertIn(done.returncode, codes)
                self.assertIn("writing to stdout: the disk is full (No space left on device)", done.stderr)
                self.assertNotIn("defect", done.stderr)

    def test_a_closed_standard_output_is_no_place_for_a_database(self):
        done = subprocess.run(["sh", "-c", 'exec "$0" version >&-', BIN / "assay-verifier"], stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, NOT_PROCESSED)
        self.assertIn("writing to stdout: Bad file descriptor", done.stderr)


class ErrorsForMachines(unittest.TestCase):
    def test_each_program_answers_an_error_with_one_document_and_the_same_exit_code(self):
        for program, words, code in (("assay", ["inspect", "eventlog", "/nowhere"], NOT_PROCESSED), ("assay", ["hots"], USAGE),
                                     ("assay", ["--config", "/nowhere", "hosts"], USAGE), ("assay", [], USAGE),
                                     ("assay-agent", ["--config", "/nowhere", "doctor"], USAGE),
                                     ("assay-agent", ["--state", "/nowhere", "journal", "verify"], NOT_PROCESSED),
                                     ("assay-agent", ["gate"], USAGE),
                                     ("assay-verifier", ["serve", "--state", "/nowhere"], NOT_PROCESSED),
                                     ("assay-verifier", ["operator", "list", "--state", "/nowhere"], NOT_PROCESSED),
                                     ("assay-verifier", ["init", "--state", "/dev/null/x", "--listen", "x"], USAGE)):
            with self.subTest(program=program, words=words):
                text = run(BIN / program, *words, codes=(code,))
                self.assertEqual(text.stdout, "")
                self.assertTrue(text.stderr.splitlines()[-1].startswith((program + ": ", "Try '")), text.stderr)
                json_form = run(BIN / program, *words, "--json", codes=(code,))
                error = json.loads(json_form.stdout)["error"]
                self.assertEqual(set(error), {"code", "message", "offset"})
                self.assertEqual(json_form.stderr, "")


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "openssl")
    unittest.main()
