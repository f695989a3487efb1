#!/usr/bin/env python3
"""No code decides by the text of an error: it is for a person, and whoever rewords it must break nothing."""
import re
import sys

import lint

FUNCTIONS = "starts_with|ends_with|contains|find|rfind|compare"
COMPARED = re.compile(rf"(?:\.|->)context\s*(?:\.\s*(?:{FUNCTIONS})\s*\(|[=!]=)|[=!]=\s*[\w.()>*-]+(?:\.|->)context\b")
REMEDY = "give the outcome a type or a code of its own"


def main(root):
    problems = []
    for path in lint.code(root):
        for number, line in enumerate(lint.without_comments(lint.read(root, path)).split("\n"), 1):
            if COMPARED.search(line):
                problems.append(f"{path}:{number}: decides by an error's text; {REMEDY}")
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv)))
