#!/usr/bin/env python3
"""Every file of a table's folder has its line, every line its file, and no line comes twice.

Endpoints of one resource share a file: there each line has one function `Endpoint name()`, and each function its line.
The lines of a table that a table includes share a file too: it lies beside the included table, has its name, and includes it.
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


def rows(root, table, macro):
    """(line, name) of each row of one file."""
    pattern = re.compile(r"\s*(?:[A-Z]+_)?" + macro + r"\(\s*(\w+)")
    matches = ((n, pattern.match(text)) for n, text in enumerate(lint.without_comments(lint.read(root, table)).split("\n"), 1))
    return [(number, match.group(1)) for number, match in matches if match]


def included_tables(root, table):
    """included table -> its file, of the tables that this one includes."""
    return {path: path[:-len(".inc")] + ".cpp" for _, path, _ in lint.includes(lint.read(root, table)) if path.endswith(".inc")}


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
        included = included_tables(root, table)
        for inner, home in included.items():
            if home not in entries or inner not in [path for _, path, _ in lint.includes(lint.read(root, home))]:
                problems.append(f"{table}: {inner} is in no {home} that includes it; write it, or nothing defines its lines")
        entries = [path for path in entries if path not in included.values()]
        defined = functions(root, entries) if kind == "functions" else {
            os.path.basename(p)[:-len(".cpp")]: p for p in entries}
        seen = {}
        for at in (table, *included):
            for number, name in rows(root, at, macro):
                if name in seen:
                    problems.append(f"{at}:{number}: {name} is also in {seen[name]}; remove one")
                seen[name] = f"line {number}" if at == table else f"{at}:{number}"
                if at == table and name not in defined:
                    wanted = f"Endpoint {name}() in {place}/" if kind == "functions" else f"{place}/{name}.cpp"
                    problems.append(f"{at}:{number}: {name} has no {wanted}; write it or remove the line")
        for name, path in sorted(defined.items()):
            if name not in seen:
                problems.append(f"{path}: {name} has no line {macro}({name}...) in {table}; add it, or nothing runs it")
        for path in sorted(set(entries) - set(defined.values())):
            problems.append(f"{path}: defines nothing that could stand in {table}; put it elsewhere")
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv)))
