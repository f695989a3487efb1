#!/usr/bin/env python3
"""Public headers say what their names do not: each has a docstring, and so has each type under evidence/, vendor-db/ and client/.

A type with a `///` inside is documented by its members; a type of one line, and a template (a helper of others), may do without.
"""
import re
import sys

import lint

STRICT = ("evidence/", "vendor-db/", "client/", "files/")
TYPE = re.compile(r"^(?:struct|class|enum class|enum)\s+(\w+)[^;]*\{")


def undocumented(text):
    lines = text.split("\n")
    for number, line in enumerate(lines):
        match = TYPE.match(line)
        if not match or line.rstrip().endswith("};"):
            continue
        above = number - 1
        if above >= 0 and re.match(r"template <|requires", lines[above]):
            continue
        if above >= 0 and lines[above].lstrip().startswith("///"):
            continue
        end = next((i for i in range(number, len(lines)) if lines[i].startswith("}")), number)
        if any("///" in inner for inner in lines[number:end + 1]):
            continue
        yield number + 1, match.group(1)


def main(root):
    problems = []
    for path in lint.code(root, ".h"):
        text = lint.read(root, path)
        if "///" not in text:
            problems.append(f"{path}: no docstring; say with /// what this header is for, its units, errors and lifetimes")
            continue
        if path.startswith(STRICT):
            for number, name in undocumented(text):
                problems.append(f"{path}:{number}: {name} has no docstring; write what it is, with units and byte order, after ///")
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv)))
