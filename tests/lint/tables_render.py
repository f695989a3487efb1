#!/usr/bin/env python3
"""Every table of a Markdown page renders: a header, a line of dashes, and as many cells in each row. A pipe in a cell is escaped."""
import sys

import lint
import page_tables


def judge(path, run):
    problems = []
    first, header = run[0]
    if len(run) < 2 or not page_tables.is_delimiter(run[1][1]):
        return [f"{path}:{first}: a row without a header and a line of dashes below it; it shows as text: put it into a table"]
    wanted = len(page_tables.cells(header))
    for number, line in run[1:]:
        if not line.startswith("|"):
            problems.append(f"{path}:{number}: expected an empty line after the table; without it this line is a row of it")
        elif not line.rstrip().endswith("|"):
            problems.append(f"{path}:{number}: expected '|' at the end of the row; add it")
        elif len(page_tables.cells(line)) != wanted:
            problems.append(f"{path}:{number}: expected {wanted} cells, got {len(page_tables.cells(line))}; a pipe in a cell is written \\|")
    return problems


def main(root):
    problems = []
    for path in lint.files(root, ".md"):
        for run in page_tables.blocks(lint.read(root, path)):
            problems += judge(path, run)
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv)))
