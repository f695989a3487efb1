"""A server's life with the packages, on a clean Debian with systemd in the virtual rack: installed, enrolled by the purchase list with no command
on the server, attested, a stick plugged in and found; upgraded with both services running, rebooted, downgraded in vain, removed, purged.

There is no package of an earlier version yet: the earlier one is this one with a lower number, so what is shown of an upgrade is what
packages and services do, and not that a database of then is read (tests/unit/verifier/service/store/migrations_test.cpp has that)."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from harness import BIN, SKIPPED, SOURCE, SoftwareTpm, folder, need, run
from rack_server import MACHINE, RACK, write_policy

sys.path.insert(0, str(SOURCE / "tests/support/rack"))
import clean_root  # noqa: E402
import rack  # noqa: E402

PACKAGES = pathlib.Path(os.environ.get("ASSAY_PACKAGES", BIN / "packages"))

# Runs at each boot. What it finds goes to /share/NAME; a step that takes too long ends it.
SCRIPT = """
export DEBIAN_FRONTEND=noninteractive
say() { name=$1; shift; "$@" >/share/$name 2>&1; echo $? >/share/$name.code; }
within() { seconds=$1; shift; until "$@" >/dev/null 2>&1; do seconds=$((seconds - 1)); [ $seconds -gt 0 ] || { echo "not in time: $*"; finish 1; }; sleep 1; done; }
finish() { journalctl -b -o short-monotonic >/share/journal.$boot; exit $1; }
operator() { assay --config /var/lib/assay-verifier/operator/config.toml "$@"; }
judged() { operator hosts --json | grep -q '"result_id": "[0-9a-f]'; }
found() { operator findings --history --host rack-1 --id usb.unaccompanied --json | grep -q STICK-1; }
refused() { operator hosts refusals --json | grep -q ek_digest; }
boot=$(cat /var/boot 2>/dev/null || echo 0); boot=$((boot + 1)); echo $boot >/var/boot

