"""A host enrols and attests over the real protocol: a real verifier, a real agent, a software TPM."""
import datetime
import hashlib
import json
import os
import pathlib
import re
import ssl
import unittest
import urllib.error
import urllib.request

from harness import (AFFIRMING, BIN, NONE, NOT_PROCESSED, POLICY, SOURCE, VERDICTS, Agent, Site, SoftwareTpm, folder, need, run)

try:
    import jwt
except ImportError:
    jwt = None


def fetch(verifier, path, certificate=None):
    context = ssl.create_default_context(cafile=str(verifier.ca))
    if certificate:
        context.load_cert_chain(*map(str, certificate))
    with urllib.request.urlopen(verifier.url + path, context=context, timeout=30) as answer:
        return answer.read()


class AnEnrolledHost(Site):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = Agent(cls.folder, cls.verifier, cls.tpm.tcti)
        cls.agent.enrol("host-1")
        cls.first = json.loads(cls.agent("attest", "--json", codes=VERDICTS).stdout)
        cls.attested = json.loads(cls.agent("attest", "--json", codes=VERDICTS).stdout)

    def test_it_is_listed_with_its_verdict(self):
        [host] = self.verifier.assay_json("hosts")
        self.assertEqual(host["host"], "host-1")
        self.assertEqual(host["tier"], self.attested["tier"])
        self.assertEqual(host["result_id"], self.attested["result_id"])

    def test_a_software_tpm_is_always_a_warning(self):
        findings = self.verifier.assay_json("findings", "--history", "--host", "host-1", "--id", "tpm.software")
        self.assertTrue(findings)
        self.assertNotEqual(self.attested["tier"], "affirming")

    def test_a_machine_without_a_boot_event_log_is_never_affirmed(self):
        if pathlib.Path("/sys/kernel/security/tpm0/binary_bios_measurements").exists():
            self.skipTest("this machine has a boot event log")
        self.assertIn(self.attested["tier"], ("none", "contraindicated"))

    def test_its_signed_result_verifies_offline_and_says_the_same(self):
        token, keys = self.folder / "host-1.jwt", self.folder / "keys.json"
        self.verifier.assay("result", "get", "host-1", "--out", token)
        keys.write_bytes(self.fetch("/v1/keys"))
        verified = json.loads(run(BIN / "assay", "--json", "result", "verify", token, "--keys", keys, codes=VERDICTS).stdout)
        self.assertEqual(verified["result_id"], self.attested["result_id"])
        spoilt = token.with_suffix(".spoilt")
        header, payload, signature = token.read_text().strip().split(".")
        spoilt.write_text(".".join([header, payload[:-8] + ("A" if payload[-8] != "A" else "B") + payload[-7:], signature]))
        run(BIN / "assay", "result", "verify", spoilt, "--keys", keys, codes=(NOT_PROCESSED,))
        spoilt.write_text(token.read_text().strip() + ".")
        run(BIN / "assay", "result", "verify", spoilt, "--keys", keys, codes=(NOT_PROCESSED,))
        spoilt.write_text(".".join([header, "A" * (7 << 20), signature]))
        run(BIN / "assay", "result", "verify", spoilt, "--keys", keys, codes=(NOT_PROCESSED,))

    def test_its_signed_result_holds_for_a_day_and_no_longer(self):
        token, keys = self.folder / "aged.jwt", self.folder / "aged-keys.json"
        self.verifier.assay("result", "get", "host-1", "--out", token)
        keys.write_bytes(self.fetch("/v1/keys"))

        def judged(*more, codes):
            return run(BIN / "assay", "--json", "result", "verify", token, "--keys", keys, *more, codes=codes).stdout
        now = json.loads(judged(codes=VERDICTS))
        self.assertEqual((now["verified"], now["validity"]), (True, "valid"))
        issued, expires = (int(datetime.datetime.fromisoformat(now[key].replace("Z", "+00:00")).timestamp()) for key in ("issued_at", "expires_at"))
        self.assertEqual(expires - issued, 86400)
        last = json.loads(judged("--at", f"@{expires - 1}", codes=VERDICTS))
        self.assertTrue(last["verified"])
        for at, validity in ((f"@{expires}", "expired"), (now["expires_at"], "expired"), (f"@{issued - 1}", "issued_later")):
            old = json.loads(judged("--at", at, codes=(NONE,)))
            self.assertEqual((old["verified"], old["validity"]), (False, validity))
        words = run(BIN / "assay", "result", "verify", token, "--keys", keys, "--at", now["expires_at"], codes=(NONE,)).stdout
        self.assertIn("EXPIRED since", words)

    @unittest.skipUnless(jwt, "SKIPPED: python3-jwt is not installed")
    def test_any_jwt_library_can_check_its_result(self):
        token = self.verifier.assay_json("host", "show", "host-1", codes=VERDICTS)["jwt"]
        [key] = json.loads(self.fetch("/v1/keys"))["keys"]
        self.assertEqual(jwt.get_unverified_header(token)["kid"], key["kid"])
        claims = jwt.decode(token, jwt.algorithms.ECAlgorithm.from_jwk(json.dumps(key)), algorithms=["ES256"])
        self.assertEqual(claims["eat_profile"], "tag:ietf.org,2026:rats/ear#05")
        self.assertEqual(claims["submods"]["host-1"]["ear.status"], self.attested["tier"])
        self.assertEqual(claims["exp"] - claims["iat"], 86400)

    def test_an_exported_bundle_appraised_offline_gives_the_same_bytes(self):
        bundle = self.folder / "host-1.bundle"
        self.verifier.assay("host", "export", "host-1", "--out", bundle)
        newest = self.verifier.assay_json("host", "show", "host-1", codes=VERDICTS)
        offline = run(BIN / "assay", "--json", "appraise", bundle, "--policy", self.verifier.state / "policy.toml",
                      "--vendors", self.verifier.state / "vendors.bundle", "--roots", self.folder / "roots",
                      "--at", f"@{newest['result']['appraised_at']}", codes=VERDICTS)
        self.assertEqual(json.loads(offline.stdout), newest["result"])

    def test_conclusion_and_occasion_of_an_exported_bundle_are_the_bytes_that_name_the_result(self):
        bundle, occasion, conclusion = (self.folder / f"named.{what}" for what in ("bundle", "occasion", "conclusion"))
        self.verifier.assay("host", "export", "host-1", "--out", bundle)
        newest = self.verifier.assay_json("host", "show", "host-1", codes=VERDICTS)
        run(BIN / "assay", "appraise", bundle, "--policy", self.verifier.state / "policy.toml", "--vendors", self.verifier.state / "vendors.bundle",
            "--roots", self.folder / "roots", "--at", f"@{newest['result']['appraised_at']}", "--occasion", occasion, "--conclusion", conclusion, codes=VERDICTS)
        digest = lambda file: hashlib.sha256(file.read_bytes()).hexdigest()
        self.assertEqual(digest(occasion), newest["result_id"])
        self.assertEqual(digest(conclusion), newest["result"]["conclusion"])
        self.assertEqual(json.loads(occasion.read_text())["conclusion"], digest(conclusion))

    def test_its_report_is_one_printable_file(self):
        report = self.folder / "host-1.html"
        self.verifier.assay("report", "host-1", "--html", report, codes=VERDICTS)
        text = report.read_text()
        self.assertIn("host-1", text)
        self.assertIn("tpm.software", text)
        self.assertNotIn("<script", text)

    def test_attesting_again_is_accepted_and_never_answers_with_an_old_result(self):
        self.assertNotEqual(self.first["result_id"], self.attested["result_id"])

    def test_every_finding_can_be_explained(self):
        for finding in self.verifier.assay_json("findings", "--history"):
            explained = json.loads(run(BIN / "assay", "--json", "explain", finding["id"]).stdout)
            self.assertEqual(explained["id"], finding["id"])
            self.assertTrue(finding["remedy"] and finding["evidence"] and finding["basis"], finding)

    def test_sessions_open_and_close(self):
        desk = self.verifier.as_("desk")
        visit = ("session", "open", "--host", "host-1", "--order", "WO-1", "--technician", "t.lee", "--escort", "m.roy")
        self.assertIn("unlisted", desk.assay(*visit, codes=(NOT_PROCESSED,)).stderr)
        opened = desk.assay_json(*visit, "--unlisted")
        self.assertEqual(opened["unlisted"], "operator:desk")
        self.assertEqual([s["id"] for s in self.verifier.assay_json("session", "list", "--open")], [opened["id"]])
        desk.assay("session", "close", opened["id"])
        self.assertEqual(self.verifier.assay_json("session", "list", "--open"), [])

    def test_metrics_count_attestations(self):
        operator = self.verifier.state / "operator"
        metrics = self.fetch("/metrics", (operator / "operator.pem", operator / "operator.key")).decode()
        self.assertRegex(metrics, r"(?m)^assay_\w*attestations\w*\{[^}]*\} [1-9]")

    def test_what_a_stranger_sends_in_its_name_is_counted_and_its_verdict_stays(self):
        before = self.verifier.assay_json("host", "show", "host-1", codes=VERDICTS)["result_id"]
        context = ssl.create_default_context(cafile=str(self.verifier.ca))
        request = urllib.request.Request(self.verifier.url + "/v1/hosts/host-1/evidence", data=b"garbage",
                                         headers={"Content-Type": "application/cbor"})
        for _ in range(2):
            with self.assertRaises(urllib.error.HTTPError):
                urllib.request.urlopen(request, context=context, timeout=30)
        [row] = self.verifier.assay_json("hosts", "unproven", "--host", "host-1")
        self.assertEqual((row["source"], row["reason"], row["times"]), ("127.0.0.1", "malformed", 2))
        told = self.verifier.assay("hosts", "unproven").stdout
        self.assertRegex(told, r"host-1 +127\.0\.0\.1 +malformed +2 ")
        self.assertIn("out of date", told)
        self.assertEqual(self.verifier.assay_json("host", "show", "host-1", codes=VERDICTS)["result_id"], before)

    def test_an_operators_route_needs_a_certificate_with_a_role(self):
        for path in ("/v1/hosts", "/v1/findings", "/v1/sessions", "/v1/unproven", "/metrics", "/v1/hosts/host-1/bundle"):
            with self.subTest(path=path), self.assertRaises(urllib.error.HTTPError) as refused:
                self.fetch(path)
            self.assertIn(refused.exception.code, (401, 403))

    def fetch(self, path, certificate=None):
        return fetch(self.verifier, path, certificate)


