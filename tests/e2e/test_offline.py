"""A bundle that an enrolled host saved, appraised where the verifier is not: GO by its signed statement, and by nothing else."""
import json
import unittest

from harness import AFFIRMING, BIN, CONTRAINDICATED, NONE, SOURCE, VERDICTS, Agent, SoftwareTpm, Site, need, run
from test_attestation import fetch

# What a bench asks: whether this TPM, and no other, signed what is in the bundle.
ASKED = ("quote_is_authentic_and_bound", "sections_are_as_the_manifest_names_them", "required_sections_are_present")


class Bench(Site):
    """Two hosts are enrolled and have saved a bundle each; then the verifier is gone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other = SoftwareTpm(cls.folder, "tpm-2")
        cls.stack.callback(other.stop)
        cls.agents = [Agent(cls.folder, cls.verifier, tpm.tcti, f"agent-{n}") for n, tpm in ((1, cls.tpm), (2, other))]
        for n, agent in enumerate(cls.agents, 1):
            agent.enrol(f"host-{n}")
        cls.keys = cls.folder / "keys.json"
        cls.keys.write_bytes(fetch(cls.verifier, "/v1/keys"))
        cls.verifier.stop()
        cls.bundles = [cls.saved(agent) for agent in cls.agents]
        cls.policy = cls.folder / "bench.toml"
        cls.write_policy([])
        found = json.loads(cls.appraise(cls.bundles[0]).stdout)
        cls.write_policy([check["check"] for check in found["checks"] if check["check"] not in ASKED])

    @classmethod
    def write_policy(cls, disabled):
        listed = "[\n" + "".join(f"'{check}',\n" for check in disabled) + "]"
        cls.policy.write_text(f"name = 'bench'\nversion = 1\nrequired_sections = ['pcrs']\nrequired_checks = {list(ASKED)}\n"
                              f"disabled_checks = {listed}\npcr_selection = 'sha256:0,1,2,3,4,5,6,7'\n"
                              "challenge_lifetime_s = 120\nsecure_boot_required = false\nek_certificate_required = true\n")

    @classmethod
    def saved(cls, agent):
        agent("collect", "--out", cls.folder / "saved.bundle")
        return (cls.folder / "saved.bundle").read_bytes()

    @classmethod
    def appraise(cls, bundle, *more, keys=None, codes=VERDICTS):
        file = cls.folder / "shown.bundle"
        file.write_bytes(bundle)
        given = ["--keys", keys] if keys else []
        return run(BIN / "assay", "--json", "appraise", file, "--policy", cls.policy, "--vendors", SOURCE / "vendor-db", "--roots",
                   cls.folder / "roots", *given, *more, codes=codes)

    def token(self, n):
        return (self.agents[n].state / "activation.jwt").read_bytes()

    def with_token(self, token):
        """The first host's bundle with another token of the same length."""
        own = self.token(0)
        self.assertEqual(len(own), len(token))
        self.assertEqual(self.bundles[0].count(own), 1)
        return self.bundles[0].replace(own, token)

    def findings(self, done):
        return {finding["id"]: finding for finding in json.loads(done.stdout)["findings"]}


