#!/usr/bin/env python3
"""A virtual rack server: a UEFI machine in qemu with a TPM 2.0, SMBIOS identity, NVMe, NIC and USB that comes and goes.

    rack.py --binary build/dev/assay-agent --share out --script guest.sh

boots Debian's kernel with an initramfs of busybox and the binaries (with their libraries, at their own paths and on
PATH), runs guest.sh in it as root with the working folder /share, streams its output and ends with its exit code;
77 (skipped) where a tool is missing, 124 where a time limit passed, 125 where the rack itself failed. In the guest:

    rack plug usb-storage id=stick serial=STICK-1     any qemu USB device with its properties; returns when it is plugged
    rack unplug stick                                 returns when it is gone

With --systemd the guest is a small Debian: systemd as PID 1, udevd, journald, sysusers and tmpfiles of this machine's packages; the
script is then a service of its own. --root DIR adds a tree, such as what `DESTDIR=DIR cmake --install` laid down. With --disk FILE the
root is a whole Debian on that disk, as clean_root.py makes one, and stays what it was for the next boot.

The guest is 10.0.2.15; a server on the host's loopback is 10.0.2.2. With --state DIR the TPM, its CA (DIR/ca) and the NVMe
disk are kept: the next run is the next boot of the same machine. See README.md.
"""
import argparse, ctypes, gzip, json, os, pathlib, re, select, shutil, signal, socket, subprocess, sys, tempfile, threading, time

HERE = pathlib.Path(__file__).resolve().parent
MODULES = ("virtio_pci virtio_console 9pnet_virtio 9p xhci_pci usb_storage sd_mod usbhid hid_generic nvme e1000e").split()
FIRMWARE = pathlib.Path("/usr/share/OVMF")
DLOPENED = ["/usr/lib/x86_64-linux-gnu/libtss2-tcti-device.so.0"]  # by tctildr
SYSTEMD = ["/usr/lib/systemd/" + name for name in ("systemd", "systemd-journald", "systemd-shutdown", "systemd-udevd")] + [
    "/usr/bin/" + name for name in ("journalctl", "systemctl", "systemd-sysusers", "systemd-tmpfiles", "udevadm")]
UNITS = """basic.target local-fs-pre.target local-fs.target multi-user.target network-online.target network.target paths.target shutdown.target
    slices.target sockets.target swap.target sysinit.target timers.target umount.target systemd-journald-dev-log.socket systemd-journald.socket
    systemd-journald.service systemd-sysusers.service systemd-tmpfiles-setup-dev.service systemd-tmpfiles-setup.service
    systemd-udev-trigger.service systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udevd.service""".split()
SHELL, SKIPPED, TIMED_OUT, FAILED = "/bin/busybox", 77, 124, 125


DISK_MODULES = "virtio_blk ext4 crc32c_generic".split()  # of a root that is no initramfs


class Stop(Exception):
    """Ends the rack with an exit code and a sentence."""
    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


def run(*words, **options):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise Stop(FAILED, f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}")
    return done.stdout


def require_tools():
    missing = [t for t in ("qemu-system-x86_64", "swtpm", "swtpm_setup", "swtpm_localca", "ldd", "dpkg-deb") if not shutil.which(t)]
    missing += [str(f) for f in (pathlib.Path(SHELL), FIRMWARE / "OVMF_CODE_4M.fd") if not f.exists()]
    if missing:
        raise Stop(SKIPPED, "missing: " + " ".join(missing))


def require_systemd():
    missing = [path for path in [*SYSTEMD, *(f"/usr/lib/systemd/system/{unit}" for unit in UNITS)] if not os.path.exists(path)]
    if missing:
        raise Stop(SKIPPED, "missing, of Debian's packages systemd and udev: " + " ".join(missing))


def cache_folder():
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "assay-tests"


def unpacked(package, finish=lambda root: None):
    """A Debian package, unpacked once into the cache and not installed."""
    folder = cache_folder() / f"{package}.unpacked"
    if folder.exists():
        return folder
    cache_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_folder()) as work:
        if subprocess.run(["apt-get", "download", "-q", package], cwd=work, capture_output=True).returncode != 0:
            raise Stop(SKIPPED, f"missing: the package {package} cannot be downloaded")
        run("dpkg-deb", "-x", next(pathlib.Path(work).glob("*.deb")), f"{work}/root")
        finish(f"{work}/root")
        os.rename(f"{work}/root", folder)
    return folder