class ASteadyHost(Site):
    def test_a_steady_report_is_two_requests_and_a_lost_memory_costs_one_more(self):
        agent = Agent(self.folder, self.verifier, self.tpm.tcti)
        agent.enrol("steady")
        agent("attest", codes=VERDICTS)

        def requests():
            operator = self.verifier.state / "operator"
            metrics = self.fetch("/metrics", (operator / "operator.pem", operator / "operator.key")).decode()
            count = r'(?m)^assay_request_duration_seconds_count\{method="POST",path="([^"]*)",status="(\d+)"\} (\d+)'
            return {(path, status): int(n) for path, status, n in re.findall(count, metrics)}

        def made_by(*arguments):
            before = requests()
            agent(*arguments, codes=VERDICTS)
            return {key: n - before.get(key, 0) for key, n in requests().items() if n != before.get(key, 0)}

        steady = {("/v1/challenge", "200"): 1, ("/v1/hosts/{host}/evidence", "200"): 1}
        self.assertEqual(made_by("attest"), steady)
        remembered = agent.state / "acknowledged.json"
        remembered.unlink()
        # Everything seems to be new: more than stands beside a proof is not wanted all the same, for the verifier holds it.
        self.assertEqual(made_by("attest"), steady)
        remembered.write_text(json.dumps({"journal_sequence": 99, "sections": {}}))
        again = made_by("attest")
        if ("/v1/hosts/{host}/evidence", "409") in again:  # a host with a journal is told where it goes on
            steady = {("/v1/challenge", "200"): 2, ("/v1/hosts/{host}/evidence", "200"): 1, ("/v1/hosts/{host}/evidence", "409"): 1}
        self.assertEqual(again, steady)

    def fetch(self, path, certificate=None):
        return fetch(self.verifier, path, certificate)


