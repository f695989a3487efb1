"""SIGHUP, as `systemctl reload` sends it: a running verifier takes new files all together, or none of them and says which one is wrong."""
import hashlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import threading
import unittest
import unittest.mock

from harness import BIN, SOURCE, VERDICTS, Agent, Site, Verifier, folder, need, run, wait_for

POLICY = SOURCE / "verifier" / "policies" / "default.toml"


class Reload(Site):
    """One verifier that is never stopped: each test goes on where the one before ended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = Agent(cls.folder, cls.verifier, cls.tpm.tcti)
        cls.agent.enrol("rack-7")
        cls.process = cls.verifier.process.pid

    def setUp(self):
        self.said = len(self.verifier.log.read_text())

    def tearDown(self):
        self.assertIsNone(self.verifier.process.poll(), self.verifier.log.read_text())
        self.assertEqual(self.process, self.verifier.process.pid)

    def reload(self):
        """What the log says of it, in one line."""
        self.said = len(self.verifier.log.read_text())
        self.verifier.process.send_signal(signal.SIGHUP)
        done = lambda: re.search(r"^.*(reloaded: |reload refused).*$", self.verifier.log.read_text()[self.said:], re.MULTILINE)
        return wait_for(done, "the end of the reload").group(0)

    def attest(self):
        self.agent("attest", codes=VERDICTS)
        return self.verifier.assay_json("host", "show", "rack-7", codes=VERDICTS)["result"]["inputs"]

    def shown_certificate(self):
        context = ssl.create_default_context(cafile=str(self.verifier.ca))
        with socket.create_connection(("127.0.0.1", self.verifier.port)) as plain, context.wrap_socket(plain, server_hostname="localhost") as tls:
            return tls.getpeercert(binary_form=True)

    def bundle(self, version):
        """The example bundle's sources as another version, signed with the key that `init` made, and installed."""
        state, file = self.verifier.state, self.folder / f"vendors-{version}.bundle"
        run(BIN / "assay", "vendors", "build", SOURCE / "vendor-db", "--version", version, "--expires", "2090-01-01", "--out", file)
        run(BIN / "assay", "vendors", "sign", file, "--key", state / "example-vendor.key")
        return run(BIN / "assay-verifier", "vendors", "install", file, "--state", state).stdout

    def bundles_remembered(self):
        with sqlite3.connect(self.verifier.state / "assay.db", timeout=30) as connection:
            return connection.execute("SELECT count(*) FROM acts WHERE kind = 'vendors.installed'").fetchone()[0]

    def reloads(self):
        config = self.verifier.state / "operator"
        text = run("curl", "-sS", "--cacert", config / "ca.pem", "--cert", config / "operator.pem", "--key", config / "operator.key",
                   f"{self.verifier.url}/metrics").stdout
        return {outcome: int(count) for outcome, count in re.findall(r'assay_reloads_total\{outcome="(\w+)"\} (\d+)', text)}

    def test_1_a_hangup_with_nothing_new_leaves_it_serving_and_says_so(self):
        said = self.reload()
        for part in ("policy", "vendor data", "TPM roots", "platform roots", "server certificate", "CA"):
            self.assertIn(f"{part}: unchanged", said)
        self.verifier.assay("hosts")
        self.assertEqual({"taken": 1, "refused": 0}, self.reloads())

    def test_2_a_new_policy_judges_the_next_report(self):
        before = self.attest()
        file = self.verifier.state / "policy.toml"
        file.write_text(file.read_text() + "\n# another digest\n")
        self.assertEqual(before["policy"], self.attest()["policy"])  # not before it is told to
        said = self.reload()
        self.assertIn("policy: changed", said)
        self.assertIn("vendor data: unchanged", said)
        self.assertEqual(hashlib.sha256(file.read_bytes()).hexdigest(), self.attest()["policy"])

    def test_3_a_new_bundle_judges_the_next_report(self):
        before = self.attest()
        self.assertIn("systemctl reload assay-verifier", self.bundle(2))
        self.assertIn("vendor data: changed, version 2", self.reload())
        self.assertNotEqual(before["vendors"], self.attest()["vendors"])
        self.assertEqual(2, self.bundles_remembered())

    def test_4_a_renewed_server_certificate_is_shown_to_the_next_client_and_open_connections_stay(self):
        before = self.shown_certificate()
        context = ssl.create_default_context(cafile=str(self.verifier.ca))
        with socket.create_connection(("127.0.0.1", self.verifier.port)) as plain, context.wrap_socket(plain, server_hostname="localhost") as tls:
            run(BIN / "assay-verifier", "certificates", "renew", "--state", self.verifier.state)
            said = self.reload()
            self.assertIn("server certificate: changed", said)
            self.assertIn("CA: unchanged", said)
            self.assertNotEqual(before, self.shown_certificate())
            tls.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertIn(b"200", tls.recv(4096))

    def test_5_one_broken_file_changes_nothing_and_is_named_with_the_remedy(self):
        state = self.verifier.state
        before, shown = self.attest(), self.shown_certificate()
        self.bundle(3)  # good and new: it must not be taken either
        run(BIN / "assay-verifier", "certificates", "renew", "--state", state)
        good = {name: (state / name).read_bytes() for name in ("policy.toml", "server.key", "vendors.bundle", "verifier.toml")}
        broken = {"policy.toml": b"colour = 'red'\n", "server.key": b"no key", "verifier.toml": b"listen = 7\n",
                  "vendors.bundle": good["vendors.bundle"][:-9]}
        (state / "tpm-roots" / "broken.pem").write_text("no certificate")
        self.refused("broken.pem", before, shown)
        (state / "tpm-roots" / "broken.pem").unlink()
        for name, content in broken.items():
            with self.subTest(name):
                (state / name).write_bytes(content)
                self.refused(name, before, shown)
                (state / name).write_bytes(good[name])
        self.assertEqual(5, self.reloads()["refused"])
        self.assertEqual(2, self.bundles_remembered())  # a bundle that was refused with the rest left no trace
        self.assertIn("vendor data: changed, version 3", self.reload())
        self.assertNotEqual(before["vendors"], self.attest()["vendors"])
        self.assertNotEqual(shown, self.shown_certificate())

    def refused(self, name, before, shown):
        said = self.reload()
        self.assertIn("reload refused, nothing of it was taken", said)
        self.assertIn(name, said)
        self.assertIn("systemctl reload assay-verifier", said)
        after = self.attest()
        for part in ("policy", "vendors"):
            self.assertEqual(before[part], after[part])
        self.assertEqual(shown, self.shown_certificate())

    def test_6_what_only_a_start_takes_is_said(self):
        state = self.verifier.state
        kept = (state / "signing.key").read_bytes()
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", state / "signing.key")
        self.reload()
        self.assertIn("signing.key changed, and a reload does not take it", self.verifier.log.read_text()[self.said:])
        (state / "signing.key").write_bytes(kept)

    def test_7_reports_and_reloads_at_once_disturb_neither(self):
        done, failed = threading.Event(), []

        def report():
            while not done.is_set():
                try:
                    self.attest()
                except AssertionError as error:
                    failed.append(error)
                    return

        reporter = threading.Thread(target=report)
        reporter.start()
        file = self.verifier.state / "policy.toml"
        for round_ in range(8):
            file.write_text(POLICY.read_text() + f"# {round_}\n")
            self.assertIn("policy: changed", self.reload())
        done.set()
        reporter.join()
        self.assertEqual([], failed)
        self.assertEqual(hashlib.sha256(file.read_bytes()).hexdigest(), self.attest()["policy"])

    def test_8_a_folder_of_policies_loses_one_and_is_refused_whole(self):
        state = self.verifier.state
        folder = state / "policies"
        folder.mkdir()
        shutil.move(state / "policy.toml", folder / "default.toml")
        config = state / "verifier.toml"
        config.write_text(config.read_text().replace('"policy.toml"', '"policies"'))
        self.assertIn("policy: unchanged", self.reload())
        (folder / "default.toml").rename(folder / "default.toml.off")
        said = self.reload()
        self.assertIn("reload refused", said)
        self.assertIn("policies", said)
        self.attest()


