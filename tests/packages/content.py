#!/usr/bin/env python3
"""What is in the packages: content.py DIR. `ASSAY_REBASELINE=1` writes the lists of files anew."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
PACKAGES = ("assay", "assay-agent", "assay-vendor-db", "assay-verifier")
PROGRAMS = ("assay", "assay-agent", "assay-verifier")
FOLDER = None


def run(*words, **more):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, **more)


def package(name):
    found = list(FOLDER.glob(f"{name}_*.deb"))
    assert len(found) == 1, f"{FOLDER}: expected one package {name}, found {len(found)}"
    return found[0]


def unpacked(name, folder):
    run("dpkg-deb", "-x", package(name), folder, check=True)
    return pathlib.Path(folder)


class Content(unittest.TestCase):
    def test_each_package_has_the_files_of_its_list_with_their_modes_and_owners(self):
        for name in PACKAGES:
            with self.subTest(name):
                listed = run("dpkg-deb", "-c", package(name), check=True).stdout.splitlines()
                # Mode, owner, name; the date is that of the changelog and the size the compiler's.
                lines = [re.sub(r"^(\S+) (\S+) +\d+ \S+ \S+ \./(.*)$", r"\1 \2 /\3", line) for line in listed]
                if name == "assay-vendor-db":  # one line a folder: makers come and go
                    lines = sorted({re.sub(r"/[^/ ]+\.(toml|pem|crl)$", r"/*.\1", line) for line in lines})
                golden = HERE / "golden" / f"{name}.list"
                if os.environ.get("ASSAY_REBASELINE"):
                    golden.write_text("\n".join(lines) + "\n")
                self.assertEqual(golden.read_text().splitlines(), lines)

    def test_nothing_in_a_package_belongs_to_a_user_or_may_be_written_by_others(self):
        for name in PACKAGES:
            for line in run("dpkg-deb", "-c", package(name), check=True).stdout.splitlines():
                mode, owner, *_ = line.split()
                self.assertEqual(owner, "root/root", line)
                self.assertTrue(mode.startswith("l") or mode[8] == "-", line)

    def test_lintian_has_no_error_and_no_warning(self):
        if shutil.which("lintian") is None:
            self.skipTest("SKIPPED: lintian is not installed")
        done = run("lintian", "--fail-on", "error,warning", "--allow-root", "--no-tag-display-limit", *map(package, PACKAGES))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_package_depends_on_what_its_program_loads_only_when_it_needs_it(self):
        wanted = {"assay": ("libcurl4", "libp11-kit0"), "assay-agent": ("libcurl4", "libp11-kit0", "libtss2-tcti-device0"), "assay-verifier": ("libcurl4",)}
        for name, libraries in wanted.items():
            depends = run("dpkg-deb", "-f", package(name), "Depends", check=True).stdout
            for library in libraries:
                self.assertRegex(depends, rf"(^|, ){library}\b")

    def test_a_programs_bill_of_materials_names_each_library_with_its_version(self):
        for name in PROGRAMS:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                root = unpacked(name, folder)
                bill = json.loads((root / f"usr/share/doc/{name}/sbom.cdx.json").read_text())
                self.assertEqual((bill["bomFormat"], bill["specVersion"]), ("CycloneDX", "1.5"))
                components = {component["name"]: component for component in bill["components"]}
                needed = re.findall(r"\(NEEDED\).*\[(.+?)\]", run("readelf", "-dW", root / "usr/bin" / name, check=True).stdout)
                self.assertGreater(len(components), len({library.split(".so")[0] for library in needed}) / 2)
                for library in ("libssl3", "libstdc++6", "libcurl4", "nlohmann-json3-dev"):
                    self.assertTrue(components[library]["version"], library)
                self.assertEqual(bill["metadata"]["component"]["version"], re.match(r"[\d.]+", package(name).name.split("_")[1])[0])

    def test_the_programs_are_hardened_as_a_release_is(self):
        with tempfile.TemporaryDirectory() as folder:
            programs = [unpacked(name, folder) / "usr/bin" / name for name in PROGRAMS]
            done = run(sys.executable, "-B", SOURCE / "tests/hardening/hardening.py", *programs)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_each_unit_names_a_manual_that_its_package_has(self):
        for name in ("assay-agent", "assay-verifier"):
            with tempfile.TemporaryDirectory() as folder:
                root = unpacked(name, folder)
                units = [*root.glob("lib/systemd/system/*.service"), *root.glob("lib/systemd/system/*.socket")]
                self.assertTrue(units)
                for unit in units:
                    for page, section in re.findall(r"man:([\w.-]+)\((\d)\)", unit.read_text()):
                        self.assertTrue((root / f"usr/share/man/man{section}/{page}.{section}.gz").exists(), f"{unit.name}: {page}({section})")


if __name__ == "__main__":
    named = sys.argv.pop(1)
    FOLDER = pathlib.Path(os.environ.get("ASSAY_PACKAGES") or named)
    if not list(FOLDER.glob("assay*.deb")):
        print(f"SKIPPED: no packages in {FOLDER}")
        sys.exit(77)
    unittest.main(verbosity=2)
