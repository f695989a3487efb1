"""What the lints share: the files of a tree, C++ without its comments, and how a lint ends.

A lint is a program `<name>.py ROOT`: it prints one "file:line: what; remedy" a violation and exits with 1, or exits with 0.
"""
import os
import re
import sys

SKIPPED_DIRS = {".git", ".cache", "build", "__pycache__", "node_modules"}
CODE_DIRS = ("evidence", "files", "client", "cli", "agent", "verifier", "vendor-db")


def files(root, *suffixes, under=("",)):
    """Paths relative to root, sorted, of the files whose name ends in one of the suffixes."""
    found = []
    for start in under:
        for folder, dirs, names in os.walk(os.path.join(root, start)):
            dirs[:] = sorted(d for d in dirs if d not in SKIPPED_DIRS and not d.startswith("build-"))
            for name in names:
                if name.endswith(suffixes):
                    found.append(os.path.relpath(os.path.join(folder, name), root))
    return sorted(found)


def code(root, *suffixes):
    return files(root, *(suffixes or (".cpp", ".h", ".inc")), under=CODE_DIRS)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read()


_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^()\\ ]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S)


def without_comments(text, keep_strings=False):
    """The same number of lines, comments (and what strings say) blanked."""
    def blank(match):
        token = match.group(0)
        if keep_strings and not token.startswith("/"):
            return token
        return re.sub(r"[^\n]", " ", token)
    return _TOKEN.sub(blank, text)


def includes(text):
    """(line, path, is_quoted) of each #include."""
    out = []
    for number, line in enumerate(without_comments(text, keep_strings=True).split("\n"), 1):
        match = re.match(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', line)
        if match:
            out.append((number, match.group(1) or match.group(2), match.group(1) is not None))
    return out


def end(problems):
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


def root_of(argv):
    if len(argv) != 2 or not os.path.isdir(argv[1]):
        sys.exit(f"usage: {os.path.basename(argv[0])} ROOT")
    return argv[1]