class UnderSystemd(unittest.TestCase):
    """What systemd is told on its socket, by a verifier of its own that it would watch."""

    def test_it_says_when_it_serves_reloads_and_lives(self):
        with folder() as path, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            verifier = Verifier(path)
            verifier.stop()
            systemd.bind(str(path / "notify"))
            systemd.settimeout(60)
            heard = []

            def hears(what):
                while not any(what in text.split("\n") for text in heard):
                    heard.append(systemd.recv(4096).decode())

            told = {"NOTIFY_SOCKET": str(path / "notify"), "WATCHDOG_USEC": "300000"}
            with unittest.mock.patch.dict(os.environ, told):
                verifier.start()
            try:
                hears("READY=1")
                heard.clear()
                for _ in range(3):  # again and again, as long as it lives
                    hears("WATCHDOG=1")
                    heard.clear()
                verifier.process.send_signal(signal.SIGHUP)
                hears("RELOADING=1")
                hears("READY=1")
                self.assertTrue(any("STATUS=serving; reloaded at " in text for text in heard), heard)
                (verifier.state / "policy.toml").write_text("colour = 'red'\n")
                heard.clear()
                verifier.process.send_signal(signal.SIGHUP)
                hears("READY=1")
                self.assertTrue(any("refused: " in text and "policy.toml" in text for text in heard), heard)
            finally:
                verifier.stop()
            hears("STOPPING=1")


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "curl", "openssl")
    unittest.main()
