"""Who operates a verifier: sets it up, reloads, watches, backs it up, restores it when the disk is gone, and retires it."""
import re
import shutil
import unittest

from harness import SOURCE, need
from journey import Journey

PAGE = "docs/howto/operate-a-verifier.md"
OWNERS = r" -o assay-verifier -g assay-verifier"  # the test has no such user


class Operations(Journey):
    @classmethod
    def words(cls):
        return {"/var/backups": cls.root / "var/backups", OWNERS: ""}

    def test_1_it_is_set_up_and_found_well(self):
        *_, told = self.follow(f"{PAGE}#set-up")
        self.assertNotRegex(told, "(?m)^failed")
        self.assertRegex(told, "(?m)^ok      chain: ")
        self.do("export ASSAY_CONFIG=$JOURNEY/var/lib/assay-verifier/operator/config.toml; assay hosts")

    def test_2_it_reloads_and_says_what_it_took(self):
        policy = self.root / "var/lib/assay-verifier/policy.toml"
        policy.write_text(policy.read_text() + "# ours\n")
        self.follow(f"{PAGE}#reload")
        self.assertIn("policy: changed", (self.root / "assay-verifier.log").read_text())

    def test_3_a_monitor_finds_each_metric_that_the_page_names(self):
        (told,) = self.follow(f"{PAGE}#watch")
        for name in set(re.findall(r"`(assay_[a-z_]+)", (SOURCE / PAGE).read_text())):
            self.assertIn(f"# TYPE {name} ", told)

    def test_4_a_backup_is_made_while_it_serves_and_restored_when_the_disk_is_gone(self):
        shutil.rmtree(self.root / "var/backups", ignore_errors=True)
        self.follow(f"{PAGE}#backup", self.words())
        token = self.do("assay token rack-7")
        self.follow(f"{PAGE}#restore", self.words())
        self.assertTrue(token)
        self.do("assay hosts")
        self.assertIn(" 0 contradictions", self.do("assay-verifier audit verify"))
        self.assertIn("chain.restored", self.do("sqlite3 $JOURNEY/var/lib/assay-verifier/assay.db 'SELECT kind FROM acts'"))

    def test_5_the_disk_is_looked_at_and_a_certificate_is_renewed(self):
        self.follow(f"{PAGE}#disk-full", self.words())
        self.follow(f"{PAGE}#an-expired-certificate")
        self.do("assay hosts")

    def test_6_it_is_retired_with_a_last_backup(self):
        self.follow(f"{PAGE}#retire-it", self.words())
        self.assertTrue((self.root / "var/backups/assay-verifier/last/manifest.json").exists())


if __name__ == "__main__":
    need("curl", "sqlite3")
    unittest.main(verbosity=2, failfast=True)