def make_boot_partition(folder, kernel_name, kernel, initrd, append):
    """Debian's signed shim and GRUB, as firmware finds them on a disk without boot entries. GRUB is told to use `linuxefi`: with plain
    `linux` the kernel's EFI stub is left out, and with it the kernel's own copy of the event log."""
    for part in ("EFI/BOOT", "EFI/debian"):
        (folder / part).mkdir(parents=True)
    shutil.copy(unpacked("shim-signed") / "usr/lib/shim/shimx64.efi.signed", folder / "EFI/BOOT/BOOTX64.EFI")
    shutil.copy(unpacked("grub-efi-amd64-signed") / "usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed", folder / "EFI/BOOT/grubx64.efi")
    (folder / kernel_name).write_bytes(kernel)
    shutil.copy(initrd, folder / "initrd")
    (folder / "EFI/debian/grub.cfg").write_text(f"set timeout=0\nlinuxefi /{kernel_name} {append}\ninitrdefi /initrd\nboot\n")


def kernel_folder():
    """Debian's kernel."""
    found = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], capture_output=True, text=True).stdout
    package = re.search(r"Depends: (linux-image-\S+)", found)
    kept = sorted(cache_folder().glob("linux-image-*.unpacked"))
    if not package and not kept:
        raise Stop(SKIPPED, "missing: the package linux-image-amd64 (apt-get update)")

    def depmod(root):
        run(*(["depmod"] if shutil.which("depmod") else [SHELL, "depmod"]), "-b", root, os.listdir(f"{root}/lib/modules")[0])
    return unpacked(package[1], depmod) if package else kept[-1]


def modules_in_order(kernel, more):
    """The wanted modules and what they need, each after what it needs; those that are built in are left out."""
    base = next((kernel / "lib/modules").iterdir())
    needs = dict(line.split(":", 1) for line in (base / "modules.dep").read_text().splitlines())
    by_name = {re.sub(r"\.ko.*", "", p.rsplit("/", 1)[-1]).replace("-", "_"): p for p in needs}
    order = []

    def visit(path):
        for needed in reversed(needs[path].split()):
            visit(needed)
        if path not in order:
            order.append(path)
    for name in [*MODULES, *more]:
        if name in by_name:
            visit(by_name[name])
    return [base / path for path in order]


def libraries(program):
    listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return set(re.findall(r"(/\S+)", listed))


def install(root, path):
    """A file at its own path."""
    (root / path[1:]).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, root / path[1:])


def add_systemd(root):
    """PID 1 and udevd with just the units that they need; the links of *.wants that lead to one of these."""
    system = pathlib.Path("/usr/lib/systemd/system")
    for path in [*SYSTEMD, *(str(system / unit) for unit in UNITS), "/usr/lib/sysusers.d/basic.conf"]:
        install(root, path)
    for link in system.glob("*.wants/*"):
        if link.name in UNITS:
            (root / str(link)[1:]).parent.mkdir(exist_ok=True)
            (root / str(link)[1:]).symlink_to(f"../{link.name}")
    (root / "usr/lib/systemd/system/default.target").symlink_to("multi-user.target")
    rules = subprocess.run(["dpkg", "-L", "udev"], capture_output=True, text=True).stdout
    for path in re.findall(r"/lib/udev/rules\.d/\S+\.rules", rules):
        install(root, "/usr" + path)
    shutil.copy(HERE / "guest-script.service", root / "usr/lib/systemd/system")
    (root / "usr/lib/systemd/system/multi-user.target.wants").mkdir(exist_ok=True)
    (root / "usr/lib/systemd/system/multi-user.target.wants/guest-script.service").symlink_to("../guest-script.service")


