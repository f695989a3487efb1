#!/usr/bin/env python3
"""What the fuzz targets are built of compiles with clang 19 and the project's warnings: so the preset fuzz can be built at any time.
Exit 77 (skipped) where clang is not installed."""
import concurrent.futures
import os
import shutil
import subprocess
import sys

import lint

FOLDERS = ("evidence", "vendor-db", "verifier/judge", "agent/usb", "client", "verifier/service/inputs", "tests/fuzz")
FLAGS = ("-std=c++23", "-fsyntax-only", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-ferror-limit=1", "-fno-caret-diagnostics")


def foreign_headers():
    """Where pkg-config says that headers are which are not in /usr/include itself."""
    run = subprocess.run(["pkg-config", "--cflags", "xmlsec1-openssl", "libxml-2.0", "p11-kit-1"], capture_output=True, text=True, check=False)
    return [flag.replace("-I", "-isystem", 1) for flag in run.stdout.split()]


def main(root, tool):
    headers = foreign_headers()

    def complaint(path):
        run = subprocess.run([tool, *FLAGS, *headers, f"-I{root}", path], cwd=root, capture_output=True, text=True, check=False)
        if run.returncode == 0:
            return None
        lines = run.stderr.strip().split("\n")
        return f"{path}: clang refuses it; {next((line for line in lines if ' error: ' in line), lines[0])}"

    # Half of the processors: other tests run beside.
    with concurrent.futures.ThreadPoolExecutor(max(1, (os.cpu_count() or 2) // 2)) as pool:
        return [bad for bad in pool.map(complaint, lint.files(root, ".cpp", under=FOLDERS)) if bad]


if __name__ == "__main__":
    ROOT = lint.root_of(sys.argv)
    TOOL = shutil.which("clang++-19")
    if TOOL is None:
        print("SKIPPED: clang++-19 is not installed")
        sys.exit(77)
    lint.end(main(os.path.abspath(ROOT), TOOL))