if [ $boot = 1 ]; then
    echo 'assay-agent assay-agent/server string https://verifier.example:8443' | debconf-set-selections
    say installed dpkg -i /share/earlier/*.deb || finish 1
    [ "$(cat /share/installed.code)" = 0 ] || finish 1
    cp /etc/assay/agent.toml /share/agent.toml
    say verifier-before-init systemctl is-active assay-verifier
    su -s /bin/sh assay-verifier -c 'assay-verifier init --name verifier.example --listen 127.0.0.1:8443 --tpm-roots /share/roots --policy /share/policy.toml' || finish 1
    systemctl start assay-verifier || finish 1
    install -m 644 /var/lib/assay-verifier/operator/ca.pem /etc/assay/ca.pem
    say agent-active systemctl is-active assay-agent
    within 120 refused
    systemctl status assay-agent >/share/waiting 2>&1
    digest=$(operator hosts refusals --json | sed -n 's/.*"ek_digest": "\\([0-9a-f]*\\)".*/\\1/p' | head -n 1)
    printf 'host,site,rack,unit,tpm_digest,chassis_serial\\nrack-1,dc,r1,1,%s,S1\\n' "$digest" >/tmp/list.csv
    say registered operator hosts register --purchase /tmp/list.csv
    within 400 judged
    say verdict operator host show rack-1 --json
    rack plug usb-storage id=stick serial=STICK-1 || finish 1
    within 120 found
    say finding operator findings --history --host rack-1 --id usb.unaccompanied
    say security-agent systemd-analyze security --no-pager assay-agent
    say security-verifier systemd-analyze security --no-pager assay-verifier

    main() { systemctl show -P MainPID "$1"; }
    main assay-agent >/share/agent-pid; main assay-verifier >/share/verifier-pid
    say upgraded dpkg -i /share/newest/*.deb
    main assay-agent >/share/agent-pid-after; main assay-verifier >/share/verifier-pid-after
    printf '# server = "https://of.before:1"\\n# mine\\n' >>/etc/assay/agent.toml
    cp /etc/assay/agent.toml /share/before-reconfigure
    say reconfigured dpkg-reconfigure -f noninteractive assay-agent
    cp /etc/assay/agent.toml /share/after-reconfigure
    say active-after systemctl is-active assay-agent assay-verifier
    say version assay-agent version
    say audit su -s /bin/sh assay-verifier -c 'assay-verifier audit verify'
    sync
    finish 0
fi

both() { systemctl is-active -q assay-agent && systemctl is-active -q assay-verifier; }
within 180 both
say active-after-reboot systemctl is-active assay-agent assay-verifier
newer() { [ "$(operator host show rack-1 --json | sed -n 's/.*"result_id": "\\([0-9a-f]*\\)".*/\\1/p' | head -n 1)" != "$(sed -n 's/.*"result_id": "\\([0-9a-f]*\\)".*/\\1/p' /share/verdict | head -n 1)" ]; }
within 300 newer
say verdict-after-reboot operator host show rack-1 --json
say downgraded dpkg -i /share/earlier/assay-verifier_*.deb
say removed dpkg -r assay-agent assay-verifier
ls -d /var/lib/assay-agent /var/lib/assay-verifier /etc/assay/agent.toml >/share/kept 2>&1
say purged dpkg -P assay-agent assay-verifier
ls -d /var/lib/assay-agent /var/lib/assay-verifier /etc/assay >/share/left 2>&1
find / -xdev -path /share -prune -o -name '*assay*' -print 2>/dev/null | grep -v '^/var/lib/assay-verifier\\|^/usr/share\\|^/var/lib/dpkg\\|^/usr/bin/assay$\\|^/var/log\\|^/var/cache' >/share/traces
finish 0
"""


def older(package, into, version="0.0.9"):
    """The same package with a lower number."""
    with folder() as work:
        run("dpkg-deb", "-R", package, work / "tree")
        control = work / "tree/DEBIAN/control"
        lines = control.read_text().splitlines()
        number = next(line for line in lines if line.startswith("Version: ")).removeprefix("Version: ")
        control.write_text(control.read_text().replace(number, version))
        for script in (work / "tree/DEBIAN").glob("p*"):
            script.write_text(script.read_text().replace(number, version))
        run("dpkg-deb", "--root-owner-group", "-b", work / "tree", into / package.name.replace(number, version))


class PackagesInTheirLife(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        packages = sorted(path for path in PACKAGES.glob("assay*.deb") if "dbgsym" not in path.name)
        if not packages:
            raise unittest.SkipTest(f"SKIPPED: no packages in {PACKAGES}; the test packages.build makes them")
        tree = clean_root.clean_tree(packages, rack.cache_folder())
        if tree is None:
            raise unittest.SkipTest("SKIPPED: a clean Debian cannot be made here: it takes mmdebstrap, root and Debian's mirror")
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        work = cls.stack.enter_context(folder())
        cls.share = work / "share"
        for name in ("earlier", "newest"):
            (cls.share / name).mkdir(parents=True)
        for package in packages:
            shutil.copy(package, cls.share / "newest")
            older(package, cls.share / "earlier")
        state = work / "machine"
        tpm = SoftwareTpm(state, ca="ca", start=False)
        shutil.copytree(tpm.roots(work / "roots"), cls.share / "roots")
        write_policy(cls.share / "policy.toml")
        (work / "script").write_text(SCRIPT)
        clean_root.make_disk(tree, work / "script", work / "disk", work)
        for boot in (1, 2):
            done = subprocess.run(
                [sys.executable, RACK, "--disk", work / "disk", "--share", cls.share, "--state", state, "--memory", "2048",
                 *MACHINE, "--boot-timeout", "400", "--timeout", "1500"], capture_output=True, text=True)
            if done.returncode == SKIPPED:
                raise unittest.SkipTest("SKIPPED: " + done.stderr)
            if done.returncode != 0:
                raise AssertionError(f"boot {boot} ended with {done.returncode}:\n{done.stdout}{done.stderr}\n" + cls.all_said())

    @classmethod
    def all_said(cls):
        return "\n".join(f"== {path.name}\n{path.read_text(errors='replace')[-3000:]}" for path in sorted(cls.share.iterdir()) if path.is_file())

    def said(self, name, code=None):
        text = (self.share / name).read_text()
        if code is not None:
            self.assertEqual((self.share / f"{name}.code").read_text().strip(), str(code), text)
        return text

    def test_1_the_agent_asks_for_one_thing_and_has_it_in_a_file_with_comments(self):
        self.assertIn('\nserver = "https://verifier.example:8443"\n', self.said("agent.toml"))
        self.assertIn("\n# ", self.said("agent.toml"))

    def test_2_the_verifier_waits_for_its_init_and_the_agent_for_its_admission_and_says_so(self):
        self.assertEqual(self.said("verifier-before-init").strip(), "inactive")
        self.assertEqual(self.said("agent-active", 0).strip(), "active")
        self.assertIn("purchase list", self.said("waiting"))

    def test_3_the_purchase_list_alone_enrols_it_and_a_stick_is_found(self):
        self.said("registered", 0)
        shown = json.loads(self.said("verdict"))
        self.assertIn(shown["result"]["tier"], ("affirming", "warning"), json.dumps(shown["result"]["findings"], indent=1))
        self.assertIn("STICK-1", self.said("finding"))

    def test_4_an_upgrade_restarts_both_services_and_loses_nothing(self):
        self.said("upgraded", 0)
        self.assertEqual(self.said("active-after", 0).split(), ["active", "active"])
        for service in ("agent", "verifier"):
            self.assertNotEqual(self.said(f"{service}-pid"), self.said(f"{service}-pid-after"))
        self.said("audit", 0)

    def test_4_what_the_administrator_wrote_into_the_agents_file_stays(self):
        self.said("reconfigured", 0)
        self.assertEqual(self.said("before-reconfigure"), self.said("after-reconfigure"))

    def test_5_after_a_reboot_both_run_and_the_server_attests_again(self):
        self.assertEqual(self.said("active-after-reboot", 0).split(), ["active", "active"])
        self.assertTrue(json.loads(self.said("verdict-after-reboot"))["result"]["tier"])

    def test_6_a_downgrade_of_the_verifier_is_refused_in_words(self):
        self.assertNotEqual((self.share / "downgraded.code").read_text().strip(), "0")
        self.assertIn("its database may be newer than this can read", self.said("downgraded"))

    def test_7_removing_keeps_what_was_found_and_purging_says_what_goes(self):
        self.said("removed", 0)
        self.assertEqual(len(self.said("kept").split()), 3, self.said("kept"))
        self.assertIn("removing /etc/assay/agent.toml and /var/lib/assay-agent", self.said("purged", 0))
        self.assertIn("kept /var/lib/assay-verifier", self.said("purged"))
        self.assertNotIn("/var/lib/assay-agent\n", self.said("left").replace("cannot access '/var/lib/assay-agent'", ""))
        self.assertEqual(self.said("traces"), "/etc/assay\n")  # with the administrator's ca.pem in it


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "qemu-system-x86_64", "busybox", "dpkg-deb", "mke2fs")
    unittest.main(verbosity=2)
