"""A delivery of 40 servers that come in at once, with real software TPMs, watched until each has its verdict."""
import concurrent.futures
import contextlib
import hashlib
import json
import os
import pty
import re
import select
import subprocess
import time
import unittest

from harness import (AFFIRMING, BIN, CONTRAINDICATED, NONE, NOT_PROCESSED, SOURCE, VERDICTS, WARNING, Agent, SoftwareTpm, Verifier, folder, need,
                     run, wait_for)
from recorded_boot import measure

RECORDED = SOURCE / "tests" / "recorded"
HOSTS = int(os.environ.get("ASSAY_DELIVERY_HOSTS", "40"))
CODE = {"affirming": AFFIRMING, "contraindicated": CONTRAINDICATED, "warning": WARNING, "none": NONE}


class Watch:
    """`assay provision watch`, running beside the test. `begun` once its first rows are told."""

    def __init__(self, verifier, where, *options, json_lines=True):
        command = [BIN / "assay", "--config", verifier.admin.config, *(["--json"] if json_lines else []), "provision", "watch", *options]
        self.out = open(where, "w+")
        self.process = subprocess.Popen([str(part) for part in command], stdout=self.out, stderr=subprocess.STDOUT)
        self.path = where

    def text(self):
        return self.path.read_text()

    def begun(self):
        wait_for(lambda: self.text().strip(), "the first rows")
        time.sleep(1.1)  # verdicts have whole seconds, and one of the second in which it began does not count
        return self

    def end(self, timeout=600):
        code = self.process.wait(timeout=timeout)
        self.out.close()
        return code

    def events(self):
        return [json.loads(line) for line in self.text().splitlines()]


class Delivery(unittest.TestCase):
    """`deliver` makes servers with a TPM each, and the maker's list of them."""

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.folder = cls.stack.enter_context(folder())
        cls.list = cls.folder / "purchase.csv"

    @classmethod
    def deliver(cls, names, unapproved=()):
        """The TPMs one after the other: the certificate authority of swtpm_setup serves one at a time."""
        cls.tpms, lines = {}, []
        for number, name in enumerate(names, 1):
            cls.tpms[name] = tpm = SoftwareTpm(cls.folder, name=name)
            cls.stack.callback(tpm.stop)
            measure(RECORDED / ("rack-7" if name in unapproved else "rack-8"), tpm.tcti)
            certificate = cls.folder / "ek.der"
            run("tpm2_nvread", "-T", tpm.tcti, "-C", "o", "0x1c00002", "-o", certificate)
            lines.append(f"{name},fra1,r{number // 20 + 1},{number},{hashlib.sha256(certificate.read_bytes()).hexdigest()},")
        cls.list.write_text("\n".join(["host,site,rack,unit,tpm_digest,chassis_serial", *lines, ""]))
        cls.verifier = Verifier(cls.folder, roots=tpm.roots(cls.folder / "roots"))
        cls.stack.callback(lambda: cls.verifier.stop())

    def agent(self, name, recorded="rack-8", tpm=None):
        return Agent(self.folder, self.verifier, self.tpms[tpm or name].tcti, name=f"agent-{name}", recorded=RECORDED / recorded)

    def attest(self, name, recorded="rack-8"):
        return json.loads(self.agent(name, recorded)("attest", "--json", codes=VERDICTS, timeout=300).stdout)["result"]


