#!/usr/bin/env python3
"""What the fuzz targets are built of compiles with clang 19 and the project's warnings: so the preset fuzz can be built at any time.
The files of a folder are read together, ten at a time, as the build reads them (ADR 17); fuzz targets, which have one name each for the
same function, alone. Exit 77 (skipped) where clang is not installed."""
import concurrent.futures
import itertools
import os
import re
import shutil
import subprocess
import sys

import lint

FOLDERS = ("evidence", "vendor-db", "verifier/judge", "agent/usb", "client", "verifier/service/inputs", "tests/fuzz")
FLAGS = ("-std=c++23", "-fsyntax-only", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-ferror-limit=20", "-fno-caret-diagnostics")
TOGETHER = 10


def foreign_headers():
    """Where pkg-config says that headers are which are not in /usr/include itself."""
    run = subprocess.run(["pkg-config", "--cflags", "xmlsec1-openssl", "libxml-2.0", "p11-kit-1"], capture_output=True, text=True, check=False)
    return [flag.replace("-I", "-isystem", 1) for flag in run.stdout.split()]


def is_whole(path):
    """Not one that includes what the build makes (assay_embed): without a build that is not there."""
    with open(path, encoding="utf-8") as file:
        return re.search(r'^#include "\w+\.inc"', file.read(), re.MULTILINE) is None


def groups(paths):
    """Those that are read together."""
    for folder, found in itertools.groupby(sorted(paths, key=os.path.dirname), os.path.dirname):
        found = list(found)
        step = 1 if folder.startswith("tests/") else TOGETHER
        yield from (found[at:at + step] for at in range(0, len(found), step))


def main(root, tool):
    headers = foreign_headers()

    def complaints(paths):
        source = "".join(f'#include "{path}"\n' for path in paths)
        run = subprocess.run([tool, *FLAGS, *headers, f"-I{root}", "-x", "c++", "-"], cwd=root, input=source, capture_output=True, text=True,
                             check=False)
        if run.returncode == 0:
            return []
        lines = run.stderr.strip().split("\n")
        errors = [line.removeprefix("./") for line in lines if " error: " in line]
        return [f"clang refuses {error}" for error in errors or [f"{paths[0]}: {lines[0]}"]]

    # Half of the processors: other tests run beside.
    with concurrent.futures.ThreadPoolExecutor(max(1, (os.cpu_count() or 2) // 2)) as pool:
        return sorted({line for said in pool.map(complaints, groups(path for path in lint.files(root, ".cpp", under=FOLDERS)
                                                                                 if is_whole(os.path.join(root, path)))) for line in said})


if __name__ == "__main__":
    ROOT = lint.root_of(sys.argv)
    TOOL = shutil.which("clang++-19")
    if TOOL is None:
        print("SKIPPED: clang++-19 is not installed")
        sys.exit(77)
    lint.end(main(os.path.abspath(ROOT), TOOL))
