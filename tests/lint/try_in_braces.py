#!/usr/bin/env python3
"""TRY stands in no braced initialiser. g++ 12 does not destroy what the braces have made so far when TRY returns from among them
(`Pair{text(), TRY(number())}` leaks the text), nor does it where an aggregate is made with parentheses: the value gets a name first."""
import re
import sys

import lint

LEFT_OUT = ()

_OPEN, _CLOSE = "([{", ")]}"
_CONDITION = re.compile(r"\b(?:if|while|for|switch)(?:\s+constexpr)?\s*$")
_TRY = re.compile(r"\bTRY\s*\(")


def initialisers(text):
    """Offset of each TRY whose innermost braces hold no statement. `text` has no comments and no strings."""
    tries = {match.start() for match in _TRY.finditer(text)}
    stack = []  # [bracket, holds a statement, is the head of one, offsets of TRY directly or in parentheses below]
    found = []
    for at, character in enumerate(text):
        if at in tries:
            for level in reversed(stack):
                if level[2]:  # `if (TRY(...))`: the braces around it are a block
                    break
                if level[0] == "{":
                    level[3].append(at)
                    break
        if character in _OPEN:
            stack.append([character, False, character == "(" and _CONDITION.search(text[max(0, at - 32):at]) is not None, []])
        elif character in _CLOSE and stack:
            level = stack.pop()
            if not level[1]:
                found += level[3]
        elif character == ";" and stack:
            stack[-1][1] = True
    return sorted(found)


def main(root):
    problems = []
    for path in lint.files(root, ".cpp", ".h", ".inc", under=(*lint.CODE_DIRS, "tests")):
        if path.startswith(LEFT_OUT):
            continue
        text = lint.without_comments(lint.read(root, path))
        for at in initialisers(text):
            problems.append(f"{path}:{text.count(chr(10), 0, at) + 1}: TRY in a braced initialiser leaks what is made before it; "
                            "give the value a name in the line above")
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv)))