class FortyAtOnce(Delivery):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.names = [f"rack-{number}" for number in range(101, 101 + HOSTS)]
        cls.unapproved = cls.names[HOSTS // 2]
        cls.deliver([*cls.names, "web-1"], {cls.unapproved})
        bought = [line for line in cls.list.read_text().splitlines() if not line.startswith("web-1,")]
        cls.list.write_text("\n".join([*bought, ""]))

    def provision(self, name):
        recorded = "rack-7" if name == self.unapproved else "rack-8"
        self.agent(name, recorded)("enrol", "--name", name, timeout=300)
        return self.attest(name, recorded)

    def test_the_watch_ends_with_a_row_a_server_and_one_sheet(self):
        self.verifier.assay("hosts", "register", "--purchase", self.list)
        sheet = self.folder / "delivery.html"
        watch = Watch(self.verifier, self.folder / "watch.jsonl", "--list", self.list, "--sheet", sheet).begun()
        stranger = self.agent("web-1")
        stranger.enrol("web-1")
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(HOSTS) as servers:
            results = dict(zip(self.names, servers.map(self.provision, self.names)))
        code = watch.end()
        print(f"{HOSTS} servers at once, from the first enrolment to the end of the watch: {time.monotonic() - began:.1f} s", flush=True)

        events = watch.events()
        end = events[-1]
        self.assertEqual([event["event"] for event in events].count("end"), 1)
        self.assertEqual((end["event"], end["finished"], end["servers"], end["with_verdict"]), ("end", True, HOSTS, HOSTS))
        self.assertEqual([row["host"] for row in end["rows"]], self.names)
        self.assertEqual(end["not_on_the_list"], ["web-1"])
        self.assertEqual({row["host"]: row["verdict"] for row in end["rows"]}, {name: result["tier"] for name, result in results.items()})
        self.assertEqual({row["state"] for row in end["rows"]}, {"attested"})
        self.assertEqual(code, CODE[end["verdict"]])
        self.assertEqual({event["host"] for event in events[:HOSTS]}, set(self.names), "each row is told as it is first")

        [bad] = [row for row in end["rows"] if row["host"] == self.unapproved]
        self.assertEqual(bad["verdict"], "contraindicated")
        self.assertIn("vendor.unapproved", {finding["id"] for finding in results[self.unapproved]["findings"]})
        page = sheet.read_text()
        for row in end["rows"]:
            self.assertIn(row["result_id"], page)
        hosts = {host["host"]: host for host in self.verifier.assay_json("hosts")}
        for row in end["rows"]:
            self.assertEqual((row["result_id"], row["verdict"]), (hosts[row["host"]]["result_id"], hosts[row["host"]]["tier"]))
        [of_bad] = [part for part in page.split("<tr><td><b>") if "vendor.unapproved" in part]
        self.assertTrue(of_bad.startswith(f"{self.unapproved}</b>"), of_bad)
        self.assertIn("web-1", page)
        self.assertIn("Signature", page)


class AFewServers(Delivery):
    """Tests run in the order of their names: each goes on where the one before ended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deliver(["rack-1", "rack-2"])
        cls.verifier.assay("hosts", "register", "--purchase", cls.list)

    def watch(self, *options, codes, json_lines=True):
        call = self.verifier.admin.assay
        done = call(*(["--json"] if json_lines else []), "provision", "watch", "--list", self.list, *options, codes=codes)
        return [json.loads(line) for line in done.stdout.splitlines()] if json_lines else done.stdout

    def test_1_a_server_that_never_comes_is_told_at_the_timeout_and_nothing_affirms(self):
        self.agent("rack-1")("enrol", "--name", "rack-1")
        out = self.watch("--timeout", "2s", codes=(NONE,), json_lines=False)
        self.assertRegex(out, r"(?m)^rack-2 .*expected, not seen  CANNOT TELL")
        self.assertRegex(out, r"(?m)^rack-1 .*enrolled +CANNOT TELL .*it has not attested yet$")

    def test_2_a_server_that_comes_with_another_tpm_was_refused_and_the_row_says_why(self):
        watch = Watch(self.verifier, self.folder / "refused.jsonl", "--list", self.list, "--timeout", "60s").begun()
        stranger = SoftwareTpm(self.folder, name="stranger")
        self.stack.callback(stranger.stop)
        self.tpms["stranger"] = stranger
        self.agent("rack-2-imitated", tpm="stranger")("enrol", "--name", "rack-2", codes=(NOT_PROCESSED,))
        wait_for(lambda: '"state":"refused"' in watch.text(), "the refusal")
        [row] = [event for event in watch.events() if event.get("state") == "refused"]
        self.assertEqual(row["host"], "rack-2")
        self.assertIn("admission.unregistered_tpm", row["reason"])
        watch.process.terminate()
        watch.end()

    def test_3_a_verdict_of_before_does_not_count_unless_it_is_asked_for(self):
        result = self.attest("rack-1")
        self.agent("rack-2")("enrol", "--name", "rack-2")
        self.attest("rack-2")
        time.sleep(2)
        [*_, end] = self.watch("--timeout", "0s", codes=(NONE,))
        self.assertEqual((end["finished"], end["with_verdict"]), (False, 0))
        self.assertIn("from before this watch and does not count", end["rows"][0]["reason"])
        [*_, end] = self.watch("--since", "1h", codes=(CODE[result["tier"]],))
        self.assertEqual((end["finished"], end["rows"][0]["verdict"]), (True, result["tier"]))

    def test_4_a_verifier_that_goes_away_is_told_and_waited_for(self):
        watch = Watch(self.verifier, self.folder / "away.jsonl", "--list", self.list).begun()
        self.verifier.kill()
        wait_for(lambda: '"answers":false' in watch.text(), "the verifier's silence")
        self.assertIsNone(watch.process.poll())
        self.verifier.start()
        for name in ("rack-1", "rack-2"):
            self.attest(name)
        code = watch.end(timeout=120)
        self.assertEqual([event["answers"] for event in watch.events() if event["event"] == "verifier"], [False, True])
        self.assertEqual(code, CODE[watch.events()[-1]["verdict"]])
        self.assertTrue(watch.events()[-1]["finished"])

    def test_5_without_a_verifier_the_end_is_that_nothing_can_be_told(self):
        self.verifier.kill()
        try:
            [*_, end] = self.watch("--since", "1h", "--timeout", "2s", codes=(NONE,))
            self.assertEqual((end["verifier_answers"], end["finished"], end["verdict"]), (False, False, "none"))
        finally:
            self.verifier.start()

    def test_6_on_a_terminal_the_table_is_drawn_in_place_with_colours_unless_they_are_not_wanted(self):
        for colours in (True, False):
            text = self.on_a_terminal({} if colours else {"NO_COLOR": "1"})
            self.assertRegex(text, r"\x1b\[\d+F\x1b\[J")
            self.assertRegex(text, r"SERVER +TPM +STATE +VERDICT +SINCE +REASON")
            self.assertEqual(bool(re.search(r"\x1b\[3\d+m", text)), colours)

    def on_a_terminal(self, environment):
        """What is drawn in two looks: the servers had their verdicts before, and one more counts."""
        self.attest("rack-1")
        terminal, program = pty.openpty()
        command = [BIN / "assay", "--config", self.verifier.admin.config, "provision", "watch", "--list", self.list, "--timeout", "4s",
                   "--since", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1))]
        plain = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        process = subprocess.Popen([str(part) for part in command], stdout=program, stderr=program, env={**plain, **environment})
        os.close(program)
        out = b""
        with contextlib.suppress(OSError):  # a terminal that nobody writes to any more
            while select.select([terminal], [], [], 60)[0]:
                part = os.read(terminal, 65536)
                if not part:
                    break
                out += part
        process.wait(timeout=60)
        os.close(terminal)
        return out.decode()

    def test_7_a_list_that_names_no_server_and_a_sheet_that_has_no_folder_are_told_at_once(self):
        empty = self.folder / "empty.csv"
        empty.write_text("host,tpm_digest\n")
        done = self.verifier.assay("provision", "watch", "--list", empty, codes=(NOT_PROCESSED,))
        self.assertIn(f"{empty}: line 1: expected a line of column names and a host a line", done.stderr)
        done = self.verifier.assay("provision", "watch", "--list", self.list, "--sheet", self.folder / "none" / "x.html", codes=(NOT_PROCESSED,))
        self.assertIn(f"{self.folder}/none: expected a folder to write the sheet into", done.stderr)

    def test_8_a_list_that_the_verifier_does_not_have_is_no_proof_of_any_tpm(self):
        other = self.folder / "other.csv"
        other.write_text(re.sub(r"(rack-1,.*,)[0-9a-f]{64}", r"\g<1>" + "ab" * 32, self.list.read_text()))
        done = self.verifier.admin.assay("--json", "provision", "watch", "--list", other, "--since", "1h", codes=(NONE, CONTRAINDICATED))
        row = json.loads(done.stdout.splitlines()[-1])["rows"][0]
        self.assertEqual((row["host"], row["verdict"]), ("rack-1", "none"))
        self.assertIn("the verifier has another TPM for it than this list", row["reason"])


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca", "tpm2_pcrextend", "tpm2_nvread")
    unittest.main(verbosity=2)
