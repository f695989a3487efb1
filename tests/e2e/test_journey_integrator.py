"""An integrator: verdicts for programs, by exit code, by JSON, by the API, and metrics to alert on."""
import json
import unittest

import yaml

from harness import SOURCE, need
from journey import Journey

PAGE = "docs/howto/integrate.md"


class Integrator(Journey):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first_host("rack-7")

    def test_1_a_program_learns_by_exit_code_and_json_that_the_host_may_not_be_used(self):
        self.follow(f"{PAGE}#1-a-certificate-of-its-own")
        verdict, findings = self.follow(f"{PAGE}#2-may-this-host-be-used")
        self.assertEqual(verdict, "no go: exit code 3\n")
        self.assertIn("contraindicated\tusb.unaccompanied\tUSB port 2-1\n", findings)

    def test_2_a_reader_reads_by_the_api_what_its_description_says_and_changes_nothing(self):
        _, hosts, *_ = self.follow(f"{PAGE}#3-the-api")
        self.assertEqual(hosts, "rack-7\tcontraindicated\n")
        answer = json.loads((self.home / "provisioning/answer.json").read_text())
        described = yaml.safe_load((SOURCE / "docs/openapi.yaml").read_text())["paths"]["/v1/hosts/{host}/result"]["get"]["responses"]["200"]
        schema = described["content"]["application/json"]["schema"]
        named = schema.get("properties") or yaml.safe_load((SOURCE / "docs/openapi.yaml").read_text())["components"]["schemas"][schema["$ref"].split("/")[-1]]["properties"]
        self.assertLessEqual(set(answer), set(named))
        self.do("assay token rack-8", codes=(1,))

    def test_3_the_answer_proves_itself_and_an_edited_one_does_not(self):
        self.follow(f"{PAGE}#4-an-answer-that-proves-itself")
        file = self.home / "provisioning/answer.json"
        file.write_text(file.read_text().replace("contraindicated", "affirming"))
        with self.assertRaises(AssertionError):
            self.follow(f"{PAGE}#4-an-answer-that-proves-itself")

    def test_4_what_to_alert_on_is_there_under_the_names_of_the_page(self):
        *_, found = self.follow(f"{PAGE}#5-what-to-alert-on")
        for name in ("hosts_silent", "certificate_not_after_seconds", "enrolments_refused_total", "evidence_unproven_total"):
            self.assertIn(f"assay_{name}", found)


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca", "tpm2_pcrextend", "curl", "jq", "openssl")
    unittest.main(verbosity=2, failfast=True)
