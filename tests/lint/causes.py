#!/usr/bin/env python3
"""Every cause that a message can have is reached by a test, and used by the product.

A line of evidence/base/causes.inc counts as reached where a test beside the table's own names it: `Cause::name`.
"""
import re
import sys

import lint

TABLE = "evidence/base/causes.inc"
OWN = "tests/unit/evidence/base/cause_test.cpp"
# What the operating system's numbers come to: their table is in cause.cpp, and its test is the table's own.
BY_NUMBER = "evidence/base/cause.cpp"
NAMED = re.compile(r"\bCause::(\w+)")


def main(root):
    names = re.findall(r"^CAUSE\((\w+),", lint.read(root, TABLE), re.M)
    product, tests = set(), set()
    for path in lint.code(root, ".cpp", ".h"):
        product.update(NAMED.findall(lint.without_comments(lint.read(root, path))))
    by_number = set(NAMED.findall(lint.without_comments(lint.read(root, BY_NUMBER))))
    for path in lint.files(root, ".cpp", under=("tests",)):
        found = set(NAMED.findall(lint.without_comments(lint.read(root, path))))
        tests.update(found & by_number if path == OWN else found)
    problems = [f"{TABLE}: {name} is reached by no test; write one that has it happen" for name in names if name not in tests]
    problems += [f"{TABLE}: {name} is said by nothing; remove the line" for name in names if name not in product]
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv)))