class OfflineGo(Bench):
    def test_it_is_a_go_and_says_on_whose_word_and_what_is_not_known(self):
        result = json.loads(self.appraise(self.bundles[0], keys=self.keys, codes=(AFFIRMING,)).stdout)
        self.assertEqual((result["host"], result["tier"]), ("host-1", "affirming"))
        [key] = json.loads(self.keys.read_text())["keys"]
        [words] = [check["summary"] for check in result["checks"] if check["check"] == ASKED[0]]
        self.assertIn(f"by the word of verifier key {key['kid']}", words)
        self.assertIn("revoked since is not known", words)
        self.assertLessEqual({"activation", "verifier_keys"}, set(result["inputs"]))
        self.appraise(self.bundles[1], keys=self.keys, codes=(AFFIRMING,))

    def test_the_verifiers_key_in_pem_does_as_well(self):
        pem = self.folder / "verifier.pem"
        pem.write_text(run("openssl", "pkey", "-in", self.verifier.state / "signing.key", "-pubout").stdout)
        self.appraise(self.bundles[0], keys=pem, codes=(AFFIRMING,))

    def test_without_the_verifiers_keys_nobody_can_tell_and_the_command_says_what_is_missing(self):
        done = self.appraise(self.bundles[0], codes=(NONE,))
        self.assertIn("identity.not_activated", self.findings(done))
        self.assertIn("--keys", done.stderr)

    def test_another_hosts_statement_is_held_against_it(self):
        done = self.appraise(self.with_token(self.token(1)), keys=self.keys, codes=(CONTRAINDICATED,))
        self.assertIn("host-2", self.findings(done)["identity.activation_mismatch"]["actual"])

    def test_an_altered_statement_is_held_against_it(self):
        header, payload, signature = self.token(0).split(b".")
        altered = payload[:40] + (b"A" if payload[40:41] != b"A" else b"B") + payload[41:]
        done = self.appraise(self.with_token(b".".join([header, altered, signature])), keys=self.keys, codes=(CONTRAINDICATED,))
        self.assertIn("altered", self.findings(done)["identity.activation_unverified"]["actual"])

    def test_under_another_verifiers_keys_nobody_can_tell(self):
        secret, pem = self.folder / "other.key", self.folder / "other.pem"
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", secret)
        run("openssl", "pkey", "-in", secret, "-pubout", "-out", pem)
        none = self.folder / "none.json"
        none.write_text('{"keys": []}')
        for keys in (pem, none):
            done = self.appraise(self.bundles[0], keys=keys, codes=(NONE,))
            self.assertIn("identity.activation_unverified", self.findings(done))

    def test_without_a_statement_nobody_can_tell_whatever_the_bundle_says_of_itself(self):
        kept = self.token(0)
        file = self.agents[0].state / "activation.jwt"
        file.unlink()
        self.addCleanup(file.write_bytes, kept)
        told = self.agents[0]("collect", "--out", self.folder / "bare.bundle").stdout
        self.assertIn("without a statement of activation", told)
        bare = (self.folder / "bare.bundle").read_bytes()
        self.assertIn("identity.not_activated", self.findings(self.appraise(bare, keys=self.keys, codes=(NONE,))))
        own_word = bare.replace(b"ak_activated\xf4", b"ak_activated\xf5")
        self.assertNotEqual(own_word, bare)
        self.assertIn("identity.not_activated", self.findings(self.appraise(own_word, keys=self.keys, codes=(NONE,))))
        # What it comes to without the keys is told for what it is.
        self.assertIn("bundle's own word", self.appraise(own_word, codes=(AFFIRMING,)).stderr)

    def test_an_agent_puts_no_statement_about_other_keys_into_its_bundle(self):
        own = self.token(0)
        file = self.agents[0].state / "activation.jwt"
        self.addCleanup(file.write_bytes, own)
        file.write_bytes(self.token(1))
        self.assertNotIn("activation", self.inspected(self.saved(self.agents[0])))

    def test_a_file_that_holds_no_keys_is_an_error(self):
        broken = self.folder / "broken.json"
        broken.write_text("{}")
        self.assertIn("--keys", json.loads(self.appraise(self.bundles[0], keys=broken, codes=(1, 2)).stdout)["error"]["message"])

    def test_the_statement_is_shown_as_unverified_by_inspect(self):
        shown = self.inspected(self.bundles[0])["activation"]
        self.assertEqual((shown["host"], shown["verified"]), ("host-1", False))

    def inspected(self, bundle):
        file = self.folder / "inspected.bundle"
        file.write_bytes(bundle)
        return json.loads(run(BIN / "assay", "--json", "inspect", "evidence", file).stdout)


class AHostOfBefore(Site):
    """Enrolled when there was no such statement."""

    def doctor(self, agent):
        checks = json.loads(agent("doctor", "--json", codes=range(6)).stdout)["checks"]
        return {check["what"]: check for check in checks}["offline proof"]

    def test_the_doctor_says_that_it_has_none_and_its_next_attestation_brings_one(self):
        agent = Agent(self.folder, self.verifier, self.tpm.tcti)
        agent.enrol("host-1")
        agent("attest", codes=VERDICTS)
        file = agent.state / "activation.jwt"
        file.unlink()
        told = self.doctor(agent)
        self.assertEqual(told["state"], "partial")
        self.assertIn("assay-agent attest", told["remedy"])
        agent("attest", codes=VERDICTS)
        self.assertTrue(file.exists())
        self.assertEqual(file.stat().st_mode & 0o077, 0)
        self.assertEqual(self.doctor(agent)["state"], "good")
        before = file.read_bytes()
        agent("attest", codes=VERDICTS)  # half of its time is far
        self.assertEqual(file.read_bytes(), before)


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "openssl")
    unittest.main(verbosity=2)