def make_initramfs(kernel, o, target, work):
    root = work / "root"
    for folder in ("dev", "proc", "sys", "modules", "tmp", "run", "etc", "share", "var/lib", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64"):
        (root / folder).mkdir(parents=True)
    for folder in ("bin", "sbin", "lib", "lib64"):
        (root / folder).symlink_to(f"usr/{folder}")
    shutil.copy(SHELL, root / "bin/busybox")
    for module in (modules := modules_in_order(kernel, o.module + (DISK_MODULES if o.disk else []))):
        shutil.copy(module, root / "modules")
    (root / "modules/order").write_text("".join(f"{m.name}\n" for m in modules))
    programs = [root / "bin" / pathlib.Path(shutil.copy(pathlib.Path(b).resolve(), root / "bin")).name for b in o.binary]
    if o.root:
        shutil.copytree(o.root, root, symlinks=True, dirs_exist_ok=True)
        programs += (root / path.relative_to(o.root) for path in pathlib.Path(o.root).glob("usr/**/bin/*"))
    needing = [*programs, *DLOPENED]
    if o.systemd:
        add_systemd(root)
        needing += SYSTEMD
    for path in filter(os.path.exists, set(DLOPENED).union(*(libraries(p) for p in needing))):
        install(root, path)
    for program in programs:
        subprocess.run(["strip", "--strip-debug", program], capture_output=True)  # smaller, if strip is there
    for name, place in (("guest-init", "init"), ("guest-run", "run-script"), ("guest-rack", "bin/rack")):
        shutil.copy(HERE / name, root / place)
        os.chmod(root / place, 0o755)
    if o.script:
        shutil.copy(o.script, root / "script")
    target.write_bytes(packed(root))


def packed(root):
    names = subprocess.run(["find", "."], cwd=root, capture_output=True, check=True).stdout
    archive = subprocess.run([SHELL, "cpio", "-o", "-H", "newc"], cwd=root, input=names, capture_output=True, check=True).stdout
    return gzip.compress(archive, 1)


def make_tpm(state):
    """A software TPM with EK certificates of a CA of its own; left alone where there is one already."""
    if (state / "tpm").exists():
        return
    for folder in ("tpm", "ca"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    ca = state / "ca"
    (ca / "conf").write_text(f"statedir = {ca}\nsigningkey = {ca}/key.pem\nissuercert = {ca}/issuer.pem\ncertserial = {ca}/serial\n")
    (ca / "options").write_text("--platform-manufacturer Rack\n--platform-model Rack\n--platform-version 1\n")
    (ca / "setup").write_text("create_certs_tool = swtpm_localca\n"
                              f"create_certs_tool_config = {ca}/conf\ncreate_certs_tool_options = {ca}/options\n")
    run("swtpm_setup", "--tpm2", "--tpmstate", state / "tpm", "--create-ek-cert", "--pcr-banks", "sha256", "--config", ca / "setup")


class Qmp:
    """qemu's monitor: one command at a time; events are kept until they are waited for."""
    def __init__(self, connection):
        self.socket = connection
        self.lines = self.socket.makefile("r")
        self.events = []
        self.lines.readline()
        self.command("qmp_capabilities")

    def command(self, name, **arguments):
        self.socket.sendall(json.dumps({"execute": name, "arguments": arguments}).encode() + b"\n")
        while "return" not in (answer := json.loads(self.lines.readline())):
            if "error" in answer:
                raise ValueError(answer["error"]["desc"])
            self.events.append(answer)

    def wait_for(self, event, device):
        while not any(e.get("event") == event and e["data"].get("device") == device for e in self.events):
            self.events.append(json.loads(self.lines.readline()))
        self.events.clear()


class Rack:
    def __init__(self, options, work, state):
        self.options, self.work, self.state = options, work, state
        self.children, self.exit_code, self.plugged, self.booted = [], None, 0, threading.Event()

    def child(self, *words, **more):
        die_with_us = lambda: ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
        self.children.append(subprocess.Popen([str(w) for w in words], preexec_fn=die_with_us, **more))
        return self.children[-1]

    def start(self):
        work, o = self.work, self.options
        kernel = kernel_folder()
        self.make_initrd(kernel)
        make_tpm(self.state)
        self.child("swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.state}/tpm", "--ctrl", f"type=unixio,path={work}/tpm", "--terminate")
        shutil.copy(FIRMWARE / ("OVMF_VARS_4M.ms.fd" if o.secure_boot else "OVMF_VARS_4M.fd"), work / "vars")
        with open(self.state / "disk", "ab") as disk:
            disk.truncate(64 << 20)
        output, control, monitor = (socket.socket(socket.AF_UNIX) for _ in range(3))  # qemu connects: it has no moment of "there, but deaf"
        for listener, name in ((output, "out"), (control, "ctl"), (monitor, "qmp")):
            listener.bind(str(work / name))
            listener.listen()
        self.wait_for_socket(work / "tpm")
        smbios = [word for text in o.smbios for word in ("-smbios", text)]
        root = ["-drive", f"if=virtio,format=raw,file={o.disk}"] if o.disk else []
        share = ["-virtfs", f"local,path={o.share},mount_tag=share,security_model=none"] if o.share else []
        self.qemu = self.child(
            "qemu-system-x86_64", "-nodefaults", "-display", "none", "-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max,la57=off",
            "-m", o.memory, "-smp", 2, "-no-reboot", "-serial", f"file:{work}/console", "-qmp", f"unix:{work}/qmp",
            "-drive", f"if=pflash,format=raw,readonly=on,file={FIRMWARE}/OVMF_CODE_4M.fd", "-drive", f"if=pflash,format=raw,file={work}/vars",
            *self.boot(next((kernel / "boot").glob("vmlinuz-*")), "console=ttyS0 quiet panic=-1 no_timer_check " + ("disk_root=1 " if o.disk else "") + o.append),
            "-chardev", f"socket,id=tpm,path={work}/tpm", "-tpmdev", "emulator,id=tpm,chardev=tpm", "-device", "tpm-crb,tpmdev=tpm",
            "-device", "virtio-serial-pci", "-chardev", f"socket,id=out,path={work}/out", "-device", "virtserialport,chardev=out,name=rack.out",
            "-chardev", f"socket,id=ctl,path={work}/ctl", "-device", "virtserialport,chardev=ctl,name=rack.ctl",
            "-drive", f"if=none,id=disk,format=raw,file={self.state}/disk", "-device", f"nvme,drive=disk,serial={o.nvme_serial}",
            "-netdev", "user,id=net", "-device", f"e1000e,netdev=net,mac={o.mac}", "-device", "qemu-xhci,id=xhci", *root, *smbios, *share)
        self.qmp = Qmp(self.accept(monitor))
        threading.Thread(target=self.stream, args=(output.accept()[0],), daemon=True).start()
        threading.Thread(target=self.serve, args=(control.accept()[0],), daemon=True).start()

    def make_initrd(self, kernel):
        """A machine that boots from its disk keeps its initrd, for the archive has the times of its files."""
        kept, o = self.state / "initrd", self.options
        if not (o.grub and kept.exists()):
            make_initramfs(kernel, o, kept if o.grub else self.work / "initrd", self.work)
        if o.grub:
            shutil.copy(kept, self.work / "initrd")
        if o.initrd_more:  # the kernel unpacks archives one after the other
            (self.work / "more").mkdir()
            (self.work / "more/more").write_text(o.initrd_more)
            with open(self.work / "initrd", "ab") as file:
                file.write(packed(self.work / "more"))

    def boot(self, kernel, append):
        """qemu's words: the kernel as firmware would load it, or a disk with shim and GRUB."""
        o, initrd = self.options, self.work / "initrd"
        if not o.grub:
            return ["-kernel", kernel, "-initrd", initrd, "-append", append]
        disk = self.work / "boot"
        make_boot_partition(disk, o.kernel_name, kernel.read_bytes() + o.kernel_more.encode(), initrd, append)
        return ["-drive", f"if=none,id=boot,format=raw,readonly=on,file=fat:{disk}", "-device", "virtio-blk-pci,drive=boot,bootindex=0"]

    def wait_for_socket(self, path):
        self.while_starting(path.exists, path.name)

    def accept(self, listener):
        listener.setblocking(False)
        self.while_starting(lambda: select.select([listener], [], [], 0)[0], "the monitor")
        connection = listener.accept()[0]
        connection.setblocking(True)
        return connection

    def while_starting(self, reached, what):
        until = time.monotonic() + 60
        while not reached():
            if time.monotonic() > until or any(c.poll() is not None for c in self.children):
                raise Stop(FAILED, f"{what}: qemu or swtpm did not start")
            time.sleep(0.02)

    def stream(self, connection):
        while data := connection.recv(65536):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    def serve(self, connection):
        """One line from the guest, one answer: "ok" or "error ..."."""
        for line in connection.makefile("r"):
            verb, *words = line.split()
            try:
                answer = getattr(self, "do_" + verb)(*words) or "ok"
            except Exception as error:  # the guest's script is told, and decides
                answer = f"error {error}"
            connection.sendall(answer.encode() + b"\n")

    def do_ready(self):
        self.booted.set()

    def do_exit(self, code):
        self.exit_code = int(code)

    def do_plug(self, driver, *properties):
        values = dict(p.split("=", 1) for p in properties)
        if driver == "usb-storage":
            self.plugged += 1
            medium = self.work / f"stick{self.plugged}"
            medium.write_bytes(bytes(8 << 20))
            self.qmp.command("blockdev-add", **{"driver": "raw", "node-name": medium.name, "file": {"driver": "file", "filename": str(medium)}})
            values["drive"] = medium.name
        self.qmp.command("device_add", driver=driver, bus="xhci.0", **values)

    def do_unplug(self, device):
        self.qmp.command("device_del", id=device)
        self.qmp.wait_for("DEVICE_DELETED", device)

    def console(self):
        return "the console's end:\n" + (self.work / "console").read_text(errors="replace")[-2000:]

    def wait(self):
        self.wait_until(lambda: self.booted.is_set(), self.options.boot_timeout, "the boot")
        self.wait_until(lambda: False, self.options.timeout, "the script")
        if self.exit_code is None:
            raise Stop(FAILED, "the guest ended without a word; " + self.console())
        return self.exit_code

    def wait_until(self, reached, seconds, what):
        """Until `reached()` or the end of qemu."""
        until = time.monotonic() + seconds
        while self.qemu.poll() is None and not reached():
            if time.monotonic() > until:
                raise Stop(TIMED_OUT, f"{what} took more than {seconds} s; {self.console()}")
            time.sleep(0.05)

    def stop(self):
        for child in reversed(self.children):
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", action="append", default=[], help="a program for the guest's /bin; may be repeated")
    parser.add_argument("--systemd", action="store_true", help="boot into systemd and udevd")
    parser.add_argument("--disk", help="a disk with a whole Debian as the guest's root")
    parser.add_argument("--root", help="a folder whose tree is added to the guest's root, with the libraries of its programs")
    parser.add_argument("--module", action="append", default=[], help="a kernel module beyond the usual ones; may be repeated")
    parser.add_argument("--script", help="what the guest runs with sh; with --disk it is /script there")
    parser.add_argument("--share", help="a folder of the host: /share, read-write")
    parser.add_argument("--state", help="a folder that keeps TPM, CA and disk")
    parser.add_argument("--smbios", action="append", default=[], metavar="type=N,...", help="as qemu's -smbios; may be repeated")
    parser.add_argument("--nvme-serial", default="RACK-NVME-1")
    parser.add_argument("--mac", default="52:54:00:12:34:56")
    parser.add_argument("--append", default="ima_policy=tcb", help="the kernel's command line")
    parser.add_argument("--grub", action="store_true", help="boot from a disk with Debian's signed shim and GRUB")
    parser.add_argument("--secure-boot", action="store_true", help="firmware with Microsoft's keys, and Secure Boot on")
    parser.add_argument("--kernel-name", default="vmlinuz", help="with --grub: the kernel's file name")
    parser.add_argument("--kernel-more", default="", help="with --grub: text behind the kernel's bytes, so that it is another one; Secure Boot refuses it")
    parser.add_argument("--initrd-more", default="", help="text for a file in the initrd, so that it is another one")
    parser.add_argument("--memory", default="1024", help="MiB")
    parser.add_argument("--boot-timeout", type=float, default=180, help="seconds")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for the script")
    options = parser.parse_args()
    if not options.script and not options.disk:
        parser.error("--script is needed")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="rack.", dir="/tmp") as folder:  # short: unix sockets
        work = pathlib.Path(folder)
        rack = Rack(options, work, pathlib.Path(options.state).resolve() if options.state else work / "state")
        rack.state.mkdir(parents=True, exist_ok=True)
        try:
            require_tools()
            if options.systemd:
                require_systemd()
            rack.start()
            return rack.wait()
        except Stop as stop:
            print(f"rack: {'SKIPPED: ' if stop.code == SKIPPED else ''}{stop}", file=sys.stderr)
            return stop.code
        finally:
            rack.stop()


if __name__ == "__main__":
    sys.exit(main())
