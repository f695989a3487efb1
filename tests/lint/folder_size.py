#!/usr/bin/env python3
"""A folder is a room of about a dozen files, so that a person finds one by where it lies: never more than 30 of C++."""
import collections
import os
import sys

import lint

LIMIT = 30


def main(root):
    held = collections.Counter(os.path.dirname(path) for path in lint.code(root) + lint.files(
        root, ".cpp", ".h", ".inc", under=("tests",)))
    return [f"{folder}: {count} files of .cpp, .h and .inc, {LIMIT} at most; divide it by subject"
            for folder, count in sorted(held.items()) if count > LIMIT]


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv)))
