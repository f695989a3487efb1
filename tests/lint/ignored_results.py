#!/usr/bin/env python3
"""What a call says of its failure is thrown away only with a reason: a comment on the line of `static_cast<void>(call(...))`,
or at the line above it."""
import re
import sys

import lint

# What has nothing to say: name of the function, and why.
NOTHING_TO_SAY = {
    "eventfd_write": "fails where the counter is full, and then its reader is woken already",
    "eventfd_read": "fails where somebody else has read it",
}
_CAST = re.compile(r"(?:static_cast<\s*void\s*>\s*\(|\(\s*void\s*\)\s*|\bstd::ignore\s*=\s*)([^;]*)")


def main(root):
    problems = []
    for path in lint.code(root):
        text = lint.read(root, path)
        bare = lint.without_comments(text)
        with_comments, without = text.split("\n"), lint.without_comments(text, keep_strings=True).split("\n")
        for match in _CAST.finditer(bare):
            call = re.search(r"([A-Za-z_]\w*)\s*\(", match.group(1))
            if call is None or call.group(1) in NOTHING_TO_SAY:
                continue
            at = bare.count("\n", 0, match.start())
            if all(with_comments[n] == without[n] for n in (at, at - 1) if n >= 0):
                problems.append(f"{path}:{at + 1}: what {call.group(1)} says is thrown away; handle it, or say in a comment why not")
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv)))
