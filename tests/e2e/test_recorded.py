"""The recorded hosts that ship with Assay, appraised offline with the verifier's own code."""
import json
import unittest

from harness import BIN, CONTRAINDICATED, POLICY, SOURCE, VERDICTS, folder, run

RECORDED = SOURCE / "tests" / "recorded"


def appraise(host, *more, codes=VERDICTS):
    return run(BIN / "assay", "--json", "appraise", RECORDED / host, "--policy", POLICY, "--vendors", SOURCE / "vendor-db",
               "--roots", RECORDED / "tpm-roots", *more, codes=codes)


def ids(output):
    return {finding["id"] for finding in json.loads(output)["findings"]}


class RecordedHosts(unittest.TestCase):
    def test_the_stick_that_nobody_accompanied_and_the_unapproved_maker_are_found(self):
        done = appraise("rack-7", codes=(CONTRAINDICATED,))
        self.assertLessEqual({"usb.unaccompanied", "vendor.unapproved", "tpm.software"}, ids(done.stdout))

    def test_the_honest_twin_has_neither(self):
        self.assertFalse({"usb.unaccompanied", "vendor.unapproved"} & ids(appraise("rack-8").stdout))

    def test_the_same_inputs_give_the_same_bytes_under_any_locale_and_time_zone(self):
        outputs = {run(BIN / "assay", "--json", "appraise", RECORDED / "rack-7", "--policy", POLICY, "--vendors", SOURCE / "vendor-db",
                       "--roots", RECORDED / "tpm-roots", codes=VERDICTS,
                       env={"LC_ALL": locale, "TZ": zone, "PATH": "/usr/bin:/bin"}).stdout
                   for locale in ("C", "C.UTF-8", "de_DE.UTF-8") for zone in ("UTC", "Asia/Kolkata", "America/St_Johns")}
        self.assertEqual(len(outputs), 1)

    def test_a_day_later_the_challenge_has_expired_and_the_answer_says_so(self):
        self.assertIn("quote.expired", ids(appraise("rack-8", "--at", "2036-01-01").stdout))

    def test_the_report_is_written_and_names_the_stick(self):
        with folder() as work:
            appraise("rack-7", "--html", work / "r.html")
            self.assertIn("usb.unaccompanied", (work / "r.html").read_text())

    def test_an_absent_bundle_and_a_broken_policy_are_clear_errors(self):
        with folder() as work:
            self.assertIn("bundle.cbor", run(BIN / "assay", "appraise", work, "--policy", POLICY, "--vendors", SOURCE / "vendor-db",
                                             codes=(1,)).stderr)
            (work / "policy.toml").write_text("name = 'x'\nversion = 1\nwhatever = 2\n")
            broken = run(BIN / "assay", "appraise", RECORDED / "rack-7", "--policy", work / "policy.toml", "--vendors",
                         SOURCE / "vendor-db", codes=(1, 2)).stderr
            self.assertIn("policy.toml:3", broken)


if __name__ == "__main__":
    unittest.main(verbosity=2)
