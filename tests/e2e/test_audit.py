"""A database edited row by row, and one that was set back: each is found, by `assay audit verify` or by an agent's next attestation."""
import json
import shutil
import sqlite3
import unittest

from harness import BIN, VERDICTS, Agent, Site, need, run

CONTRADICTION = 3


class Audited(Site):
    def enrolled(self):
        agent = Agent(self.folder, self.verifier, self.tpm.tcti)
        agent.enrol("host-1")
        return agent

    def attest(self, agent):
        return json.loads(agent("attest", "--json", codes=VERDICTS).stdout)

    def findings(self, answer):
        return {finding["id"] for finding in answer["result"]["findings"]}

    def sql(self, *statements):
        with sqlite3.connect(self.verifier.state / "assay.db", timeout=30) as connection:
            for statement in statements:
                connection.execute(statement)

    def audit(self, *arguments, codes=(0,)):
        return self.verifier.assay("audit", "verify", *arguments, codes=codes).stdout

    def local(self, *arguments, codes=(0,)):
        return run(BIN / "assay-verifier", *arguments, "--state", self.verifier.state, codes=codes).stdout

    def edited(self, there, back, told):
        self.sql(there)
        self.assertIn(told, self.audit(codes=(CONTRADICTION,)))
        self.sql(back)
        self.assertIn(" 0 contradictions", self.audit())


class EditedDatabase(Audited):
    def test_rows_that_were_edited_are_found(self):
        agent = self.enrolled()
        for _ in range(5):
            self.attest(agent)
        self.assertIn(" 0 contradictions", self.audit("--token", agent.state / "seen.jwt"))
        self.edited("INSERT INTO operators (certificate, name, role, created_at, revoked_at) VALUES ('c', 'eve', 'admin', 1, 0)",
                    "DELETE FROM operators WHERE certificate = 'c'", "operator c: no act says so")
        self.edited("INSERT INTO host_labels (host, name, value, set_by, set_at) VALUES ('host-1', 'site', 'x', 'ada', 1)",
                    "DELETE FROM host_labels WHERE host = 'host-1'", "labels host-1: no act says so")
        self.sql("DELETE FROM occasions WHERE revision = 4")
        self.assertIn("host-1: result 4 is missing: result 5 of ", self.audit(codes=(CONTRADICTION,)))
        self.assertIn("result 4 is missing", self.local("audit", "verify", codes=(CONTRADICTION,)))


class RestoredDatabase(Audited):
    def test_an_older_copy_is_told_by_the_host(self):
        agent = self.enrolled()
        self.attest(agent)
        self.verifier.stop()
        copy = self.folder / "copy"
        shutil.copytree(self.verifier.state, copy)
        self.verifier.start()
        self.verifier.assay("hosts", "label", "host-1", "role=web")
        self.attest(agent)
        self.attest(agent)
        seen = agent.state / "seen.jwt"
        shutil.copy(seen, self.folder / "kept.jwt")
        for declared, finding in ((False, "verifier.rolled_back"), (True, "verifier.restored")):
            self.verifier.stop()
            shutil.rmtree(self.verifier.state)
            shutil.copytree(copy, self.verifier.state)
            if declared:
                self.local("audit", "restored", "--reason", "disk failed")
            self.verifier.start()
            shutil.copy(self.folder / "kept.jwt", seen)
            self.assertIn(finding, self.findings(self.attest(agent)))
            self.assertNotIn(finding, self.findings(self.attest(agent)))  # told once
        self.assertTrue(list(agent.state.glob("seen-*.jwt")))
        self.assertIn("as host-1 was shown", self.audit("--token", self.folder / "kept.jwt", codes=(CONTRADICTION,)))


if __name__ == "__main__":
    need("swtpm", "swtpm_setup")
    unittest.main(verbosity=2)
