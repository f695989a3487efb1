"""A host that nobody sits at enrols itself, or says what keeps it from that: real agents, a real verifier, software TPMs."""
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import unittest

from harness import BIN, NONE, Agent, Site, SoftwareTpm, need, wait_for

ATTEMPT_S = 10  # interval_s, and so the longest pause between two requests
PATIENCE_S = 40  # a pause with its tenth, and what a busy machine takes


class Service:
    """`assay-agent run` as the service runs it: a configuration file, a state folder, and systemd's socket for what it says."""

    def __init__(self, site, name, tpm, configured=True):
        self.site, self.tpm, self.name = site, tpm, name
        self.folder = site.folder / name
        self.folder.mkdir()
        self.config, self.token, self.log = self.folder / "agent.toml", self.folder / "enrol-token", self.folder / "log"
        self.agent = Agent(self.folder, site.verifier, tpm.tcti, name="state")
        self.agent.options = ["--config", self.config, "--state", self.agent.state]
        if configured:
            self.configure()
        self.process = None

    def configure(self, **more):
        values = {"server": self.site.verifier.url, "ca": str(self.site.verifier.ca), "name": self.name, "tcti": self.tpm.tcti,
                  "enrol_token_file": str(self.token), "interval_s": ATTEMPT_S, **more}
        text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items() if value is not None)
        new = self.folder / "agent.toml.new"
        new.write_text(text)
        new.rename(self.config)

    def put_token(self, token, mode=0o600):
        new = self.folder / "token.new"
        new.write_text(token + "\n")
        new.chmod(mode)
        new.rename(self.token)

    def start(self):
        with open(self.log, "w") as log:
            self.process = subprocess.Popen([BIN / "assay-agent", *map(str, self.agent.options), "run"], stdout=subprocess.DEVNULL,
                                            stderr=log, env={**os.environ, "NOTIFY_SOCKET": str(self.site.notified)})
        return self

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=60)

    def said(self, text):
        return text in self.log.read_text()

    def waits_for(self, text, seconds=PATIENCE_S):
        def there():
            assert self.process.poll() is None, f"the agent ended with {self.process.returncode}:\n{self.log.read_text()}"
            return self.said(text)
        try:
            wait_for(there, text, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log.read_text()}") from None

    def reasons(self):
        return re.findall(r"waiting: .*", self.log.read_text())

    def doctor(self):
        # Beside the service, without the TPM: a software TPM serves one at a time, where a real one has its resource manager.
        checks = json.loads(self.agent("--tcti", f"swtpm:path={self.folder}/none", "doctor", "--json", codes=(NONE,)).stdout)["checks"]
        return {check["what"]: check for check in checks}


