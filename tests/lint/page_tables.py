"""Tables of Markdown pages, as GitHub reads them: what tables_render and limits_anchors share."""
import re


def fenced(lines):
    """For each line, whether it stands in a code block."""
    out, fence = [], None
    for line in lines:
        mark = re.match(r"\s*(```|~~~)", line)
        out.append(fence is not None or mark is not None)
        if mark and fence is None:
            fence = mark.group(1)
        elif mark and mark.group(1) == fence:
            fence = None
    return out


def cells(line):
    """Cells of a row: a pipe that is not escaped ends one, also within backticks."""
    parts = re.split(r"(?<!\\)\|", line.strip())
    if parts and parts[0] == "":
        parts = parts[1:]
    if parts and parts[-1] == "":
        parts = parts[:-1]
    return [part.strip() for part in parts]


def is_delimiter(line):
    return re.fullmatch(r"\s*\|(\s*:?-+:?\s*\|)+\s*", line) is not None


def blocks(text):
    """Runs of lines that begin with a pipe, outside of code: [(number, line)] each. A line behind a run that would be taken for its row is
    part of it."""
    lines = text.split("\n")
    in_code = fenced(lines)
    run, out = [], []
    for number, line in enumerate(lines, 1):
        if not in_code[number - 1] and (line.startswith("|") or run and line.strip() and not line.startswith(("#", ">"))):
            run.append((number, line))
        elif run:
            out.append(run)
            run = []
    if run:
        out.append(run)
    return out
