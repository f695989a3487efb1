#!/usr/bin/env python3
"""Every file of a table's folder has its line, every line its file, and no line comes twice."""
import os
import re
import sys

import lint

# table, macro, folder of its files, prefix of their names, files there that are not entries
TABLES = [
    ("agent/collectors/collectors.inc", "COLLECTOR", "agent/collectors", "", "helpers"),
    ("verifier/appraisal/checks.inc", "CHECK", "verifier/appraisal/checks", "", None),
    ("verifier/api/endpoints.inc", "ENDPOINT", "verifier/api/endpoints", "", None),
    ("verifier/cli/commands.inc", "COMMAND", "verifier/cli", "command_", None),
]


def is_helper(root, path, kind):
    """Beside collectors there may be their helpers, each with a header, and the table's own home."""
    stem = path[:-len(".cpp")]
    return kind == "helpers" and (os.path.exists(os.path.join(root, stem + ".h")) or stem.endswith("/collectors"))


def main(root):
    problems = []
    for table, macro, folder, prefix, kind in TABLES:
        if not os.path.isdir(os.path.join(root, folder)):
            continue
        paths = [p for p in lint.files(root, ".cpp", under=(folder,)) if os.path.dirname(p) == folder]
        entries = [p for p in paths if os.path.basename(p).startswith(prefix) and not is_helper(root, p, kind)]
        if not os.path.exists(os.path.join(root, table)):
            if entries:
                problems.append(f"{table}: does not exist, and {entries[0]} needs its line there; write it")
            continue
        seen = {}
        for number, line in enumerate(lint.without_comments(lint.read(root, table)).split("\n"), 1):
            match = re.match(r"\s*" + macro + r"\(\s*(\w+)", line)
            if not match:
                continue
            name = match.group(1)
            if name in seen:
                problems.append(f"{table}:{number}: {name} is also in line {seen[name]}; remove one")
            seen[name] = number
            if f"{folder}/{prefix}{name}.cpp" not in paths:
                problems.append(f"{table}:{number}: {name} has no file {folder}/{prefix}{name}.cpp; write it or remove the line")
        for path in entries:
            name = os.path.basename(path)[len(prefix):-len(".cpp")]
            if name not in seen:
                problems.append(f"{path}: has no line {macro}({name}...) in {table}; add it, or nothing runs this file")
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv)))