class Enrolment(Site):
    def test_a_token_is_spent_on_use(self):
        token = self.verifier.token("host-a")
        Agent(self.folder, self.verifier, self.tpm.tcti, "a")("enrol", "--token", token, "--name", "host-a")
        other = SoftwareTpm(self.folder, "tpm-b")
        self.addCleanup(other.stop)
        Agent(self.folder, self.verifier, other.tcti, "b")("enrol", "--token", token, "--name", "host-a2", codes=(NOT_PROCESSED,))

    def test_a_made_up_token_and_a_token_of_another_host_are_refused(self):
        other = SoftwareTpm(self.folder, "tpm-c")
        self.addCleanup(other.stop)
        agent = Agent(self.folder, self.verifier, other.tcti, "c")
        for token in ("A" * 32, self.verifier.token("host-d")):
            refused = agent("enrol", "--token", token, "--name", "host-c", codes=(NOT_PROCESSED,))
            self.assertNotIn("token", refused.stderr)
            [row] = self.verifier.assay_json("hosts", "refusals", "--host", "host-c")
            self.assertIn("token", row["actual"])
        agent.enrol("host-c")  # the honest twin

    def test_one_tpm_has_one_name_and_one_name_has_one_tpm(self):
        tpms = [SoftwareTpm(self.folder, f"tpm-{n}") for n in "ef"]
        for tpm in tpms:
            self.addCleanup(tpm.stop)
        first = Agent(self.folder, self.verifier, tpms[0].tcti, "e")
        first.enrol("host-e")
        first.enrol("host-e")  # the honest twin: the same TPM under the same name
        Agent(self.folder, self.verifier, tpms[1].tcti, "f").enrol("host-e", codes=(NOT_PROCESSED,))
        [row] = self.verifier.assay_json("hosts", "refusals", "--host", "host-e")
        self.assertEqual(row["id"], "admission.second_tpm")
        Agent(self.folder, self.verifier, tpms[0].tcti, "g").enrol("host-g", codes=(NOT_PROCESSED,))
        [row] = self.verifier.assay_json("hosts", "refusals", "--host", "host-g")
        self.assertEqual((row["host"], row["id"]), ("host-e", "admission.known_tpm"))

    def test_a_host_that_never_enrolled_is_told_how(self):
        refused = Agent(self.folder, self.verifier, self.tpm.tcti, "nobody")("attest", codes=(1, 2))
        self.assertIn("enrol", refused.stderr)


