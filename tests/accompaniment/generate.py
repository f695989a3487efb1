#!/usr/bin/env python3
"""Writes the cases of accompaniment: cases/base/ and cases/NAME/ with the files that differ from it, and essential.json.

essential.json is what the design's text says of the case, derived by hand in cases_*.py. A
rebaseline writes expected.json and never this. Usage: generate.py [--check] (--check: fails if a file differs).
"""
import copy
import json
import pathlib
import sys

import cases_edges
import cases_hands
import cases_late
import cases_ratio
import cases_rows
import world

HERE = pathlib.Path(__file__).parent
KEYS = ("row", "outcome", "reason", "severity", "notes")


def text(value):
    return json.dumps(value, indent=1) + "\n"


def files():
    """path below cases/ -> text"""
    base = world.base()
    out = {f"base/{name}.json": text(value) for name, value in base.items()}
    all_cases = [case for each in (cases_rows, cases_edges, cases_late, cases_hands, cases_ratio) for case in each.CASES]
    for name, why, expect, change in all_cases:
        w = copy.deepcopy(base)
        change(w)
        for part, value in w.items():
            if value != base[part]:
                out[f"{name}/{part}.json"] = text(value)
        essential = []
        for ident, said in expect.items():
            one = {"event": ident, **dict(zip(KEYS, said))}
            one.update(*said[len(KEYS):])
            one["notes"] = sorted(one["notes"])
            essential.append(one)
        path = f"{name}/essential.json"
        if path in out:
            sys.exit(f"generate.py: two cases are named {name}")
        out[path] = text({"why": why, "verdicts": essential})
    return out


def main():
    wanted = files()
    folder = HERE / "cases"
    there = {str(path.relative_to(folder)) for path in folder.rglob("*.json") if path.name != "expected.json"}
    if "--check" in sys.argv[1:]:
        wrong = sorted(there ^ set(wanted)) + [path for path in sorted(there & set(wanted))
                                               if (folder / path).read_text() != wanted[path]]
        for path in wrong:
            print(f"tests/accompaniment/cases/{path}: is not what tests/accompaniment/generate.py writes; run it")
        sys.exit(1 if wrong else 0)
    for path in there - set(wanted):
        (folder / path).unlink()
    for path, value in wanted.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(value)


if __name__ == "__main__":
    main()
