#!/usr/bin/env python3
"""Every C++ file is as clang-format-19 leaves it. Exit 77 (skipped) where it is not installed."""
import os
import shutil
import subprocess
import sys

import lint


def main(root, tool):
    paths = lint.files(root, ".cpp", ".h")
    if not paths:
        return []
    run = subprocess.run([tool, "--dry-run", "--Werror", "--ferror-limit=1", *paths], cwd=root, capture_output=True, text=True,
                         check=False)
    if run.returncode == 0:
        return []
    bad = sorted({line.split(":")[0] for line in run.stderr.split("\n") if ": error:" in line})
    return [f"{path}: not formatted; run scripts/format" for path in bad] or [run.stderr.strip()]


if __name__ == "__main__":
    ROOT = lint.root_of(sys.argv)
    TOOL = shutil.which("clang-format-19")
    if TOOL is None:
        print("SKIPPED: clang-format-19 is not installed")
        sys.exit(77)
    lint.end(main(os.path.abspath(ROOT), TOOL))
