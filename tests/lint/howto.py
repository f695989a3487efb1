#!/usr/bin/env python3
"""Every block of commands of docs/howto and README.md is run by a journey (tests/e2e/test_journey_*.py), or says why it is not.

A journey runs a page or a heading of it: follow("docs/howto/x.md#a-heading"). What none runs has a comment before it that readers of the
page do not see: <!-- not run: needs a BMC -->
"""
import ast
import os
import re
import sys

import lint

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import journey_pages  # noqa: E402

CONTENT = {"toml", "ini", "json", "csv", "text", "yaml"}
TYPED = re.compile(r"^\s*(\$ |(sudo|assay|assay-agent|assay-verifier|curl|openssl|systemctl) )")


def texts(node, names):
    """The strings that an expression of literals and known names can be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [texts(part.value if isinstance(part, ast.FormattedValue) else part, names) for part in node.values]
        return "".join(parts) if all(part is not None for part in parts) else None
    return names.get(node.id) if isinstance(node, ast.Name) else None


def followed(source):
    """What a program follows: (line, "page" or "page#anchor")."""
    def calls(node, names):
        names = dict(names)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Assign) and isinstance(child.targets[0], ast.Name):
                names[child.targets[0].id] = texts(child.value, names)
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute) and child.func.attr == "follow":
                yield child.lineno, texts(child.args[0], names)
            yield from calls(child, names)
    return list(calls(ast.parse(source), {}))


def main(root):
    problems, runs = [], set()
    for path in lint.files(root, ".py", under=("tests/e2e",)):
        if not re.match(r"(test_)?journey", os.path.basename(path)):
            continue
        for line, name in followed(lint.read(root, path)):
            page, _, anchor = (name or "").partition("#")
            there = [block for block in journey_pages.blocks(page, lint.read(root, page)) if not anchor or anchor in block.anchors] \
                if os.path.exists(os.path.join(root, page or "?")) else []
            if not os.path.exists(os.path.join(root, page or "?")):
                problems.append(f"{path}:{line}: follows {name}, which is no page; name one")
            elif anchor and not there:
                problems.append(f"{path}:{line}: follows {name}, which has no such heading with commands; name one")
            elif all(block.not_run or block.language not in journey_pages.RUN for block in there):
                problems.append(f"{path}:{line}: follows {name}, of which no block is run: it shows nothing; follow another, or have one run")
            runs.add((page, anchor))
    for page in [path for path in ["README.md"] if os.path.exists(os.path.join(root, path))] + lint.files(root, ".md", under=("docs/howto",)):
        problems += of_page(page, lint.read(root, page), runs)
    return problems


def of_page(page, text, runs):
    problems, inside = [], set()
    for block in journey_pages.blocks(page, text):
        inside.update(range(block.line, block.line + block.text.count("\n") + 1))
        if block.language in CONTENT:
            if any(TYPED.match(line) for line in block.text.split("\n")):
                problems.append(f"{page}:{block.line}: commands in a block of {block.language}; make it one of sh")
        elif block.language not in journey_pages.RUN:
            problems.append(f"{page}:{block.line}: a block of '{block.language}'; expected sh, console, {', '.join(sorted(CONTENT))}")
        elif not block.not_run and not any((page, anchor) in runs for anchor in ("", *block.anchors)):
            problems.append(f"{page}:{block.line}: no journey runs this block; follow it in one of tests/e2e/test_journey_*.py, or write "
                            "<!-- not run: why --> before it")
    for number, line in enumerate(text.split("\n"), 1):
        if number not in inside and line.startswith("    ") and TYPED.match(line):
            problems.append(f"{page}:{number}: a command without a fence; put it into a block of sh")
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv)))
