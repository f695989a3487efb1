"""The verifier's own certificates end, clocks go wrong, and passwords are set: each is told by its cause, and mended by one command."""
import json
import os
import re
import subprocess
import time
import unittest

from harness import BIN, NONE, NOT_PROCESSED, WARNING, CONTRAINDICATED, Agent, SoftwareTpm, Verifier, folder, need, run, wait_for

DAY = 24 * 3600


def renew(verifier, *arguments, codes=(0,), prefix=()):
    return run(*prefix, BIN / "assay-verifier", "certificates", *arguments, "--state", verifier.state, codes=codes)


def later(days):
    return ("faketime", "-f", f"+{days}d")


def not_after(verifier):
    told = json.loads(renew(verifier, "list", "--json", codes=range(6)).stdout)["certificates"]
    return {each["certificate"]: each["not_after"] for each in told}


class Certificates(unittest.TestCase):
    """One verifier; the tests go on from each other, as its life does."""

    @classmethod
    def setUpClass(cls):
        cls.folder = folder()
        cls.path = cls.folder.__enter__()
        cls.addClassCleanup(cls.folder.__exit__, None, None, None)
        cls.verifier = Verifier(cls.path)
        cls.addClassCleanup(lambda: cls.verifier.process.poll() is None and cls.verifier.kill())

    def serve_later(self, days):
        """`serve` on a machine whose clock is ahead, with vendor data that is good then: its log so far."""
        log = open(self.path / "later.log", "w")
        process = subprocess.Popen([*later(days), BIN / "assay-verifier", "serve", "--state", self.verifier.state, "--listen",
                                    "127.0.0.1:0"], stdout=log, stderr=log)
        try:
            return wait_for(lambda: process.poll() is not None and (self.path / "later.log").read_text(), "the end of serve")
        finally:
            process.kill()
            process.wait()

    def test_1_status_is_good_and_says_nothing_on_stderr(self):
        done = self.verifier.assay("status")
        self.assertIn("answers", done.stdout)
        self.assertEqual("", done.stderr)
        told = json.loads(self.verifier.assay("--json", "status").stdout)
        self.assertEqual(["server", "ca", "operator"], [each["certificate"] for each in told["certificates"]])
        self.assertEqual({"good"}, {each["state"] for each in told["certificates"]})

    def test_2_metrics_have_the_end_of_each(self):
        config = self.verifier.state / "operator"
        text = run("curl", "-sS", "--cacert", config / "ca.pem", "--cert", config / "operator.pem", "--key", config / "operator.key",
                   f"{self.verifier.url}/metrics").stdout
        ends = dict(re.findall(r'assay_certificate_not_after_seconds\{certificate="(\w+)"\} (\d+)', text))
        self.assertEqual({"server", "ca", "operator"}, set(ends))
        self.assertAlmostEqual(time.time() + 730 * DAY, int(ends["server"]), delta=3600)

    def test_3_a_client_near_the_end_is_told_on_stderr_and_by_status(self):
        config = self.verifier.state / "operator" / "config.toml"
        done = run(*later(710), BIN / "assay", "--config", config, "hosts")
        self.assertEqual(2, done.stderr.count("ends in 19 days"), done.stderr)
        status = run(*later(710), BIN / "assay", "--config", config, "status", codes=(WARNING,))
        self.assertIn("certificates renew", status.stdout)
        self.assertEqual("", status.stderr)

    def test_4_a_client_whose_clock_is_behind_or_ahead_is_told_the_clock(self):
        config = self.verifier.state / "operator" / "config.toml"
        behind = run("faketime", "-f", "-30d", BIN / "assay", "--config", config, "hosts", codes=(NOT_PROCESSED,)).stderr
        self.assertIn("certificate is not yet valid", behind)
        self.assertIn("this machine's clock says", behind)
        ahead = run(*later(740), BIN / "assay", "--config", config, "hosts", codes=(NOT_PROCESSED,)).stderr
        self.assertIn("certificate has expired", ahead)
        for text in (behind, ahead):
            self.assertNotIn("CA file", text)

    def test_5_past_the_end_the_start_says_so_with_the_remedy(self):
        text = self.serve_later(740)
        self.assertIn("this verifier's own certificate has ended", text)
        self.assertIn("assay-verifier certificates renew", text)
        renew(self.verifier, "list", codes=(CONTRAINDICATED,), prefix=later(740))
        renew(self.verifier, "list", codes=(WARNING,), prefix=later(700))

    def test_6_renewed_certificates_serve_at_the_next_start_and_nothing_else_changed(self):
        state = self.verifier.state
        kept = {path: path.read_bytes() for path in state.rglob("*")
                if path.is_file() and path.name not in ("server.pem", "operator.pem") and not path.name.startswith("assay.db")}
        before = not_after(self.verifier)
        time.sleep(1.1)
        done = renew(self.verifier, "renew")
        self.assertIn("renewed server", done.stdout)
        self.assertIn("renewed operator admin", done.stdout)
        self.assertEqual(kept, {path: path.read_bytes() for path in kept})
        after = not_after(self.verifier)
        self.assertGreater(after["server"], before["server"])
        self.assertEqual(after["ca"], before["ca"])
        self.verifier.assay("hosts")  # the new one is taken at once
        self.verifier.stop()
        self.verifier.start()
        told = json.loads(self.verifier.assay("--json", "status").stdout)["certificates"]
        self.assertEqual(after["server"], told[0]["not_after"])
        run(BIN / "assay-verifier", "audit", "verify", "--state", state)

    def test_7_an_operator_sends_a_certificate_and_gets_it_back_renewed(self):
        otto = self.verifier.as_("operator", name="otto")
        file = otto.config.parent / "operator.pem"
        old = file.read_text()
        done = renew(self.verifier, "renew", file, "--json")
        self.assertTrue(json.loads(done.stdout)["certificates"][0]["renewed"])
        self.assertNotEqual(old, file.read_text())
        otto.assay("hosts")

    def test_8_the_doctor_tells_the_end_of_the_verifiers_certificate(self):
        state = self.path / "agent"
        command = [BIN / "assay-agent", "--state", state, "--server", self.verifier.url, "--ca", self.verifier.ca, "--tcti",
                   "swtpm:path=/nowhere", "doctor", "--json"]
        told = json.loads(run(*later(720), *command, codes=(NONE,)).stdout)["checks"]
        found = {each["what"]: each for each in told}
        self.assertEqual("partial", found["server certificate"]["state"])
        self.assertIn("ends in 9 days", found["server certificate"]["detail"])
        self.assertNotIn("see the reason", json.dumps(told))

    def test_9_the_ca_is_renewed_with_its_key_so_that_both_are_good(self):
        old = self.verifier.ca.read_text()
        self.assertIn("renewed ca", renew(self.verifier, "renew", "--ca").stdout)
        self.verifier.stop()
        self.verifier.start()
        self.verifier.assay("hosts")
        (self.path / "old.pem").write_text(old)
        run("curl", "-sS", "--cacert", self.path / "old.pem", f"{self.verifier.url}/healthz")


