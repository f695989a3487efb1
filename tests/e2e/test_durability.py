"""`kill -9` of the verifier at any point loses nothing that it acknowledged: rounds of submit, kill, restart."""
import json
import os
import random
import subprocess
import threading
import time
import unittest

from harness import BIN, VERDICTS, Agent, Site, need

ROUNDS = int(os.environ.get("ASSAY_KILL_ROUNDS", "200"))


class WhatWasAcknowledged(Site):
    def test_is_stored_after_kill_9(self):
        agent = Agent(self.folder, self.verifier, self.tpm.tcti)
        agent.enrol("host-1")
        begun = time.monotonic()
        acknowledged = [json.loads(agent("attest", "--json", codes=VERDICTS).stdout)["result_id"]]
        usual = time.monotonic() - begun
        rng = random.Random(20261122)  # the same moments in every run, as far as the machine allows
        answered = 0
        for _ in range(ROUNDS):
            attest = subprocess.Popen([BIN / "assay-agent", *map(str, agent.options), "attest", "--json"],
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            killer = threading.Timer(rng.uniform(0.2, 1.2) * usual, self.verifier.kill)
            killer.start()
            output, _ = attest.communicate(timeout=120)
            killer.join()
            if attest.returncode in VERDICTS:
                acknowledged.append(json.loads(output)["result_id"])
                answered += 1
            self.verifier.start()
        stored = {result for result in acknowledged if self.stored(result)}
        print(f"{ROUNDS} kills, {answered} submissions answered before the kill, {len(acknowledged) - len(stored)} of them lost")
        self.assertEqual(set(acknowledged) - stored, set())
        # A test in which no kill ever met a submission, or every one did, would prove nothing.
        self.assertGreater(answered, 0)
        self.assertLess(answered, ROUNDS)

    def stored(self, result):
        operator = self.verifier.state / "operator"
        answer = subprocess.run(["curl", "-s", "--cacert", self.verifier.ca, "--cert", operator / "operator.pem", "--key",
                                 operator / "operator.key", f"{self.verifier.url}/v1/results/{result}"],
                                capture_output=True, text=True, timeout=60)
        return answer.returncode == 0 and json.loads(answer.stdout).get("result_id") == result


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "curl")
    unittest.main(verbosity=2)
