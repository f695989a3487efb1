#!/usr/bin/env python3
"""Every file of a table's folder has its line, every line its file, and no line comes twice.

Endpoints of one resource share a file: there each line has one function `Endpoint name()`, and each function its line.
"""
import os
import re
import sys

import lint

# table, macro (a prefix such as APPRAISAL_ may stand before it), folder of its files (or FOLDER/*: the rooms in it), files there that are not entries
TABLES = [
    ("agent/collectors/collectors.inc", "COLLECTOR", "agent/collectors", "helpers"),
    ("verifier/judge/appraisal/checks/checks.inc", "CHECK", "verifier/judge/appraisal/checks/*", None),
    ("verifier/service/api/endpoints.inc", "ENDPOINT", "verifier/service/api/endpoints", "functions"),
    ("cli/commands/commands.inc", "COMMAND", "cli/commands", None),
    ("cli/inspect/inspect.inc", "INSPECT", "cli/inspect", "helpers"),
    ("cli/vendors/vendors.inc", "VENDORS", "cli/vendors", "helpers"),
]


def is_helper(root, path, kind):
    """Beside collectors and inspectors there may be their helpers, each with a header, and the table's own home."""
    stem = path[:-len(".cpp")]
    return kind == "helpers" and (os.path.exists(os.path.join(root, stem + ".h")) or stem.endswith("/collectors"))


def functions(root, paths):
    """name -> file of each `Endpoint name()` that is defined."""
    out = {}
    for path in paths:
        for name in re.findall(r"^Endpoint (\w+)\(\)\s*\{", lint.without_comments(lint.read(root, path)), re.M):
            out[name] = path
    return out


def main(root):
    problems = []
    for table, macro, place, kind in TABLES:
        folder = place.removesuffix("/*")
        if not os.path.isdir(os.path.join(root, folder)):
            continue
        depth = place.count("/") + 1
        entries = [p for p in lint.files(root, ".cpp", under=(folder,)) if p.count("/") == depth and not is_helper(root, p, kind)]
        if not os.path.exists(os.path.join(root, table)):
            if entries:
                problems.append(f"{table}: does not exist, and {entries[0]} needs its line there; write it")
            continue
        defined = functions(root, entries) if kind == "functions" else {
            os.path.basename(p)[:-len(".cpp")]: p for p in entries}
        seen = {}
        for number, line in enumerate(lint.without_comments(lint.read(root, table)).split("\n"), 1):
            match = re.match(r"\s*(?:[A-Z]+_)?" + macro + r"\(\s*(\w+)", line)
            if not match:
                continue
            name = match.group(1)
            if name in seen:
                problems.append(f"{table}:{number}: {name} is also in line {seen[name]}; remove one")
            seen[name] = number
            if name not in defined:
                wanted = f"Endpoint {name}() in {place}/" if kind == "functions" else f"{place}/{name}.cpp"
                problems.append(f"{table}:{number}: {name} has no {wanted}; write it or remove the line")
        for name, path in sorted(defined.items()):
            if name not in seen:
                problems.append(f"{path}: {name} has no line {macro}({name}...) in {table}; add it, or nothing runs it")
        for path in sorted(set(entries) - set(defined.values())):
            problems.append(f"{path}: defines nothing that could stand in {table}; put it elsewhere")
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv)))