class Password(unittest.TestCase):
    """A TPM whose endorsement hierarchy has a password, and whose owner too, so that no key can be kept."""

    @classmethod
    def setUpClass(cls):
        cls.folder = folder()
        cls.path = cls.folder.__enter__()
        cls.addClassCleanup(cls.folder.__exit__, None, None, None)
        cls.tpm = SoftwareTpm(cls.path)
        cls.addClassCleanup(cls.tpm.stop)
        cls.verifier = Verifier(cls.path, roots=cls.tpm.roots(cls.path / "roots"))
        cls.addClassCleanup(cls.verifier.kill)
        for hierarchy in ("endorsement", "owner"):
            run("tpm2_changeauth", "-c", hierarchy, "s3cret", env={**os.environ, "TPM2TOOLS_TCTI": cls.tpm.tcti})
        cls.secret = cls.path / "secret"
        cls.secret.write_text("s3cret\n")
        cls.agent = Agent(cls.path, cls.verifier, cls.tpm.tcti)

    def tpm_state(self, *options, codes=range(6)):
        told = json.loads(self.agent(*options, "doctor", "--json", codes=codes).stdout)["checks"]
        return next(each for each in told if each["what"] == "tpm")

    def test_1_the_doctor_says_broken_with_the_reason_and_ends_with_5(self):
        told = self.tpm_state(codes=(NONE,))
        self.assertEqual("broken", told["state"])
        self.assertIn("--endorsement-auth-file", told["detail"])

    def test_2_without_or_with_another_password_nothing_is_enrolled(self):
        for options in ((), ("--endorsement-auth", "another")):
            done = self.agent(*options, "enrol", "--token", self.verifier.token("rack-7"), "--name", "rack-7",
                              codes=(NOT_PROCESSED,))
            self.assertIn("has an authorisation value, and what was given is not it", done.stderr)

    def test_3_with_the_file_it_is_enrolled_and_attests_and_the_doctor_is_content(self):
        option = ("--endorsement-auth-file", self.secret)
        self.agent(*option, "enrol", "--token", self.verifier.token("rack-7"), "--name", "rack-7")
        self.agent(*option, "attest", codes=range(3, 6))
        self.assertEqual("good", self.tpm_state(*option)["state"])
        self.agent("attest", codes=(NOT_PROCESSED,))  # no key could be kept

    def test_4_standard_input_and_systemds_credential_give_it_too(self):
        command = [BIN / "assay-agent", *self.agent.options]
        run(*command, "--endorsement-auth-file", "-", "attest", codes=range(3, 6), input="s3cret")
        credentials = self.path / "credentials"
        credentials.mkdir()
        (credentials / "assay.endorsement-auth").write_text("s3cret")
        run(*command, "attest", codes=range(3, 6), env={**os.environ, "CREDENTIALS_DIRECTORY": str(credentials)})

    def test_5_a_recording_that_would_keep_the_password_is_not_made(self):
        target = self.path / "recorded"
        self.agent("--endorsement-auth-file", self.secret, "record", target, codes=(NOT_PROCESSED,))
        self.assertFalse(target.exists())


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "faketime", "curl", "tpm2_changeauth")
    unittest.main()
