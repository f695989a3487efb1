"""Holds what systemd finds open to a service's unit: `unit_score.py UNIT LIMIT`, for example agent/systemd/assay-agent.service 1.7.

The number is that of `systemd-analyze security --offline=true`, where 10 is open to everything; it says nothing about whether the service
works, which tests/e2e/test_rack_systemd.py does. Exit code 77 = skipped, visibly: systemd-analyze is absent, or too old for it.
"""
import re
import shutil
import subprocess
import sys


def score(unit):
    """The number; None where this systemd-analyze cannot tell it of a file."""
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", unit], capture_output=True, text=True, timeout=60)
    found = re.search(r"Overall exposure level for \S+: (\d+\.\d+)", done.stdout)
    return float(found.group(1)) if found else None


def main(unit, limit):
    if not shutil.which("systemd-analyze"):
        print("SKIPPED: systemd-analyze is not installed")
        return 77
    got = score(unit)
    if got is None:
        if "offline" in subprocess.run(["systemd-analyze", "--help"], capture_output=True, text=True, timeout=60).stdout:
            print(f"{unit}: systemd-analyze gives it no score; is it a service?")
            return 1
        print("SKIPPED: this systemd-analyze has no --offline")
        return 77
    if got > float(limit):
        print(f"{unit}: expected an exposure of at most {limit}, got {got}; see `systemd-analyze security --offline=true {unit}`")
        return 1
    print(f"{unit}: {got}, at most {limit}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("expected: unit_score.py UNIT LIMIT")
    sys.exit(main(*sys.argv[1:]))
