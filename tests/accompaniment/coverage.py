#!/usr/bin/env python3
"""Counts what the cases reach, by their expected.json: fails if a row, an outcome, a reason, an edge case or a modifier lacks its cases."""
import collections
import json
import pathlib
import re
import sys

CASES = pathlib.Path(__file__).parent / "cases"
OUTCOMES = pathlib.Path(__file__).parents[2] / "verifier/judge/accompaniment/verdict/outcomes.inc"
EDGES = [1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 22, 23, 24, 25, 26, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38]
REASONS = ["NO_ORDER", "ESCORT_ABSENT", "UNKNOWN_TIME", "UNPROVEN", "ISSUER", "SOD", "NOT_APPROVED", "RETROACTIVE", "SELF_APPROVED",
           "CLOSED", "EDITED", "EMPLOYER", "RIGHT", "ROLE", "TECHNICIAN", "RATIO", "CLOCK", "BMC", "LATE",
           "UNLISTED", "SINGLE"]
NOTES = ["LATE_ATTEST", "ORDER_EDITED", "EXCEPTION", "CREDENTIAL_CLONE", "MANUAL_REVIEW", "LATE_DELIVERY", "CLOCK_STEP", "EVIDENCE_GAP",
         "ATTEMPT", "FLAP", "UNACCOMPANIED_INTERVAL", "ORDER_LATE", "ROW_LATE", "LATE_DIRECTORY", "SOLE_WORD"]
MODIFIERS = ["mounted", "written", "hid", "network", "dma", "blocked", "blocked-and-dma", "blocked-info", "once"]


def verdicts():
    for path in sorted(CASES.glob("*/expected.json")):
        for verdict in json.loads(path.read_text()):
            yield path.parent.name, verdict


def main():
    rows, outcomes, reasons, notes = (collections.defaultdict(set) for _ in range(4))
    edges = collections.defaultdict(lambda: collections.defaultdict(set))
    names = set()
    for name, verdict in verdicts():
        names.add(name)
        rows[verdict["row"]].add(name)
        outcomes[verdict["outcome"]].add(name)
        reasons[verdict["reason"]].add(name)
        for note in verdict["notes"]:
            notes[note["id"]].add(name)
        if found := re.match(r"edge-(\d+)-", name):
            said = (verdict["outcome"], verdict["reason"], verdict["severity"], verdict["group"],
                    tuple(sorted(note["id"] + note["severity"] for note in verdict["notes"])))
            edges[int(found[1])][name].add(said)
    problems = [f"row {row}: {len(rows[row])} cases, 3 are wanted" for row in range(17) if len(rows[row]) < 3]
    for name in re.findall(r'^OUTCOME\(\w+, "(\w+)"', OUTCOMES.read_text(), re.M):
        if not outcomes[name]:
            problems.append(f"no case has the outcome {name}")
    problems += [f"no case has the reason {reason}" for reason in REASONS if not reasons[reason]]
    problems += [f"no case has the note {note}" for note in NOTES if not notes[note]]
    problems += [f"no case modifier-{name}" for name in MODIFIERS if f"modifier-{name}" not in names]
    for edge in EDGES:
        if len(set(map(frozenset, edges[edge].values()))) < 2:
            problems.append(f"edge case {edge}: {len(edges[edge])} cases, and none of them flips another")
    for problem in problems:
        print("tests/accompaniment: " + problem)
    if not problems:
        print(f"{len(names)} cases: " + ", ".join(f"row {row}: {len(rows[row])}" for row in range(17)))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