class TheVerifier(Site):
    def test_it_ends_cleanly_on_sigterm(self):
        self.assertEqual(self.verifier.stop(), 0)
        self.verifier.start()

    def test_a_verifier_that_is_away_is_an_error_with_its_address(self):
        self.verifier.stop()
        refused = self.verifier.assay("hosts", codes=(NOT_PROCESSED,))
        self.assertIn(self.verifier.url, refused.stderr)
        self.verifier.start()

    def test_init_overwrites_nothing(self):
        before = {path: path.read_bytes() for path in self.verifier.state.rglob("*") if path.is_file() and path.suffix in (".pem", ".key")}
        again = run(BIN / "assay-verifier", "init", "--state", self.verifier.state, "--vendor-db", SOURCE / "vendor-db",
                    "--policy", POLICY, codes=(1, 2))
        self.assertTrue(again.stderr)
        self.assertEqual(before, {path: path.read_bytes() for path in before})

    def test_its_keys_are_for_its_user_alone(self):
        keys = list(self.verifier.state.rglob("*.key"))
        self.assertTrue(keys)
        for key in keys:
            self.assertEqual(key.stat().st_mode & 0o077, 0, key)


@unittest.skipUnless(os.environ.get("ASSAY_TEST_POSTGRESQL"), "SKIPPED: ASSAY_TEST_POSTGRESQL names no server")
class OnPostgresql(AnEnrolledHost):
    """The same statements with the other engine."""
    @classmethod
    def setUpClass(cls):
        url = os.environ["ASSAY_TEST_POSTGRESQL"]
        name = f"e2e_{os.getpid()}"
        run("psql", url, "-qc", f"create database {name}")
        cls.database = re.sub(r"/postgres(?=\?|$)", f"/{name}", url)
        super().setUpClass()


if __name__ == "__main__":
    need("swtpm", "swtpm_setup")
    unittest.main(verbosity=2)
