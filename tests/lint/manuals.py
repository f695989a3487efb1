#!/usr/bin/env python3
"""The manual of a configuration file names the keys that its reader takes, no more and no fewer; so does the file that a package installs."""
import os
import re
import sys

import lint

PAGES = {"packaging/man/assay-agent.toml.5": "agent/settings.cpp", "packaging/man/assay-verifier.toml.5": "verifier/service/setup/state_folder.cpp"}
INSTALLED = {"packaging/etc/agent.toml": "agent/settings.cpp"}


def taken(root, path):
    """Of the reader's lists of keys the longest: a table within has a list of its own."""
    lists = re.findall(r"\.only\(\{(.*?)\}\)", lint.read(root, path), re.S)
    return set(re.findall(r'"(\w+)"', max(lists, key=len))) if lists else set()


def main(root):
    problems = []
    for page, code in PAGES.items():
        if not os.path.exists(os.path.join(root, code)):
            continue
        keys = re.search(r"\.SH KEYS\n(.*?)\.SH ", lint.read(root, page), re.S)[1]
        told = set(re.findall(r"^\.TP\n\.B \[*(\w+)\]*$", keys, re.M))
        problems += [f"{page}:1: the key '{key}' of {code} is missing; say what it means and its default" for key in sorted(taken(root, code) - told)]
        problems += [f"{page}:1: {code} takes no key '{key}'; take it out" for key in sorted(told - taken(root, code))]
    for file, code in INSTALLED.items():
        if os.path.exists(os.path.join(root, code)):
            names = set(re.findall(r"^#?(\w+) = ", lint.read(root, file), re.M))
            problems += [f"{file}:1: {code} takes no key '{key}'; take it out" for key in sorted(names - taken(root, code))]
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv)))
