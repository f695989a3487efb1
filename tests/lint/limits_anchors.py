#!/usr/bin/env python3
"""Each number of docs/limits.md is the code's: the last cell of a row names a constant for each number of it, and the values agree.

The last cell is "-" where a row has no number, else one or more of these, with "; " between them:
    16 MiB: `kSection` in `evidence/base/limits.h`      a constant, or a member with a value
    124: files of `vendor-db/vendors/*.toml`            so many files
"""
import ast
import glob
import operator
import os
import re
import sys

import lint
import page_tables

PAGE = "docs/limits.md"
ANCHOR = re.compile(r"(?P<value>[^:]+): (?:`(?P<name>\w+)` in `(?P<path>[^`]+)`|files of `(?P<files>[^`]+)`)")

SIZES = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
TIMES = {"ms": 1, "s": 1000, "min": 60_000, "minutes": 60_000, "h": 3_600_000, "hours": 3_600_000, "days": 86_400_000}
CHRONO = {"milliseconds": 1, "seconds": 1000, "minutes": 60_000, "hours": 3_600_000, "days": 86_400_000}

# Digits that are part of a name, not a limit.
NAMES = re.compile(r"\bSHA-\d+|\bPCRs? \d+|\bIPv\d|\b\d+ bits\b|\bP-\d+|\bH-\d\b|\bSM2\b|\bADR \d+|\b1260H\b|\b(?:of|before) (?:19|20)\d\d\b|\bbeyond 64 bytes\b"
                   r"|\bDebian \d+|\bX\.509\b|/64\b|\bthe gap says 0\b")
NUMBER = re.compile(r"(?<![\w.,-])(?:0x[0-9a-f]+|\d{1,3}(?:,\d{3})+|\d+)(?: (?:KiB|MiB|GiB|ms|s|min|minutes|h|hours|days)\b)?")

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv,
             ast.LShift: operator.lshift, ast.BitOr: operator.or_}


def number_of(text):
    """A number as the page writes it: (value, "" or "time" in ms)."""
    match = re.fullmatch(r"(0x[0-9a-f]+|\d[\d,]*)(?: (\w+))?", text)
    if not match:
        return None
    value, unit = int(match.group(1).replace(",", ""), 0), match.group(2)
    if unit is None:
        return value, ""
    if unit in SIZES:
        return value * SIZES[unit], ""
    return (value * TIMES[unit], "time") if unit in TIMES else None


def computed(node):
    if isinstance(node, ast.Expression):
        return computed(node.body)
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](computed(node.left), computed(node.right))
    raise ValueError


def expression(text):
    """The value of integers with + - * / << |, digit separators and suffixes; None for anything else."""
    text = re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "", text)
    text = re.sub(r"\b(0x[0-9a-fA-F]+|\d+)(?:[uU]?[lL]{0,2}|[lL]{1,2}[uU]?)\b", r"\1", text)
    try:
        return computed(ast.parse(" ".join(text.replace("/", "//").split()), mode="eval"))
    except (ValueError, SyntaxError):
        return None


def initializer(text, start):
    """What follows `name`: after '=' up to the ';' or ',' that ends it, or within '{}'."""
    depth, begin = 0, start
    for at in range(start, len(text)):
        if text[at] in "({":
            depth += 1
        elif text[at] in ")}" and depth == 0 or text[at] in ";," and depth == 0:
            return text[begin:at]
        elif text[at] in ")}":
            depth -= 1
    return text[begin:]


def constant(code, name):
    """(value, "" or "time" in ms) of the constant or member `name`; a text where it has none that can be read."""
    code = lint.without_comments(code)
    found = [match for match in re.finditer(r"(?P<type>[\w:]+)[ \n]+" + re.escape(name) + r"\s*(?=[={])(?!==)", code)
             if match.group("type") != "return"]
    if not found:
        return "is not defined there"
    if len(found) > 1:
        return "is defined there more than once; give one of them another name"
    kind, text = found[0].group("type"), initializer(code, found[0].end()).strip().removeprefix("=").strip()
    chrono = re.fullmatch(r"std::chrono::(\w+)", kind)
    made = re.fullmatch(r"std::chrono::(\w+)\s*[({](.*)[)}]", text, re.S)
    unit = chrono.group(1) if chrono else None
    if made:
        unit, text = made.groups()
    value = expression(text.strip().removeprefix("{").removesuffix("}"))
    if value is None:
        return f"has the value '{' '.join(text.split())}', which this lint cannot compute; write integers, *, << or a duration"
    if unit in CHRONO:
        return value * CHRONO[unit], "time"
    if name.endswith("_s"):
        return value * 1000, "time"
    return (value, "time") if name.endswith("_ms") else (value, "")


def shown(value):
    number, kind = value
    return f"{number} ms" if kind else str(number)


def check_anchor(root, anchor):
    """What is wrong with one anchor; None where nothing is."""
    match = ANCHOR.fullmatch(anchor)
    if not match:
        return f"'{anchor}' is no anchor; write VALUE: `kName` in `path`, or VALUE: files of `path/*.x`"
    said = number_of(match.group("value"))
    if said is None:
        return f"'{match.group('value')}' is no number that this lint reads"
    if match.group("files"):
        got = (len(glob.glob(os.path.join(root, match.group("files")))), "")
        where = match.group("files")
    else:
        where = f"{match.group('name')} in {match.group('path')}"
        if not os.path.isfile(os.path.join(root, match.group("path"))):
            return f"{match.group('path')} does not exist; correct the path"
        got = constant(lint.read(root, match.group("path")), match.group("name"))
        if isinstance(got, str):
            return f"{where} {got}"
    return None if got == said else f"{where}: expected {match.group('value')} as the page says, got {shown(got)}; correct one of them"


def plain(cell):
    """A cell's text without code, targets of links, and names that have digits."""
    return NAMES.sub(" ", re.sub(r"`[^`]*`", " ", re.sub(r"\]\([^)]*\)", "]", cell)))


def check_row(root, row):
    """What is wrong with one row of a table."""
    *texts, last = row
    numbers = [match.group(0) for text in texts[1:] for match in NUMBER.finditer(plain(text))]
    anchors = [] if last == "-" else last.split("; ")
    problems = [problem for problem in (check_anchor(root, anchor) for anchor in anchors) if problem]
    values = [anchor.partition(":")[0] for anchor in anchors]
    problems += [f"'{number}' has no anchor; name the constant in the last cell" for number in numbers if number not in values]
    problems += [f"the anchor '{value}' stands for no number of the row; remove it" for value in values if value not in numbers]
    return problems


def main(root):
    if not os.path.isfile(os.path.join(root, PAGE)):
        return [f"{PAGE}: does not exist; this lint is for it"]
    problems = []
    for run in page_tables.blocks(lint.read(root, PAGE)):
        if page_tables.cells(run[0][1])[-1] != "in the code":
            problems.append(f"{PAGE}:{run[0][0]}: expected 'in the code' as the last column, got '{page_tables.cells(run[0][1])[-1]}'")
            continue
        for number, line in run[2:]:
            problems += [f"{PAGE}:{number}: {problem}" for problem in check_row(root, page_tables.cells(line))]
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv)))
