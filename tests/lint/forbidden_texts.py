#!/usr/bin/env python3
"""No absolute path of somebody's machine, no unfinished-work marker, no key, no condition that keeps an index from being used, and no line
end of another system in the tree."""
import re
import sys

import lint

SUFFIXES = (".cpp", ".h", ".inc", ".txt", ".cmake", ".json", ".toml", ".md", ".py", ".sh", ".sql", ".service", ".rules", ".yaml", ".yml")
# Written in pieces, so that this file does not contain what it forbids.
RULES = [
    ("a path of one machine", re.compile(r"(?<![\w.}$~*-])/(?:home|Users|mnt|" + "wo" + r"rk)/\w"), "make it relative or an argument"),
    ("a marker of unfinished work", re.compile(r"\b(?:TO" + "DO|FIX" + "ME|X" + r"XX)\b"), "do it, or say it in docs/limits.md"),
    ("a private key", re.compile("-----BEGIN (?:[A-Z]+ )?PRIVATE" + " KEY-----"), "make it where it is needed"),
    ("a merge conflict", re.compile(r"^(?:<<<<<<<|>>>>>>>) "), "resolve it"),
    ("a sort that clang does not compile", re.compile(r"\bstd::(?:ranges::)?(?:stable" + r"_sort|stable" + r"_partition|inplace" + r"_merge)\("),
     "use evidence/base/stable_sort.h"),
    ("a condition that no index can serve", re.compile(r"\bOR\s*[\"\s]*:" + r"any"), "ask only for what is wanted: verifier/service/store/engine/select.h"),
    ("a carriage return", re.compile("\r"), "use line feeds alone"),
]
# In code alone: what a person is told.
COMPLAINT = ("a text that does not say what came", re.compile(r'"[^"]*\w (?:(?:is|are) )?wan' + r'ted(?:: [^"]*)?"'), "expected X, got Y; remedy")


def main(root):
    problems = []
    scripts = [p for p in lint.files(root, "") if p.startswith((".ci/", "scripts/")) or p == ".gitignore"]
    for path in sorted(set(lint.files(root, *SUFFIXES)) | set(scripts)):
        if "_corpus/" in path or path.startswith("tests/recorded/"):
            continue
        rules = [*RULES, COMPLAINT] if path.startswith(lint.CODE_DIRS) and path.endswith((".cpp", ".h")) else RULES
        with open(f"{root}/{path}", encoding="utf-8", errors="replace", newline="") as file:
            for number, line in enumerate(file.read().split("\n"), 1):
                for what, pattern, remedy in rules:
                    if pattern.search(line):
                        problems.append(f"{path}:{number}: {what}; {remedy}")
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv)))