class ZeroTouch(Site):
    """Tests run in the order of their names: each goes on where the one before ended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.notified = cls.folder / "notify"
        cls.ears = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        cls.ears.bind(str(cls.notified))
        cls.heard = []
        # All the time, as systemd does: whoever is not listened to waits at its tenth word.
        threading.Thread(target=cls.listen, daemon=True).start()
        cls.services = []

    @classmethod
    def tearDownClass(cls):
        for service in cls.services:
            if service.process and service.process.poll() is None:
                service.process.kill()
                service.process.wait()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.sendto(b"", str(cls.notified))  # ends the listening

    def service(self, name, tpm, **options):
        service = Service(self, name, tpm, **options)
        self.services.append(service)
        return service

    @classmethod
    def listen(cls):
        while word := cls.ears.recv(65536):
            cls.heard.append(word.decode())

    def systemd(self):
        """What systemd would have heard until now."""
        return "\n".join(self.heard)

    def watches(self):
        """How often the monitor was started, or could not be where these tests run."""
        return len(re.findall("watching USB|usb monitor: ", self.bought.log.read_text()))

    def register(self, *lines):
        list_ = self.folder / "racks.csv"
        list_.write_text("host,site,rack,unit,tpm_digest,chassis_serial\n" + "".join(line + "\n" for line in lines))
        self.verifier.assay("hosts", "register", "--purchase", list_)

    def test_1_without_a_configuration_it_runs_says_what_is_missing_and_goes_on_by_itself_when_it_is_there(self):
        bought = type(self).bought = self.service("rack-7", self.tpm, configured=False)
        bought.start()
        bought.waits_for("agent.toml")
        wait_for(lambda: "READY=1" in self.systemd(), "READY=1")  # `systemctl start` returns
        bought.config.write_text("interval_s = 10\n")
        bought.waits_for("expected `server` in")
        wait_for(lambda: "STATUS=waiting: no verifier is named: expected `server` in" in self.systemd(), "the status")
        bought.configure(ca=str(bought.folder / "ca.pem"), server="https://localhost:1")
        bought.waits_for("the CA file")
        (bought.folder / "ca.pem").write_bytes(self.verifier.ca.read_bytes())
        bought.waits_for("nobody listens there")
        bought.configure()
        bought.waits_for("does not admit this host as 'rack-7'")
        self.assertEqual(len(bought.reasons()), 5, bought.reasons())

    def test_2_it_names_the_digest_that_is_expected_and_the_doctor_says_the_same(self):
        last = self.bought.reasons()[-1]
        digest = re.search(r"this TPM's digest ([0-9a-f]{64}) in a purchase list, or a token in", last).group(1)
        [row] = self.verifier.assay_json("hosts", "refusals", "--host", "rack-7")
        self.assertEqual(row["ek_digest"], digest)
        self.assertIn("assay hosts register", last)
        self.assertIn("assay token rack-7", last)
        wait_for(lambda: digest in self.systemd(), "the status")
        told = self.bought.doctor()["enrolment"]
        self.assertEqual(told["state"], "broken")
        self.assertIn(digest, told["detail"])
        self.assertIn("assay token rack-7", told["remedy"])
        type(self).digest = digest

    def test_3_while_it_waits_it_asks_seldom_and_repeats_nothing(self):
        before, count = len(self.bought.reasons()), self.metric()
        time.sleep(3 * ATTEMPT_S)
        self.assertEqual(len(self.bought.reasons()), before)
        self.assertLessEqual(self.metric() - count, 4)
        self.assertGreaterEqual(self.metric() - count, 2)

    def metric(self):
        """How often the verifier refused an enrolment."""
        [row] = self.verifier.assay_json("hosts", "refusals", "--host", "rack-7")
        return row["times"]

    def test_4_once_a_purchase_list_names_its_tpm_it_is_admitted_within_one_pause_and_attests(self):
        self.register(f"rack-7,berlin,r12,7,{self.digest},")
        self.bought.waits_for("enrolled as rack-7")
        self.bought.waits_for("attested: ")
        wait_for(lambda: "STATUS=rack-7 attested at" in self.systemd(), "the status")
        [host] = self.verifier.assay_json("hosts")
        self.assertEqual(host["host"], "rack-7")
        self.assertFalse((self.bought.agent.state / "waiting.json").exists())

    def test_5_sighup_reads_the_configuration_again_and_keeps_what_was_when_it_is_wrong(self):
        attested = self.bought.log.read_text().count("attested: ")
        self.bought.config.write_text("servr = 1\n")
        self.bought.process.send_signal(signal.SIGHUP)
        self.bought.waits_for("the settings of before stay")
        wait_for(lambda: "RELOADING=1" in self.systemd(), "RELOADING=1")
        wait_for(lambda: self.bought.log.read_text().count("attested: ") > attested, "another attestation", PATIENCE_S)
        started = self.watches()
        self.bought.configure(interval_s=11)
        self.bought.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.bought.log.read_text().count("reading the configuration again") == 2, "the new settings")
        attested = self.bought.log.read_text().count("attested: ")
        wait_for(lambda: self.bought.log.read_text().count("attested: ") > attested, "another attestation", PATIENCE_S)
        self.assertEqual(self.watches(), started)  # where it watches, and how, is as before
        self.bought.configure(journal_anchor=False)
        self.bought.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.watches() > started, "a new monitor")
        self.assertEqual(self.bought.stop(), 0)

    def test_6_a_token_for_another_name_or_one_that_others_could_read_is_told_and_it_waits(self):
        tpm = type(self).other_tpm = SoftwareTpm(self.folder, name="tpm2")
        self.stack.callback(tpm.stop)
        waits = type(self).waits = self.service("rack-8", tpm)
        waits.put_token(self.verifier.token("rack-9"))
        waits.start()
        waits.waits_for("was not taken (it may be spent, expired, or for another name)")
        self.assertIn(str(waits.token), waits.reasons()[-1])
        self.assertTrue(waits.token.exists())
        waits.put_token(self.verifier.token("rack-8"), mode=0o644)
        waits.waits_for("expected mode 0600, got 0644")
        self.assertIn("expected mode 0600", waits.doctor()["token"]["detail"])

    def test_7_with_its_own_token_in_the_file_it_is_admitted_and_the_token_is_removed(self):
        type(self).spent = self.verifier.token("rack-8")
        self.waits.put_token(self.spent)
        self.waits.waits_for("enrolled as rack-8", 10)  # a file that is new is no reason to wait for the pause's end
        self.waits.waits_for("attested: ")
        self.assertFalse(self.waits.token.exists())
        self.assertIn("rack-8", [host["host"] for host in self.verifier.assay_json("hosts")])
        self.assertEqual(self.waits.stop(), 0)

    def test_8_a_spent_token_is_told_and_does_not_keep_out_a_host_that_the_purchase_list_names(self):
        tpm = SoftwareTpm(self.folder, name="tpm3")
        self.stack.callback(tpm.stop)
        bought = self.service("rack-10", tpm)
        bought.put_token(self.spent)
        bought.start()
        bought.waits_for("was not taken")
        digest = re.search(r"digest ([0-9a-f]{64})", bought.reasons()[-1]).group(1)
        self.register(f"rack-7,berlin,r12,7,{self.digest},", f"rack-10,berlin,r12,8,{digest},")
        bought.waits_for("enrolled as rack-10")
        self.assertFalse(bought.token.exists())
        self.assertEqual(bought.stop(), 0)

    def test_9_a_verifier_that_goes_away_is_told_by_its_cause_and_its_return_is_enough(self):
        tpm = SoftwareTpm(self.folder, name="tpm4")
        self.stack.callback(tpm.stop)
        late = self.service("rack-11", tpm)
        late.put_token(self.verifier.token("rack-11"))
        self.verifier.stop()
        late.start()
        late.waits_for("nobody listens there")
        self.assertTrue(late.token.exists())
        time.sleep(2 * ATTEMPT_S)
        self.assertEqual(len(late.reasons()), 1, late.reasons())  # each try fails after other milliseconds, and is no news
        self.verifier.start()
        late.waits_for("enrolled as rack-11")
        self.assertEqual(late.stop(), 0)


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca")
    unittest.main(verbosity=2, failfast=True)
