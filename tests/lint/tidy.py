#!/usr/bin/env python3
"""clang-tidy 19 has nothing to say: tidy.py ROOT [--all | FILE...], over compile commands of its own, in build/tidy.

Without a file: those that differ from where the branch left main (on main itself: from the commit before), for SECONDS at most; what it
did not come to is named, and the test shows as skipped. --all: every file of the programs, however long that takes."""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import time

import lint

SECONDS = 240
SKIPPED = 77


def git(root, *arguments):
    run = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=False)
    return run.stdout.split("\n")[:-1] if run.returncode == 0 else []


def changed(root):
    """The sources of programs that differ from the base, and those beside a header that does; the smallest first."""
    head = git(root, "rev-parse", "HEAD")
    bases = [git(root, "merge-base", "HEAD", main) for main in ("origin/main", "main")]
    base = next((base for base in bases if base and base != head), None) or git(root, "rev-parse", "--verify", "-q", "HEAD~1") or head
    names = (git(root, "diff", "--name-only", "--relative", *base) if base else []) + git(root, "ls-files", "-o", "--exclude-standard")
    found = {os.path.splitext(name)[0] + ".cpp" for name in names if name.endswith((".cpp", ".h")) and name.startswith(lint.CODE_DIRS)}
    return sorted((path for path in found if os.path.exists(os.path.join(root, path))),
                  key=lambda path: (os.path.getsize(os.path.join(root, path)), path))


def configured(root):
    """A build folder whose compile commands name each file. What configuring said where it failed."""
    run = subprocess.run(["cmake", "--preset", "dev", "-B", "build/tidy", "-DASSAY_UNITY=OFF"], cwd=root, capture_output=True, text=True,
                         check=False)
    return None if run.returncode == 0 else run.stderr.strip()


def judge(root, tool, paths, seconds=None):
    """(problems, paths that the time was too short for). With a time: of these and the headers beside them alone."""
    until = None if seconds is None else time.monotonic() + seconds
    stems = {os.path.splitext(path)[0] for path in paths}

    def complaints(path):
        left = None if until is None else until - time.monotonic()
        if left is not None and left <= 0:
            return None
        try:
            run = subprocess.run([tool, "-p", os.path.join(root, "build", "tidy"), "--quiet", "--extra-arg=-Wno-unknown-warning-option", path],
                                 cwd=root, capture_output=True, text=True, check=False, timeout=left)
        except subprocess.TimeoutExpired:
            return None
        said = [line.removeprefix(root + "/") for line in run.stdout.split("\n") if re.search(r":\d+: (?:error|warning): ", line)]
        if "Compile command not found" in run.stdout + run.stderr:
            return [f"{path}: nothing compiles it; see CMakeLists.txt"]
        if run.returncode != 0 and not said:
            return [f"{path}: clang-tidy failed; {run.stderr.strip()}"]
        return [line for line in said if seconds is None or os.path.splitext(line.split(":")[0])[0] in stems]

    # Half of the processors where other tests run beside it.
    workers = os.cpu_count() or 2 if seconds is None else max(1, (os.cpu_count() or 2) // 2)
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        answers = dict(zip(paths, pool.map(complaints, paths)))
    problems = sorted({line for said in answers.values() for line in said or []})
    return problems, [path for path, said in answers.items() if said is None]


def main(arguments):
    root = os.path.abspath(lint.root_of(arguments[:2]))
    tool = shutil.which("clang-tidy-19")
    if tool is None:
        print("SKIPPED: clang-tidy-19 is not installed")
        return SKIPPED
    if (problem := configured(root)) is not None:
        print("build/tidy: cannot be configured;", problem)
        return 1
    if len(arguments) > 2:
        paths = lint.files(root, ".cpp", under=lint.CODE_DIRS) if arguments[2:] == ["--all"] else arguments[2:]
        problems, left_out = judge(root, tool, paths)
    else:
        problems, left_out = judge(root, tool, changed(root), SECONDS)
    for problem in problems:
        print(problem)
    if left_out:
        print(f"SKIPPED: {len(left_out)} changed files, for which {SECONDS} s are too short; scripts/format --tidy", " ".join(left_out))
    return 1 if problems else SKIPPED if left_out else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
