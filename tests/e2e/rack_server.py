"""A virtual rack server with the agent as a service, for the tests that plug things into it."""
import contextlib
import os
import shutil
import subprocess
import sys
import unittest

from harness import BIN, POLICY, SKIPPED, SOURCE, VERDICTS, SoftwareTpm, Verifier, folder, run, wait_for

RACK = SOURCE / "tests" / "support" / "rack" / "rack.py"
BOOT_SECONDS = 240
MACHINE = ["--smbios", "type=0,vendor=American Megatrends Inc.,version=2.1",
           "--smbios", "type=1,manufacturer=Supermicro,product=SYS-1,serial=S1",
           "--smbios", "type=2,manufacturer=Supermicro,product=X12,serial=B1",
           "--nvme-serial", "NVME-RACK-1", "--mac", "3c:ec:ef:00:00:01"]

ENROL = """
agent="assay-agent --server https://10.0.2.2:{port} --ca /share/ca.pem"
mkdir -p /var/lib/assay-agent
tries=0 # the network may come up after the agent
until $agent enrol --token {token} --name rack-1; do tries=$((tries + 1)); [ $tries -lt 20 ] || exit 1; sleep 1; done
$agent run >/share/agent.log 2>&1 &
step() {{ until [ -e /share/$1 ]; do kill -0 $! || exit 1; usleep 100000; done; }}
"""


def write_policy(file):
    """The policy that ships, but for Secure Boot, of which the rack's firmware has no keys."""
    text = POLICY.read_text().replace("secure_boot_required = true", "secure_boot_required = false")
    assert "secure_boot_required = false" in text
    file.write_text(text)
    return file


def installed(folder):
    """What `cmake --install` lays down, for a guest with systemd: its root, and the folder of the service's drop-ins."""
    root = folder / "root"
    run("cmake", "--install", BIN, env={**os.environ, "DESTDIR": str(root)})
    for path in [*root.glob("**/bin/assay"), *root.glob("**/bin/assay-verifier"), *root.glob("**/share")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()  # a smaller guest
    folders = [root / f"etc/systemd/system/{unit}.service.d" for unit in ("assay-agent", "assay-agent-pci", "assay-agent-token")]
    for drop_ins in folders:
        drop_ins.mkdir(parents=True)
        # The dev build's leak check at the end of a process wants ptrace, which the units do not give.
        (drop_ins / "test.conf").write_text("[Service]\nEnvironment=ASAN_OPTIONS=detect_leaks=0\n")
    return root, folders[0]


class RackServer(unittest.TestCase):
    """`guest`: what the machine does after its enrolment, in shell; `step NAME` waits for the file NAME in the share."""

    enrol = ENROL
    guest = ""

    @classmethod
    def rack_options(cls):
        """What brings the agent into the guest."""
        return ["--binary", BIN / "assay-agent"]

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.folder = cls.stack.enter_context(folder())
        cls.share = cls.folder / "share"
        cls.share.mkdir()
        state = cls.folder / "machine"
        tpm = SoftwareTpm(state, ca="ca", start=False)
        cls.verifier = Verifier(cls.folder, roots=tpm.roots(cls.folder / "roots"), policy=write_policy(cls.folder / "policy.toml"),
                                names=["10.0.2.2"])
        cls.stack.callback(cls.verifier.stop)
        (cls.share / "ca.pem").write_bytes(cls.verifier.ca.read_bytes())
        script = cls.folder / "guest.sh"
        script.write_text((cls.enrol + cls.guest).format(port=cls.verifier.port, token=cls.verifier.token("rack-1")))
        cls.log = open(cls.folder / "rack.log", "w+")
        cls.rack = subprocess.Popen(
            [sys.executable, RACK, *cls.rack_options(), "--share", cls.share, "--script", script, "--state", state,
             *MACHINE, "--boot-timeout", "400", "--timeout", "900"],  # each step has a limit of its own
            stdout=cls.log, stderr=subprocess.STDOUT)
        cls.stack.callback(cls.end)
        cls.first = cls.wait(lambda: cls.newest(), "the first attestation", BOOT_SECONDS)

    @classmethod
    def end(cls):
        (cls.share / "done").touch()
        with contextlib.suppress(subprocess.TimeoutExpired):
            cls.rack.wait(timeout=60)
        cls.rack.kill()

    @classmethod
    def wait(cls, condition, what, seconds):
        def or_the_rack_ended():
            if cls.rack.poll() == SKIPPED:
                raise unittest.SkipTest("SKIPPED: " + cls.printed())
            if cls.rack.poll() is not None:
                raise AssertionError(f"the rack ended with {cls.rack.returncode}:\\n{cls.printed()}")
            return condition()
        try:
            return wait_for(or_the_rack_ended, what, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\\n{cls.printed()}") from None

    @classmethod
    def printed(cls):
        agent = cls.share / "agent.log"
        return (cls.folder / "rack.log").read_text() + (agent.read_text() if agent.exists() else "")

    @classmethod
    def newest(cls):
        hosts = cls.verifier.assay_json("hosts")
        if not hosts or not hosts[0].get("result_id"):
            return None
        return cls.verifier.assay_json("host", "show", "rack-1", codes=VERDICTS)["result"]
