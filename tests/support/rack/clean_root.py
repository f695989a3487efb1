"""A clean Debian 12 on a disk of its own, for the tests of packages: nothing is on it but what a server's installer puts there, and the
libraries that given packages depend on, so that they can be installed without a network."""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BASE = ["systemd-sysv", "udev", "dbus", "kmod", "debconf", "apparmor", "curl", "python3-minimal"]
NO_MANUALS = [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("man", "locale", "doc")]


def dependencies(packages):
    """Names of the packages that `packages` (files) need, without these themselves."""
    names, own = set(), set()
    for package in packages:
        fields = subprocess.run(["dpkg-deb", "-f", package, "Package", "Pre-Depends", "Depends", "Recommends"], capture_output=True, text=True, check=True).stdout
        for line in fields.splitlines():
            field, _, value = line.partition(": ")
            if field == "Package":
                own.add(value)
            else:
                names |= {re.match(r"\s*([a-z0-9.+-]+)", part)[1] for part in value.split(",")}
    return sorted(names - own)


def clean_tree(packages, cache):
    """The tree of a Debian with what `packages` need; made once for one set of names. None where it cannot be made here."""
    if shutil.which("mmdebstrap") is None or os.geteuid() != 0:
        return None
    wanted = [*BASE, *dependencies(packages)]
    tree = cache / ("debian-" + hashlib.sha256(" ".join(wanted).encode()).hexdigest()[:12])
    if not tree.exists():
        cache.mkdir(parents=True, exist_ok=True)
        work = cache / f"making.{os.getpid()}"
        done = subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", *NO_MANUALS, f"--include={','.join(wanted)}", "bookworm", work],
                              capture_output=True, text=True)
        if done.returncode != 0:
            shutil.rmtree(work, ignore_errors=True)
            print(done.stderr[-2000:], file=sys.stderr)
            return None
        work.rename(tree)
    return tree


def make_disk(tree, script, disk, work, size="1500M"):
    """A disk with `tree` and with what the virtual rack runs in it: `script`, as a service."""
    root = work / "debian"
    subprocess.run(["cp", "-a", tree, root], check=True)
    (root / "share").mkdir()
    (root / "etc/machine-id").write_text(os.urandom(16).hex() + "\n")  # without it the first boot would enable every unit
    (root / "etc/fstab").write_text("")
    (root / "etc/hostname").write_text("rack-1\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost rack-1 verifier.example\n")
    shutil.copy(script, root / "script")
    for name, place in (("guest-run", "run-script"), ("guest-rack", "usr/local/bin/rack")):
        shutil.copy(HERE / name, root / place)
        os.chmod(root / place, 0o755)
    units = root / "etc/systemd/system"
    shutil.copy(HERE / "guest-script.service", units)
    (units / "multi-user.target.wants").mkdir(exist_ok=True)
    (units / "multi-user.target.wants/guest-script.service").symlink_to("../guest-script.service")
    for unit in ("systemd-networkd-wait-online.service", "apt-daily.timer", "apt-daily-upgrade.timer"):
        (units / unit).symlink_to("/dev/null")
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", root, disk, size], check=True)
    shutil.rmtree(root)
