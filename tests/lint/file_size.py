#!/usr/bin/env python3
"""A C++ file stays below 400 lines, so that a reader holds it in the head."""
import sys

import lint

LIMIT = 400
# path -> why it may be longer. A file that is short again must leave this list.
EXCEPTIONS = {}


def main(root, exceptions):
    problems = []
    seen = set()
    for path in lint.files(root, ".cpp", ".h", ".inc"):
        lines = lint.read(root, path).count("\n")
        if lines >= LIMIT and path not in exceptions:
            problems.append(f"{path}: {lines} lines, {LIMIT - 1} at most; split it by concept")
        if lines >= LIMIT:
            seen.add(path)
    for path in sorted(set(exceptions) - seen):
        problems.append(f"tests/lint/file_size.py: {path} is not over the limit any more; remove it from EXCEPTIONS")
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv), EXCEPTIONS))
