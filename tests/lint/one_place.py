#!/usr/bin/env python3
"""A foreign header that one file is there to hide is included by that file alone: everybody else has what the file gives."""
import sys

import lint

# What the header begins with -> (the one file, what all others include).
PLACES = {
    "CLI/": ("client/command_line/run.cpp", "client/command_line/command.h"),
}


def main(root, places):
    problems, met = [], set()
    for path in lint.files(root, ".cpp", ".h", ".inc"):
        for number, header, _ in lint.includes(lint.read(root, path)):
            for begin, (place, instead) in places.items():
                if not header.startswith(begin):
                    continue
                met.add(begin)
                if path != place:
                    problems.append(f"{path}:{number}: <{header}> belongs to {place} alone; include \"{instead}\"")
    for begin in sorted(set(places) - met):
        problems.append(f"tests/lint/one_place.py: nothing includes <{begin}...> any more; remove it from PLACES")
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv), PLACES))
