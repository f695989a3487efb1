"""What a person does who follows the pages of docs/howto word by word, with real programs, a real verifier and software TPMs.

The commands are those of the pages (journey_pages.py), run one after another in one shell, so that `cd`, `export` and variables last as they
do for the reader. What stands for what, and nothing else:

| the page says | here |
| --- | --- |
| /var/lib/assay-verifier, /var/lib/assay-agent, /etc/assay | the same below a temporary folder, the last two one a server |
| verifier.example.com:8443, 0.0.0.0:8443 | localhost and a free port |
| what is installed below share/assay | the same of the sources |
| sudo, sudo -u USER | the command, as who runs the test: tests/e2e/test_rack_systemd.py has users, units and permissions |
| systemctl start, stop, restart, enable, disable of assay-verifier or assay-agent | the same process, begun and ended; done when it listens, or has attested |
| systemctl reload of assay-verifier | SIGHUP to the same process; done when its log says what it took |
| the server that the reader sits at | a recorded machine, and a swtpm of its own |

Exit codes 3 to 5 of Assay's programs are verdicts, and no failures. 1, 2 and everything else is one, with all that was printed.
"""
import contextlib
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import textwrap
import time
import unittest

from harness import BIN, SOURCE, VERDICTS, SoftwareTpm, folder, run
from journey_pages import RUN, commands, section, unsaid
from recorded_boot import measure

RECORDED = SOURCE / "tests" / "recorded"
TOLD = os.environ.get("ASSAY_JOURNEY_TOLD")  # each command with how long it took and what it printed

PROGRAMS = {
    "sudo": """
        while :; do case "$1" in -u) shift 2 ;; -*) shift ;; *) break ;; esac; done
        exec "$@"
        """,
    "assay": 'exec "$JOURNEY_BIN/assay" "$@"',
    "assay-verifier": """
        case "$*" in
            *--vendor-db*) ;;
            init*) set -- "$@" --vendor-db "$JOURNEY/assay/vendor-db" --policy "$JOURNEY/assay/verifier/policies/default.toml" ;;
        esac
        case "$1" in init | serve | vendors | operator | certificates | audit | backup | restore | check) set -- "$@" --state "$JOURNEY/var/lib/assay-verifier" ;; esac
        exec "$JOURNEY_BIN/assay-verifier" "$@"
        """,
    "assay-agent": """
        config="$JOURNEY_MACHINE/etc/assay/agent.toml"
        [ ! -e "$config" ] || set -- --config "$config" "$@"
        [ ! -d "$JOURNEY_MACHINE/recorded" ] || set -- --recorded "$JOURNEY_MACHINE/recorded" "$@"
        exec "$JOURNEY_BIN/assay-agent" --state "$JOURNEY_MACHINE/var/lib/assay-agent" --tcti "swtpm:path=$JOURNEY_MACHINE/tpm/sock" "$@"
        """,
    "systemctl": """
        verb=$1 units=; shift
        for word; do case "$word" in -*) ;; *) units="$units ${word%.service}" ;; esac; done
        begin() {
            case "$1" in assay-verifier) set -- "$1" serve 'https://' "$JOURNEY" ;; *) set -- "$1" run 'attested:' "$JOURNEY_MACHINE" ;; esac
            setsid "$1" "$2" </dev/null >"$4/$1.log" 2>&1 &
            echo $! >"$4/$1.pid"
            for _ in $(seq 600); do
                if grep -q "$3" "$4/$1.log"; then return 0; fi
                if ! kill -0 "$(cat "$4/$1.pid")" 2>/dev/null; then break; fi
                sleep 0.1
            done
            cat "$4/$1.log" >&2
            return 1
        }
        finish() {
            place=$JOURNEY_MACHINE; [ "$1" != assay-verifier ] || place=$JOURNEY
            [ -e "$place/$1.pid" ] || return 0
            process=$(cat "$place/$1.pid")
            rm "$place/$1.pid"
            kill "$process" 2>/dev/null || return 0
            while kill -0 "$process" 2>/dev/null; do sleep 0.05; done
        }
        again() { # done when the log says what became of it
            [ "$1" = assay-verifier ] || return 1
            before=$(grep -c 'reloaded: ' "$JOURNEY/$1.log")
            kill -HUP "$(cat "$JOURNEY/$1.pid")" || return 1
            for _ in $(seq 600); do
                [ "$(grep -c 'reloaded: ' "$JOURNEY/$1.log")" = "$before" ] || return 0
                if grep -q 'reload refused' "$JOURNEY/$1.log"; then break; fi
                sleep 0.1
            done
            cat "$JOURNEY/$1.log" >&2
            return 1
        }
        [ "$verb" != daemon-reload ] || exit 0
        for unit in $units; do
            case "$unit" in
                assay-agent.socket) ;; # the kernel's device events: a recorded machine has none
                assay-verifier | assay-agent)
                    case "$verb" in
                        enable | start) finish "$unit"; begin "$unit" || exit 1 ;;
                        restart) finish "$unit"; begin "$unit" || exit 1 ;;
                        stop | disable) finish "$unit" ;;
                        reload) again "$unit" || exit 1 ;;
                        *) echo "systemctl: $verb: not known to the journeys" >&2; exit 2 ;;
                    esac ;;
                *) echo "systemctl: $unit: not known to the journeys" >&2; exit 5 ;;
            esac
        done
        """,
}


