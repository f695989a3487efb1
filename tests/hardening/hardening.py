#!/usr/bin/env python3
"""Reads from programs (ELF) whether they are hardened as a release is: hardening.py [--example] [--none] PROGRAM...
--example: also what only the small example can show. --none: the other way round, nothing of it may be there (the proof of this test)."""
import argparse
import re
import shutil
import subprocess
import sys

ENDBR64 = b"\xf3\x0f\x1e\xfa"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def traits(program):
    """(what a program should have, whether it has it)"""
    head = run("readelf", "-hW", program)
    segments = run("readelf", "-lW", program)
    dynamic = run("readelf", "-dW", program)
    symbols = run("readelf", "--dyn-syms", "-W", program)
    stack = re.search(r"GNU_STACK.*", segments)
    out = [
        ("a position-independent executable", "DYN (" in head and "PIE" in dynamic),
        ("read-only relocations (GNU_RELRO)", "GNU_RELRO" in segments),
        ("all symbols bound at the start (BIND_NOW)", "BIND_NOW" in dynamic or re.search(r"FLAGS_1.*\bNOW\b", dynamic) is not None),
        ("a stack that is not executable", stack is not None and "RWE" not in stack.group(0)),
        ("canaries on the stack (__stack_chk_fail)", "__stack_chk_fail" in symbols),
        ("checked calls of the C library (_FORTIFY_SOURCE)", re.search(r"\b__(?!stack_chk)\w+_chk\b", symbols) is not None),
        ("checked containers (_GLIBCXX_ASSERTIONS)", "__glibcxx_assert_fail" in symbols),
    ]
    if "X86-64" in head:
        out.append(("marked targets of indirect jumps (-fcf-protection)", has_marked_targets(program)))
    return out


def has_marked_targets(program):
    if re.search(r"Properties:.*IBT, SHSTK", run("readelf", "-nW", program)):
        return True
    # The linker keeps the property only where the C library's own start files have it, which Debian's do not: main itself then.
    main = re.search(r"<main>:\n(.*)", run("objdump", "-d", "--no-show-raw-insn", "--disassemble=main", program))
    if main is not None:
        return "endbr64" in main.group(1)
    with open(program, "rb") as file:  # stripped: more marks than the linker and the start files make
        return file.read().count(ENDBR64) > 64


def traits_of_example(program):
    symbols = run("readelf", "--dyn-syms", "-W", program)
    switches = run("readelf", "-p", ".GCC.command.line", program)
    return [
        ("checks of sizes known at run time (_FORTIFY_SOURCE=3)", "__memcpy_chk" in symbols),
        ("no library that it does not use (--as-needed)", "libm.so" not in run("readelf", "-dW", program)),
        ("-fstack-clash-protection", "-fstack-clash-protection" in switches),
        ("-ftrivial-auto-var-init=zero", "-ftrivial-auto-var-init=zero" in switches),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--example", action="store_true")
    parser.add_argument("--none", action="store_true")
    parser.add_argument("programs", nargs="+", metavar="PROGRAM")
    options = parser.parse_args()
    for tool in ("readelf", "objdump"):
        if shutil.which(tool) is None:
            print(f"SKIPPED: {tool} is not installed")
            return 77
    wrong = 0
    for program in options.programs:
        for what, there in traits(program) + (traits_of_example(program) if options.example else []):
            if there == options.none:
                wrong += 1
                print(f"{program}: expected {'not ' if options.none else ''}{what}; see the library `hardened` in CMakeLists.txt")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
