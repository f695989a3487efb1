#!/usr/bin/env python3
"""Link lists are exactly the arrows of arrows.txt, includes follow them, none goes round in a circle, and none is unused."""
import os
import re
import sys

import lint


def allowed(text):
    arrows, headers, through = {}, {}, set()
    for line in text.split("\n"):
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0] == "header":
            headers[words[1]] = words[2:]
        elif words[0] == "through":
            through.update((words[1], to) for to in words[2:])
        else:
            arrows[words[0]] = words[2:]
    return arrows, headers, through


def cmake_calls(text, command):
    text = re.sub(r"#[^\n]*", "", text)
    return [match.group(1).split() for match in re.finditer(r"^\s*" + command + r"\(([^()]*)\)", text, re.M)]


def libraries(text):
    """name -> (folders, single files, link list), as CMakeLists.txt has them."""
    out = {}
    for words in cmake_calls(text, "assay_library"):
        parts = {"FOLDERS": [], "EXCLUDE": [], "LINK": []}
        key = None
        for word in words[1:]:
            if word in parts:
                key = word
            else:
                parts[key].append(word)
        out[words[0]] = (parts["FOLDERS"], [], parts["LINK"])
    for words in cmake_calls(text, "add_executable"):
        out[words[0]] = ([], words[1:], [])
    for words in cmake_calls(text, "target_link_libraries"):
        if words[0] in out:
            out[words[0]][2].extend(w for w in words[1:] if w not in ("PRIVATE", "PUBLIC", "INTERFACE"))
    return out


def reach(arrows, start):
    seen, todo = set(), [start]
    while todo:
        for to in arrows.get(todo.pop(), []):
            if to not in seen:
                seen.add(to)
                todo.append(to)
    return seen


def circles(graph):
    """One message a cycle found by depth-first search."""
    state, out = {}, []

    def visit(node, path):
        state[node] = 1
        for to in graph.get(node, []):
            if state.get(to) == 1:
                out.append(" -> ".join(path[path.index(to):] + [to]))
            elif to not in state:
                visit(to, path + [to])
        state[node] = 2

    sys.setrecursionlimit(10000)
    for node in sorted(graph):
        if node not in state:
            visit(node, [node])
    return out


def main(root, table):
    problems = []
    cmake = lint.read(root, "CMakeLists.txt")
    libs = libraries(cmake)
    arrows, headers, through = allowed(table)

    for name in sorted(set(libs) | set(arrows)):
        linked, listed = set(libs.get(name, ([], [], []))[2]), set(arrows.get(name, []))
        for to in sorted(linked - listed):
            problems.append(f"CMakeLists.txt: new arrow {name} -> {to}; undo it, or add it to tests/lint/arrows.txt and, with "
                            "its reason, to docs/architecture.md")
        for to in sorted(listed - linked):
            problems.append(f"tests/lint/arrows.txt: {name} -> {to} is not in CMakeLists.txt any more; remove it from the list")

    home = {}
    for name, (folders, singles, _) in libs.items():
        for folder in folders:
            home[folder] = name
    single = {path: name for name, (_, paths, _) in libs.items() for path in paths}

    def library(path):
        return single.get(path) or home.get(os.path.dirname(path))

    graph, uses = {}, {}
    for path in lint.code(root):
        mine = library(path)
        if mine is None:
            if path.endswith((".cpp", ".h")):
                problems.append(f"{path}: in no library of CMakeLists.txt; add its folder to one")
            continue
        reachable = reach(arrows, mine) | {mine}
        for number, target, quoted in lint.includes(lint.read(root, path)):
            if not quoted:
                owners = next((to for prefix, to in sorted(headers.items(), reverse=True) if target.startswith(prefix)), None)
                if owners:
                    uses.setdefault(mine, set()).update(owners)
                    if not reachable & set(owners):
                        problems.append(f"{path}:{number}: <{target}> needs {' or '.join(owners)}, which {mine} may not reach")
                continue
            if "/" not in target:
                if f" {target} " not in cmake:
                    problems.append(f'{path}:{number}: "{target}": include by the path from the root')
                continue
            if not os.path.exists(os.path.join(root, target)):
                problems.append(f'{path}:{number}: "{target}" does not exist; include by the path from the root')
                continue
            graph.setdefault(path, []).append(target)
            theirs = library(target)
            # A table (.inc) may live in a folder above the code that it lists.
            if theirs is None:
                problems.append(f'{path}:{number}: "{target}" is in no library')
            elif theirs not in reachable:
                problems.append(f"{path}:{number}: new arrow {mine} -> {theirs} by \"{target}\"; "
                                "move the code, or ask for the arrow in docs/architecture.md")
            else:
                uses.setdefault(mine, set()).add(theirs)

    for name, targets in sorted(arrows.items()):
        if not any(library(path) == name for path in lint.code(root, ".cpp")):
            continue
        for to in targets:
            # Used if something is included that only this arrow leads to.
            others = set()
            for other in targets:
                if other != to:
                    others |= reach(arrows, other) | {other}
            own = (reach(arrows, to) | {to}) - others
            used = not own or bool(own & uses.get(name, set()))
            if not used and (name, to) not in through:
                problems.append(f"tests/lint/arrows.txt: {name} -> {to} has gone: nothing is included over it; remove it from the "
                                "list and from CMakeLists.txt")
            if used and own and (name, to) in through:
                problems.append(f"tests/lint/arrows.txt: {name} -> {to} is used by {name} itself; remove it from its `through`")

    for circle in circles({k: [t for t in v if t.endswith(".h")] for k, v in graph.items() if k.endswith(".h")}):
        problems.append(f"circular include: {circle}; cut it")
    for circle in circles(arrows):
        problems.append(f"circular arrows: {circle}; cut it")
    return problems


if __name__ == "__main__":
    ROOT = lint.root_of(sys.argv)
    lint.end(main(ROOT, lint.read(ROOT, "tests/lint/arrows.txt")))
