#!/usr/bin/env python3
"""A namespace says by its name in which folder a thing lies: namespaces.txt has a line a folder, and what a file opens is one of its folder's."""
import os
import re
import sys

import lint

# Not what only names a class of another folder, that a header need not include.
OPENED = re.compile(r"^namespace (assay(?:::\w+)*) \{(?!\n(?:class|struct) \w+;\n\})", re.M)


def table(text):
    """Folder -> the namespaces that its files may open, from lines `folder: namespace, namespace`."""
    rows = (line.split(":", 1) for line in text.split("\n") if line and not line.startswith("#"))
    return {folder.strip(): {name.strip() for name in names.split(",")} for folder, names in rows}


def main(root, allowed):
    problems, met = [], set()
    for path in lint.code(root):
        folder = os.path.dirname(path)
        while folder and folder not in allowed:
            folder = os.path.dirname(folder)
        text = lint.read(root, path)
        for found in OPENED.finditer(text):
            if found.group(1) in allowed.get(folder, ()):
                met.add((folder, found.group(1)))
            else:
                line = text.count("\n", 0, found.start()) + 1
                wanted = " or ".join(sorted(allowed.get(folder, ()))) or "a line of its folder in tests/lint/namespaces.txt"
                problems.append(f"{path}:{line}: expected namespace {wanted}, got {found.group(1)}; see docs/adr/0019")
    for folder, names in sorted(allowed.items()):
        problems += [f"tests/lint/namespaces.txt: no file of {folder} opens {name} any more; take it out"
                     for name in sorted(names) if (folder, name) not in met]
    return problems


if __name__ == "__main__":
    ROOT = lint.root_of(sys.argv)
    lint.end(main(ROOT, table(lint.read(ROOT, "tests/lint/namespaces.txt"))))
