"""`assay vendors` over the shipped vendor data, as a supply-chain officer uses it."""
import json
import subprocess
import unittest

from harness import BIN, SOURCE

DATA = SOURCE / "vendor-db"


def assay(*arguments):
    """Exit code, standard output, standard error."""
    done = subprocess.run([BIN / "assay", *arguments], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def resolve(*arguments):
    code, out, error = assay("--json", "vendors", "resolve", "--vendors", DATA, *arguments)
    assert code in (0, 5), error
    return code, json.loads(out)


class Resolve(unittest.TestCase):
    def test_every_spelling_and_number_of_a_maker_leads_to_it_and_says_how(self):
        for asked, match in [(("--pci", "1bd4"), "numeric id"), (("--oui", "6C92BF"), "numeric id"),
                             (("--oui", "6c:92:bf:01:02:03"), "numeric id"), (("--jep106", "12:73"), "numeric id"),
                             (("--pen", "37945"), "numeric id"), (("--smbios", "Langchao"), "normalised name"),
                             (("--smbios", " INSPUR "), "normalised name")]:
            with self.subTest(asked=asked):
                code, answer = resolve(*asked)
                self.assertEqual(code, 0)
                self.assertEqual(answer["entity"]["id"], "inspur")
                self.assertEqual(answer["match"], match)
                self.assertTrue(answer["why"])
                self.assertEqual(answer["decision"]["decision"], "deny")

    def test_the_same_number_in_two_namespaces_is_two_makers(self):
        self.assertEqual(resolve("--pci", "152d")[1]["entity"]["id"], "quanta")
        self.assertNotEqual(resolve("--usb", "152d")[1].get("entity", {}).get("id"), "quanta")

    def test_a_name_that_contains_another_is_not_that_other(self):
        answer = resolve("--smbios", "FiberHome Supermicro lnformation Technology Co.,Ltd")[1]
        self.assertNotEqual(answer.get("entity", {}).get("id"), "super-micro")

    def test_placeholder_and_unknown_are_answers_of_their_own(self):
        for asked, outcome in [(("--smbios", "To Be Filled By O.E.M."), "placeholder"),
                               (("--smbios", "Another Supermicro Reseller"), "unknown"),
                               (("--pci", "ffff"), "unknown"), (("--oui", "02:00:00:01:02:03"), "unknown")]:
            with self.subTest(asked=asked):
                code, answer = resolve(*asked)
                self.assertEqual((code, answer["outcome"]), (5, outcome))
                self.assertNotIn("entity", answer)

    def test_a_modules_number_in_text_is_read_as_an_appraisal_reads_it_and_says_so(self):
        for text, maker, number in [("80CE80B380CE", "samsung", "1:ce"), ("0x80AD", "sk-hynix", "1:ad"), ("2C00", "micron", "1:2c"),
                                    ("7F98000000000000", "kingston", "2:98")]:
            for component in ((), ("--component", "memory")):
                with self.subTest(text=text, component=component):
                    code, answer = resolve("--smbios", text, *component)
                    self.assertEqual((code, answer["entity"]["id"]), (0, maker))
                    self.assertEqual(answer["match"], "number in the text")
                    self.assertEqual(answer["read_as"], f"JEP106 {number}, as '{text}'")
        # Of no other part, and no text of another form.
        for wrong in [("80CE80B380CE", "system"), ("0x80AD", "psu"), ("00CF", "memory"), ("80CE80B380CE80", "memory")]:
            with self.subTest(wrong=wrong):
                self.assertEqual(resolve("--smbios", wrong[0], "--component", wrong[1])[0], 5)
        code, out, _ = assay("vendors", "resolve", "--vendors", DATA, "--smbios", "80CE80B380CE")
        self.assertIn("by number in the text: JEP106 1:ce, as '80CE80B380CE'", out)

    def test_what_hp_printed_is_hpes_on_a_proliant_and_anybodys_of_the_two_elsewhere(self):
        for asked in (("--smbios", "HP"), ("--pci", "103c:3239"), ("--pen", "11")):
            with self.subTest(asked=asked):
                self.assertEqual(resolve(*asked, "--product", "ProLiant DL380 G7")[1]["entity"]["id"], "hpe")
                both = resolve(*asked, "--product", "HP Z8 G4 Workstation")[1]
                self.assertEqual([both["entity"]["id"]] + [each["entity"]["id"] for each in both["also"]], ["hp-inc", "hpe"])
        out = assay("vendors", "resolve", "--vendors", DATA, "--smbios", "HP")[1]
        self.assertIn("or Hewlett Packard Enterprise (hpe, US)", out)
        self.assertIn("--product", out)
        self.assertEqual(resolve("--smbios", "Dell Inc.", "--product", "ProLiant DL380")[1]["also"], [])

    def test_the_decision_is_that_of_the_day_asked_about(self):
        self.assertEqual(resolve("--pci", "1bd4", "--at", "2025-03-24")[1]["decision"]["decision"], "review")
        self.assertEqual(resolve("--pci", "1bd4", "--at", "2025-03-25")[1]["decision"]["decision"], "deny")

    def test_a_wrong_question_is_a_usage_error_that_names_the_option(self):
        for wrong in [("--pci", "xyz"), ("--oui", "12"), ("--jep106", "10:9a"), (), ("--pci", "1bd4", "--usb", "046b")]:
            with self.subTest(wrong=wrong):
                code, _, error = assay("vendors", "resolve", "--vendors", DATA, *wrong)
                self.assertEqual(code, 2)
                self.assertIn("--", error)


if __name__ == "__main__":
    unittest.main(verbosity=2)