def free_port():
    """One that no outgoing connection is given meanwhile, so that the verifier finds it free after each restart."""
    for attempt in range(100):
        port = 20000 + (os.getpid() * 97 + attempt) % 12000
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("expected a free port of 100 from 20000 on, found none")


class Shell:
    """One shell that stays, as the reader's terminal does."""

    def __init__(self, folder, environment, at):
        self.folder = folder
        self.process = subprocess.Popen(["bash", "--noprofile", "--norc"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=at,
                                        env=environment, text=True, start_new_session=True)

    def __call__(self, command, typed="", timeout=180):
        """(exit code, standard output, standard error) of a command, to which `typed` is typed."""
        for name, text in (("command", command + "\n"), ("typed", typed)):
            (self.folder / name).write_text(text)
        self.process.stdin.write(f". {self.folder}/command <{self.folder}/typed >{self.folder}/out 2>{self.folder}/err; echo $?\n")
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], timeout)[0]:
            self.end()
            raise AssertionError(f"{command}\nexpected to be done within {timeout} s, and it was not\n{(self.folder / 'err').read_text()}")
        code = self.process.stdout.readline()
        if not code:
            raise AssertionError(f"{command}\nended the shell")
        return int(code), (self.folder / "out").read_text(), (self.folder / "err").read_text()

    def end(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Journey(unittest.TestCase):
    """One person, from the first page to the last. Tests run in the order of their names: each goes on where the one before ended.
    `answers`: what the person types, with its line ends, where a command has this text in it. A token is typed without being told."""

    answers = {}

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.root = cls.stack.enter_context(folder())
        cls.checkout, cls.home, programs = (cls.root / name for name in ("assay", "home", "bin"))
        for each in (cls.home, programs, cls.root / "var/lib"):
            each.mkdir(parents=True)
        # What a reader has from the first page on: the sources, as far as pages name them.
        shutil.copytree(SOURCE / "vendor-db", cls.checkout / "vendor-db")
        shutil.copytree(SOURCE / "verifier" / "policies", cls.checkout / "verifier" / "policies")
        (cls.checkout / "tests").mkdir()
        (cls.checkout / "tests" / "recorded").symlink_to(RECORDED)
        for name, text in PROGRAMS.items():
            (programs / name).write_text("#!/bin/sh\n" + textwrap.dedent(text).strip() + "\n")
            (programs / name).chmod(0o755)
        cls.port = free_port()
        cls.machines, cls.token, cls.printed = {}, "", ""
        cls.shell = Shell(cls.root, {**os.environ, "HOME": str(cls.home), "PATH": f"{programs}:{os.environ['PATH']}", "JOURNEY": str(cls.root),
                                     "JOURNEY_BIN": str(BIN), "LC_ALL": "C.UTF-8", "ASSAY_CONFIG": "", "XDG_CONFIG_HOME": ""}, cls.checkout)
        cls.stack.callback(cls.shell.end)
        cls.stack.callback(cls.end_services)
        code, _, told = cls.shell("unset ASSAY_CONFIG XDG_CONFIG_HOME; set -o pipefail")
        assert code == 0, told

    @classmethod
    def end_services(cls):
        for place in (cls.root, *(cls.root / "machines").glob("*")):
            for file in place.glob("*.pid"):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(file.read_text()), signal.SIGTERM)
        for tpm in cls.machines.values():
            tpm.stop()

    @classmethod
    def machine(cls, name, recorded="rack-8"):
        """A server that the person sits at from now on."""
        cls.build(name, recorded)
        cls.sit_at(name)

    @classmethod
    def build(cls, name, recorded="rack-8"):
        """A server with a TPM of its own; what that TPM measured is the boot that was recorded. `recorded`
        is None for the machine that runs the test, with another TPM: its journal is its own, where a recording's is the recorded one."""
        place = cls.root / "machines" / name
        for each in ("etc/assay", "var/lib/assay-agent"):
            (place / each).mkdir(parents=True)
        cls.machines[name] = tpm = SoftwareTpm(place, ca="../../tpm-ca")
        if recorded:
            shutil.copytree(RECORDED / recorded, place / "recorded")
            measure(place / "recorded", tpm.tcti)
        tpm.roots(cls.checkout / "roots")

    @classmethod
    def prepare(cls, name):
        """A further server has the agent's configuration from the first one."""
        for file in (cls.root / "machines/rack-7/etc/assay").iterdir():
            (cls.root / "machines" / name / "etc/assay" / file.name).write_text(file.read_text())

    @classmethod
    def new_board(cls, name):
        """The server's mainboard is exchanged: the same disk, another TPM."""
        place = cls.root / "machines" / name
        cls.machines[name].stop()
        shutil.move(place / "tpm", place / "old-tpm")
        cls.machines[name] = SoftwareTpm(place, ca="../../tpm-ca")
        measure(place / "recorded", cls.machines[name].tcti)

    @classmethod
    def sit_at(cls, name):
        cls.at = cls.root / "machines" / name
        cls.shell(f"export JOURNEY_MACHINE={cls.at}")

    @classmethod
    def mapped(cls, text, words):
        """The page's example values as this run has them."""
        state = cls.root / "var/lib/assay-verifier"
        for said, meant in ((r"/var/lib/assay-verifier\b", state), (r"/var/lib/assay-agent\b", getattr(cls, "at", cls.root) / "var/lib/assay-agent"),
                            (r"/etc/assay\b", getattr(cls, "at", cls.root) / "etc/assay"), (r"verifier\.example\.com:8443\b", f"localhost:{cls.port}"),
                            (r"verifier\.example\.com\b", "localhost"), (r"0\.0\.0\.0:8443\b", f"127.0.0.1:{cls.port}"), *words.items()):
            text = re.sub(said, str(meant).replace("\\", r"\\"), text)
        return text

    @classmethod
    def typed_for(cls, command):
        """What the person types when a command asks."""
        if "--token-file -" in command:
            return cls.token + "\n"
        return next((typed for asked, typed in cls.answers.items() if asked in command), "")

    @classmethod
    def run_command(cls, command, where, words):
        text = cls.mapped(command.text, words)
        began = time.monotonic()
        code, out, err = cls.shell(text, cls.typed_for(text))
        if TOLD:
            print(f"{where}: {time.monotonic() - began:.1f} s\n$ {text}\n{out}{err}", flush=True)
        verdict = code in VERDICTS and re.search(r"\bassay(-agent|-verifier)? ", text) and not re.search(r"^(jq|curl): ", err, re.M)
        if code != 0 and not verdict:
            raise AssertionError(f"{where}: what the page says does not work: exit code {code}\n$ {text}\n--- stdout\n{out}\n--- stderr\n{err}")
        if re.match(r"assay (--config \S+ )?(token|hosts replace) ", text):
            cls.token = out.split()[-1]
        missing = unsaid([cls.mapped(line, words) for line in command.shown], out + err)
        if missing:
            raise AssertionError(f"{where}: the page shows\n{chr(10).join(missing)}\nand this was printed:\n{out}{err}")
        cls.printed = out
        return out

    @classmethod
    def follow(cls, name, words=None):
        """Runs every block of a page, or of one heading of it: 'docs/howto/x.md#1-the-verifier'. `words`: example values of this page
        that are others here, as regular expressions. The answers of the commands, in order."""
        answers = []
        for block in section(name):
            if block.language in RUN and not block.not_run:
                for command in commands(block):
                    answers.append(cls.run_command(command, f"{block.page}:{command.line}", words or {}))
        return answers

    @classmethod
    def do(cls, text, codes=VERDICTS):
        """A command that is not of a page: what this person has or does beside it. Its answer."""
        code, out, err = cls.shell(text, cls.typed_for(text))
        if code not in codes:
            raise AssertionError(f"exit code {code}, wanted {codes}\n$ {text}\n--- stdout\n{out}\n--- stderr\n{err}")
        return out

    @classmethod
    def first_host(cls, recorded="rack-8"):
        """A verifier and the host rack-7, by the page for it: where most journeys begin."""
        cls.machine("rack-7", recorded)
        cls.follow("docs/howto/first-host.md#1-the-verifier")
        cls.follow("docs/howto/first-host.md#2-your-own-access")
        cls.follow("docs/howto/first-host.md#3-the-server")
