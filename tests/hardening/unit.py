#!/usr/bin/env python3
"""Reads a service's unit by systemd's own measure: unit.py UNIT MOST [SETTING...]. The exposure level is at most MOST ("1.3"; lower is better), the unit has each
SETTING ("LimitCORE=0"), and, as the proof of this test, a unit without one of its protections is measured as worse."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

OPEN = "CapabilityBoundingSet="  # what a service may have of capabilities; without it, all of them


def level(unit):
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", unit], capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    if found is None:
        raise SystemExit(f"{unit}: expected an exposure level from systemd-analyze, got:\n{done.stdout}{done.stderr}")
    return float(found.group(1)), re.findall(r"^✗ (\S+)=", done.stdout, re.MULTILINE)


def main(unit, most, *settings):
    if shutil.which("systemd-analyze") is None:
        print("SKIPPED: systemd-analyze is not installed")
        return 77
    if subprocess.run(["systemd-analyze", "security", "--help"], capture_output=True, text=True).stdout.find("--offline") < 0:
        print("SKIPPED: this systemd-analyze measures no unit offline")
        return 77
    with open(unit, encoding="utf-8") as file:
        text = file.read()
    lines = text.split("\n")
    problems = [f"{unit}: expected the line {setting}, found none; add it" for setting in settings if setting not in lines]
    found, lacking = level(unit)
    if found > float(most):
        problems.append(f"{unit}: expected an exposure level of {most} or less, got {found}; it lacks {', '.join(lacking)}")
    with tempfile.TemporaryDirectory() as folder:
        worse = os.path.join(folder, os.path.basename(unit))
        with open(worse, "w", encoding="utf-8") as file:
            file.write("\n".join(line for line in lines if not line.startswith(OPEN)))
        if level(worse)[0] <= found:
            problems.append(f"{unit}: expected a worse level without {OPEN}, got {level(worse)[0]}; this test measures nothing")
    print("\n".join(problems) or f"{os.path.basename(unit)}: {found}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
