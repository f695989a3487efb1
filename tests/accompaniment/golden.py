#!/usr/bin/env python3
"""Judges one case and compares: first with what the design says (essential.json), then with expected.json, exactly.

Usage: golden.py ASSAY CASE. With ASSAY_REBASELINE=1 it writes expected.json, but only if the design's word holds.
"""
import difflib
import json
import os
import pathlib
import subprocess
import sys


def judged(assay, case):
    base = case.parent / "base"
    done = subprocess.run([assay, "accompaniment", "judge", case, "--base", base, "--json"], capture_output=True, text=True)
    try:
        return json.loads(done.stdout)
    except ValueError:
        sys.exit(f"{case.name}: no answer: {done.stderr}{done.stdout}")


def differences(essential, verdicts):
    out = []
    by_event = {verdict["event"]: verdict for verdict in verdicts}
    if len(by_event) != len(essential["verdicts"]):
        out.append(f"verdicts for {sorted(by_event)}")
    for wanted in essential["verdicts"]:
        verdict = by_event.get(wanted["event"])
        if verdict is None:
            out.append(f"{wanted['event']}: no verdict")
            continue
        is_now = {**verdict, "notes": sorted(note["id"] for note in verdict["notes"])}
        for key, value in wanted.items():
            if is_now[key] != value:
                out.append(f"{wanted['event']}: {key} is {is_now[key]!r}, the design says {value!r}: {verdict['text']}")
        true = all(one["value"] == "true" for one in verdict["conditions"].values())
        if verdict["outcome"] == "ACCOMPANIED" and not true:
            out.append(f"{wanted['event']}: ACCOMPANIED without all of A1 to A6")
    return out


def main():
    assay, case = sys.argv[1], pathlib.Path(sys.argv[2])
    essential = json.loads((case / "essential.json").read_text())
    verdicts = judged(assay, case)
    problems = differences(essential, verdicts)
    if problems:
        print(f"{case.name}: {essential['why']}")
        for problem in problems:
            print(f"  {problem}")
        sys.exit(1)
    text = json.dumps(verdicts, indent=1, ensure_ascii=False) + "\n"
    expected = case / "expected.json"
    if os.environ.get("ASSAY_REBASELINE") == "1":
        expected.write_text(text)
        return
    before = expected.read_text() if expected.exists() else ""
    if before != text:
        sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), text.splitlines(True), "expected.json", "now"))
        sys.exit(f"\n{case.name}: another answer. If it is right: ASSAY_REBASELINE=1 ctest -R 'golden.accompaniment.{case.name}$'")


if __name__ == "__main__":
    main()
