"""Real processes for the end-to-end tests: the verifier, software TPMs, agents, `assay`. Everything lives in one temporary folder."""
import base64
import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("ASSAY_BIN", SOURCE / "build" / "dev"))
SKIPPED = 77
POLICY = SOURCE / "verifier" / "policies" / "default.toml"

# The exit codes of all three programs (client/command_line/exit_code.h).
AFFIRMING, NOT_PROCESSED, USAGE, CONTRAINDICATED, WARNING, NONE = 0, 1, 2, 3, 4, 5
VERDICTS = (AFFIRMING, CONTRAINDICATED, WARNING, NONE)


def need(*tools):
    """Ends the test program as skipped, visibly, where a tool is absent."""
    for tool in tools:
        if not shutil.which(tool):
            print(f"SKIPPED: {tool} is not installed")
            sys.exit(SKIPPED)


def run(*command, codes=(0,), timeout=300, **options):
    """Runs a program to its end; an exit code that is not among `codes` fails the test with all that it printed."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=timeout, **options)
    if done.returncode not in codes:
        raise AssertionError(f"{' '.join(map(str, command))}\nexit code {done.returncode}, wanted {codes}\n"
                             f"--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}")
    return done


def cbor(data, at=0):
    """(value, offset behind it) of the definite-length maps, lists, strings, integers and booleans of an encoding."""
    major, value = data[at] >> 5, data[at] & 31
    at += 1
    if value >= 24:
        width = 1 << (value - 24)
        value, at = int.from_bytes(data[at:at + width], "big"), at + width
    if major in (0, 1):
        return (value if major == 0 else -1 - value), at
    if major in (2, 3):
        text = data[at:at + value]
        return (text if major == 2 else text.decode()), at + value
    if major == 7:
        return {20: False, 21: True}[value], at
    items = []
    for _ in range(value * (2 if major == 5 else 1)):
        item, at = cbor(data, at)
        items.append(item)
    return (items if major == 4 else dict(zip(items[::2], items[1::2]))), at


class Person:
    """Somebody who signs: a key file, and its id in the directory."""

    def __init__(self, folder, name, algorithm="ed25519"):
        self.key = folder / f"{name}.pem"
        run("openssl", "genpkey", "-algorithm", *algorithm.split(), "-out", self.key)
        pem = run("openssl", "pkey", "-in", self.key, "-pubout").stdout
        self.key_id = hashlib.sha256(base64.b64decode("".join(pem.splitlines()[1:-1]))).hexdigest()


class SoftwareTpm:
    """swtpm with an EK certificate of its own CA, as `scripts/quickstart` makes one. `start=False` only makes its state."""

    def __init__(self, folder, name="tpm", ca="tpm-ca", start=True):
        self.folder = pathlib.Path(folder) / name
        self.ca = pathlib.Path(folder) / ca
        self.folder.mkdir(parents=True)
        self.ca.mkdir(exist_ok=True)
        conf, options, setup = self.ca / "ca.conf", self.ca / "ca.options", self.ca / "setup.conf"
        conf.write_text(f"statedir = {self.ca}\nsigningkey = {self.ca}/key.pem\nissuercert = {self.ca}/issuer.pem\n"
                        f"certserial = {self.ca}/serial\n")
        options.write_text("--platform-manufacturer Test\n--platform-model Software\n--platform-version 1\n")
        setup.write_text(f"create_certs_tool = {shutil.which('swtpm_localca')}\ncreate_certs_tool_config = {conf}\n"
                         f"create_certs_tool_options = {options}\n")
        run("swtpm_setup", "--tpm2", "--tpmstate", self.folder, "--create-ek-cert", "--pcr-banks", "sha256", "--config", setup)
        self.socket = self.folder / "sock"
        if start:
            self.start()

    @property
    def tcti(self):
        return f"swtpm:path={self.socket}"

    def start(self):
        self.process = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.folder}", "--server", f"type=unixio,path={self.socket}",
             "--ctrl", f"type=unixio,path={self.socket}.ctrl", "--flags", "startup-clear"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.socket.exists, "swtpm's socket")

    def roots(self, folder):
        """Copies the CA's certificates: the roots that a verifier must be given to believe this TPM's EK certificate."""
        folder = pathlib.Path(folder)
        folder.mkdir(exist_ok=True)
        for file in [*self.ca.glob("*rootca-cert.pem"), self.ca / "issuer.pem"]:
            shutil.copy(file, folder)
        return folder

    def stop(self):
        self.process.terminate()
        self.process.wait()


def wait_for(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


class Verifier:
    """`assay-verifier` with its state in a folder; it can be killed and started again on the same port."""

    def __init__(self, folder, roots=None, database=None, policy=POLICY, names=()):
        self.state = pathlib.Path(folder) / "verifier"
        self.log = pathlib.Path(folder) / "verifier.log"
        command = [BIN / "assay-verifier", "init", "--state", self.state, "--name", "localhost", "--listen", "127.0.0.1:0",
                   "--vendor-db", SOURCE / "vendor-db", "--policy", policy]
        for name in names:
            command += ["--name", name]
        if roots:
            command += ["--tpm-roots", roots]
        if database:
            command += ["--database", database]
        run(*command)
        self.process = None
        self.port = 0
        self.start()

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    @property
    def ca(self):
        return self.state / "ca" / "ca.pem"

    def start(self):
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [BIN / "assay-verifier", "serve", "--state", self.state, "--listen", f"127.0.0.1:{self.port}"], stdout=log, stderr=log)

        def listening():
            if self.process.poll() is not None:
                raise AssertionError("the verifier ended:\n" + self.log.read_text())
            return re.search(r"https://127\.0\.0\.1:(\d+)", self.log.read_text())

        self.port = int(wait_for(listening, "the verifier to listen").group(1))
        self.admin = Caller(self, self.state / "operator")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=60)

    def as_(self, role, name=None, person=None, feed=None):
        """Whoever has a certificate with this role, made where there is none: `verifier.as_("keeper").assay("people", ...)`. Its
        person is p-NAME, and a feed speaks for NAME, unless said; name is the role unless said."""
        name = name or role
        folder = self.state.parent / f"as-{name}-{role}"
        if not folder.exists():
            options = ["--feed", feed or name] if role.endswith("-feed") else []
            run(BIN / "assay-verifier", "operator", "add", name, "--role", role, "--person", person or f"p-{name}", *options,
                "--state", self.state, "--out", folder)
        return Caller(self, folder)

    def assay(self, *arguments, codes=(0,)):
        return self.admin.assay(*arguments, codes=codes)

    def assay_json(self, *arguments, codes=(0,)):
        return self.admin.assay_json(*arguments, codes=codes)

    def token(self, host):
        return self.assay("token", host).stdout.strip()


class Caller:
    """`assay` with one certificate, at the verifier where it listens now."""

    def __init__(self, verifier, folder):
        self.config = folder / "config.toml"
        self.config.write_text(re.sub(r"(?m)^server.*$", f'server = "{verifier.url}"', self.config.read_text()))

    def assay(self, *arguments, codes=(0,)):
        return run(BIN / "assay", "--config", self.config, *arguments, codes=codes)

    def assay_json(self, *arguments, codes=(0,)):
        return json.loads(self.assay("--json", *arguments, codes=codes).stdout)


class Agent:
    def __init__(self, folder, verifier, tcti, name="agent", recorded=None):
        self.state = pathlib.Path(folder) / name
        self.options = ["--state", self.state, "--server", verifier.url, "--ca", verifier.ca, "--tcti", tcti]
        if recorded:
            self.options += ["--recorded", recorded]
        self.verifier = verifier

    def __call__(self, *arguments, codes=(0,), timeout=120):
        return run(BIN / "assay-agent", *self.options, *arguments, codes=codes, timeout=timeout)

    def enrol(self, host, codes=(0,)):
        return self("enrol", "--token", self.verifier.token(host), "--name", host, codes=codes)


@contextlib.contextmanager
def folder():
    """Short, because unix sockets have short paths."""
    path = tempfile.mkdtemp(prefix="assay-e2e.", dir="/tmp")
    try:
        yield pathlib.Path(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Site(unittest.TestCase):
    """A verifier and one software TPM for all tests of a class."""

    database = None

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.folder = cls.stack.enter_context(folder())
        cls.tpm = SoftwareTpm(cls.folder)
        cls.stack.callback(cls.tpm.stop)
        cls.verifier = Verifier(cls.folder, roots=cls.tpm.roots(cls.folder / "roots"), database=cls.database)
        cls.stack.callback(lambda: cls.verifier.stop())
