"""The commands of a page of the documentation, as a reader meets them: its fenced blocks, cut into single commands.

A block of commands is `sh`, or `console` where the page shows what is answered: there a line that begins with `$ ` is typed, and the lines
below it are what has to be told, with … for what differs from run to run. A block that no journey can run says why, in a comment before it
that a reader of the rendered page does not see: <!-- not run: needs a BMC -->
"""
import dataclasses
import pathlib
import re
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parents[2]
RUN = ("sh", "console")
FENCE = re.compile(r"^( *)```(\S*)\s*$")
NOT_RUN = re.compile(r"^\s*<!-- not run: (\S.*?) -->\s*$")


@dataclasses.dataclass
class Block:
    """`line`: of its first command. `anchors`: of the headings above it, the page's own first. `not_run`: the reason, or ""."""

    page: str
    line: int
    language: str
    text: str
    anchors: tuple
    not_run: str = ""


@dataclasses.dataclass
class Command:
    """`shown`: what the page says that it answers, a line each."""

    line: int
    text: str
    shown: list = dataclasses.field(default_factory=list)


def anchor(heading):
    """As GitHub makes it of a heading."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def blocks(page, text=None):
    """Every fenced block of a page, in order; `page` is its path below the sources."""
    lines = (SOURCE / page).read_text().split("\n") if text is None else text.split("\n")
    out, headings, mark, number = [], [], "", 0
    while number < len(lines):
        line = lines[number]
        number += 1
        heading = re.match(r"(#+)\s+(.*?)\s*$", line)
        opened = FENCE.match(line)
        if heading:
            headings = headings[:len(heading.group(1)) - 1] + [anchor(heading.group(2))]
        if opened:
            start, indent = number, len(opened.group(1))
            while number < len(lines) and lines[number].strip() != "```":
                number += 1
            body = "\n".join(each[indent:] if not each[:indent].strip() else each for each in lines[start:number])
            out.append(Block(page, start + 1, opened.group(2), body, tuple(headings), mark))
            number += 1
        noted = NOT_RUN.match(line)
        mark = noted.group(1) if noted else mark if not line.strip() else ""
    return out


def section(name):
    """The blocks of `docs/howto/x.md`, or of one of its headings and what is below it: `docs/howto/x.md#1-the-verifier`."""
    page, _, wanted = name.partition("#")
    found = [block for block in blocks(page) if not wanted or wanted in block.anchors]
    if not found:
        raise AssertionError(f"{name}: expected a page or heading with blocks of commands, found none")
    return found


def is_whole(text):
    """Whether a shell would run this now, instead of waiting for more lines."""
    done = subprocess.run(["bash", "-n"], input=text + "\n", capture_output=True, text=True, timeout=30)
    return done.returncode == 0 and "here-document" not in done.stderr and not text.rstrip(" ").endswith("\\")


def commands(block):
    """The single commands of a block. Lines that are comments alone are none."""
    out, waiting, started = [], "", block.line
    for number, line in enumerate(block.text.split("\n"), block.line):
        if block.language == "console" and not waiting and not line.startswith("$ "):
            if out and line.strip():
                out[-1].shown.append(line)
            continue
        typed = line[2:] if block.language == "console" and not waiting else line
        if not waiting:
            if not typed.strip() or typed.lstrip().startswith("#"):
                continue
            started = number
        waiting = f"{waiting}\n{typed}" if waiting else typed
        if is_whole(waiting):
            out.append(Command(started, waiting))
            waiting = ""
    if waiting:
        raise AssertionError(f"{block.page}:{started}: expected a whole command, got {waiting!r}")
    return out


def unsaid(shown, printed):
    """The lines that a page shows and that were not printed, in their order; … stands for any text, spaces for any spaces."""
    at, missing = 0, []
    printed = re.sub(r"[ \t]+", " ", printed)
    for line in shown:
        pattern = ".*?".join(re.escape(" ".join(part.split())) if part.split() else " ?" for part in line.strip().split("…"))
        found = re.compile(pattern).search(printed, at)
        if found:
            at = found.end()
        else:
            missing.append(line)
    return missing
