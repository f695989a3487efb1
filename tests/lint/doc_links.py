#!/usr/bin/env python3
"""Every relative link and picture of a Markdown page leads to a file, and every anchor to a heading."""
import os
import re
import sys
import urllib.parse

import lint

LINK = re.compile(r"!?\[[^\]\n]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")


def prose(text):
    """Without code and comments, with the same lines."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    text = re.sub(r"^(```|~~~).*?^\1[^\n]*", blank, text, flags=re.S | re.M)
    text = re.sub(r"<!--.*?-->", blank, text, flags=re.S)
    return re.sub(r"`[^`\n]*`", lambda m: "`" + "x" * (len(m.group(0)) - 2) + "`", text)


def anchors(text):
    """The anchors that GitHub makes of headings."""
    out = set()
    text = re.sub(r"^(```|~~~).*?^\1[^\n]*", "", text, flags=re.S | re.M)
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", text, re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        out.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    out.update(re.findall(r'<a (?:id|name)="([^"]+)"', text))
    return out


def main(root):
    problems = []
    for path in lint.files(root, ".md"):
        for number, line in enumerate(prose(lint.read(root, path)).split("\n"), 1):
            for target in LINK.findall(line):
                if re.match(r"[a-z][a-z0-9+.-]*:", target):
                    continue
                where, _, anchor = urllib.parse.unquote(target).partition("#")
                full = os.path.normpath(os.path.join(os.path.dirname(path), where)) if where else path
                if full.startswith("..") or where.startswith("/") or not os.path.exists(os.path.join(root, full)):
                    problems.append(f"{path}:{number}: {target} leads nowhere; correct it")
                elif anchor and full.endswith(".md") and anchor not in anchors(lint.read(root, full)):
                    problems.append(f"{path}:{number}: {target}: no such heading; correct it")
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv)))
