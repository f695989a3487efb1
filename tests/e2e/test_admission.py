"""Who may be a host, with real processes: a purchase list, a wrong TPM, the exchange of a mainboard."""
import json
import unittest

from harness import NOT_PROCESSED, VERDICTS, Agent, Site, SoftwareTpm, need


class ABoughtHost(Site):
    """Tests run in the order of their names: each goes on where the one before ended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_tpm = SoftwareTpm(cls.folder, name="tpm2")
        cls.stack.callback(cls.other_tpm.stop)
        cls.agent = Agent(cls.folder, cls.verifier, cls.tpm.tcti)
        cls.stranger = Agent(cls.folder, cls.verifier, cls.other_tpm.tcti, name="stranger")
        refused = cls.agent("enrol", "--name", "rack-7", codes=(NOT_PROCESSED,))
        cls.told = refused.stderr
        [row] = cls.verifier.assay_json("hosts", "refusals", "--host", "rack-7")
        cls.reason, cls.digest = row["actual"], row["ek_digest"]
        cls.list = cls.folder / "racks.csv"

    def write(self, *lines):
        self.list.write_text("host,site,rack,unit,tpm_digest,chassis_serial\n" + "".join(line + "\n" for line in lines))

    def refusals(self):
        return [(row["host"], row["id"]) for row in self.verifier.assay_json("hosts", "refusals")]

    def test_0_the_host_is_not_told_why_it_was_refused_and_the_operator_is(self):
        self.assertIn("assay hosts refusals --host rack-7", self.told)
        self.assertNotIn("token", self.told)
        self.assertIn("token: none was given", self.reason)

    def test_1_a_list_with_a_fault_is_refused_with_file_line_and_remedy(self):
        self.write(f"rack-7,berlin,r12,7,{self.digest},CZ1", "rack-8,berlin,r12,9,abc,")
        refused = self.verifier.assay("hosts", "register", "--purchase", self.list, codes=(NOT_PROCESSED,))
        self.assertIn(f"{self.list}: line 3: tpm_digest: expected a SHA-256 of 64 hex digits", refused.stderr)
        self.assertEqual(self.verifier.assay_json("hosts", "registered"), [])

    def test_2_a_dry_run_changes_nothing_and_the_list_again_changes_nothing(self):
        self.write(f"rack-7,berlin,r12,7,{self.digest.upper()},")
        said = self.verifier.assay("hosts", "register", "--purchase", self.list, "--dry-run").stdout
        self.assertIn("racks.csv:2: rack-7 added", said)
        self.assertEqual(self.verifier.assay_json("hosts", "registered"), [])
        answer = self.verifier.assay_json("hosts", "register", "--purchase", self.list)
        self.assertEqual((answer["kept"], answer["hosts"][0]["outcome"]), (True, "added"))
        answer = self.verifier.assay_json("hosts", "register", "--purchase", self.list)
        self.assertEqual(answer["hosts"][0]["outcome"], "unchanged")
        [host] = self.verifier.assay_json("hosts", "registered")
        self.assertEqual((host["host"], host["tpm_digest"], host["rack"]), ("rack-7", self.digest, "r12"))

    def test_3_another_tpm_is_refused_with_and_without_a_token_and_reported(self):
        self.stranger("enrol", "--name", "rack-7", codes=(NOT_PROCESSED,))
        self.stranger.enrol("rack-7", codes=(NOT_PROCESSED,))
        self.assertIn(("rack-7", "admission.unregistered_tpm"), self.refusals())
        [finding] = self.verifier.assay_json("findings", "--history", "--host", "rack-7", "--id", "admission.unregistered_tpm")
        self.assertIn("refused 2 times", finding["actual"])
        self.assertIn("admission.unregistered_tpm", self.verifier.assay("hosts", "refusals").stdout)

    def test_4_the_bought_tpm_enrols_without_a_token_and_attests(self):
        self.assertIn("enrolled as rack-7", self.agent("enrol", "--name", "rack-7").stdout)
        verdict = json.loads(self.agent("attest", "--json", codes=VERDICTS).stdout)
        self.assertEqual(verdict["result"]["host"], "rack-7")
        self.assertIn("already enrolled", self.agent("enrol", "--name", "rack-7").stdout)

    def test_4b_its_site_is_a_label_when_an_administrator_says_so(self):
        self.assertIn("rack-7: none", self.verifier.assay("hosts", "label", "rack-7").stdout)
        told = self.verifier.assay("hosts", "label", "--adopt-site", "berlin", "--dry-run").stdout
        self.assertIn("rack-7: site=berlin\nNothing was changed", told)
        refused = self.verifier.as_("operator").assay("hosts", "label", "--adopt-site", "berlin", codes=(NOT_PROCESSED,))
        self.assertIn("operator add NAME --role admin --person ID", refused.stderr)
        self.assertEqual(self.verifier.as_("admin", "ada").assay_json("hosts", "label", "--adopt-site", "berlin")["hosts"],
                         [{"before": "", "host": "rack-7"}])
        self.assertIn("rack-7: site=berlin (set by ada at ", self.verifier.assay("hosts", "label", "rack-7").stdout)

    def test_5_the_bought_tpm_is_refused_under_another_name(self):
        second = Agent(self.folder, self.verifier, self.tpm.tcti, name="second-name")
        second.enrol("rack-9", codes=(NOT_PROCESSED,))
        self.assertIn(("rack-7", "admission.known_tpm"), self.refusals())

    def test_6_a_chassis_of_another_serial_number_is_a_finding_with_both_sides(self):
        self.write(f"rack-7,berlin,r12,7,{self.digest},NOT-THIS-ONE")
        self.assertIn("changed", self.verifier.assay("hosts", "register", "--purchase", self.list).stdout)
        verdict = json.loads(self.agent("attest", "--json", codes=VERDICTS).stdout)
        findings = {finding["id"]: finding for finding in verdict["result"]["findings"]}
        if "chassis.serial" not in findings:
            absent = [each["subject"] for each in verdict["result"]["findings"] if each["id"] == "section.absent"]
            self.assertIn("section smbios", absent)
            self.skipTest("this machine shows no SMBIOS tables")
        self.assertIn("NOT-THIS-ONE", findings["chassis.serial"]["expected"])

    def test_7_an_exchange_is_an_order_with_a_reason_and_the_next_results_say_so(self):
        order = self.verifier.assay_json("hosts", "replace", "rack-7", "--reason", "WO-1017: board exchanged")
        swapped = Agent(self.folder, self.verifier, self.other_tpm.tcti, name="agent")  # the same disk
        self.assertIn("enrolled as rack-7", swapped("enrol", "--token", order["token"], "--name", "rack-7").stdout)
        verdict = json.loads(swapped("attest", "--json", codes=VERDICTS).stdout)
        findings = {finding["id"]: finding for finding in verdict["result"]["findings"]}
        self.assertIn("WO-1017: board exchanged", findings["identity.replaced"]["actual"])
        self.assertNotIn("clock.back", findings)
        [row] = self.verifier.assay_json("hosts", "replacements", "--host", "rack-7")
        self.assertEqual((row["old_ek_digest"], row["reason"]), (self.digest, "WO-1017: board exchanged"))

    def test_8_the_old_tpm_comes_back_only_after_its_release(self):
        old = Agent(self.folder, self.verifier, self.tpm.tcti, name="old-board")
        old.enrol("rack-11", codes=(NOT_PROCESSED,))
        self.assertIn(("rack-7", "admission.retired_tpm"), self.refusals())
        [row] = self.verifier.assay_json("hosts", "replacements", "--host", "rack-7")
        self.verifier.assay("hosts", "release", row["id"], "--reason", "repaired")
        self.assertIn("enrolled as rack-11", old.enrol("rack-11").stdout)


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca")
    unittest.main(verbosity=2)
