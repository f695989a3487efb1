#!/usr/bin/env python3
"""What a program is made of, as a CycloneDX 1.5 document: sbom.py PROGRAM

The libraries that it asks the loader for, and those that are compiled into it (headers alone, static), each as the Debian package with
the version that it was built with. The same build gives the same bytes: the time is SOURCE_DATE_EPOCH, and the serial number is made
from the content."""
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import uuid

# Compiled in: no name of them is left in the program. Debian's development packages, as the build needs them.
COMPILED_IN = ("libboost1.81-dev", "libcli11-dev", "nlohmann-json3-dev", "libsoci-dev", "libtomlplusplus-dev", "libhowardhinnant-date-dev")
# Asked for at their first use (client/lazy_library.h), so the loader's list has not got them.
LOADED_LATER = {"libcurl.so.4": "libcurl.so.4", "libp11-kit.so.0": "libp11-kit.so.0", "libtss2-tcti-device.so.0": "libtss2-tctildr.so.0"}


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def package_of(library):
    """Debian's package of a library, such as "libssl3:amd64"; fails where there is none: a document with a hole would say less than none."""
    for folder in run("gcc", "-print-multiarch").split() + [""]:
        for root in ("/lib", "/usr/lib"):
            path = pathlib.Path(root, folder, library)
            if not path.exists():
                continue
            for name in (path, pathlib.Path(str(path).removeprefix("/usr")), path.resolve()):
                found = subprocess.run(["dpkg-query", "-S", str(name)], capture_output=True, text=True)
                if found.returncode == 0:
                    return found.stdout.split(": ")[0].split(",")[0]
    sys.exit(f"sbom: expected a Debian package with {library}, found none; install it and build again")


def component(package, how):
    fields = run("dpkg-query", "-W", "-f", "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}", package).split("\t")
    name, version, architecture, source, source_version = fields
    return {
        "type": "library", "bom-ref": f"{name}_{version}_{architecture}", "name": name, "version": version,
        "purl": f"pkg:deb/debian/{name}@{version.replace('+', '%2B').replace(':', '%3A')}?arch={architecture}",
        "properties": [{"name": "assay:linked", "value": how}, {"name": "assay:source", "value": f"{source} {source_version}"}],
    }


def main():
    program = pathlib.Path(sys.argv[1])
    needed = re.findall(r"\(NEEDED\).*\[(.+?)\]", run("readelf", "-dW", program))
    names = program.read_bytes()
    later = [library for library, trace in LOADED_LATER.items() if library.encode() in names or trace in needed]
    components = {}
    for how, packages in (("compiled in", COMPILED_IN), ("loaded when asked for", map(package_of, later)), ("loader", map(package_of, needed))):
        for package in packages:
            one = component(package, how)
            components[one["bom-ref"]] = one
    version = re.search(r'kVersion = "(.+?)"', (pathlib.Path(__file__).parent.parent / "evidence/base/version.h").read_text())[1]
    subject = {"type": "application", "bom-ref": program.name, "name": program.name, "version": version}
    listed = [components[key] for key in sorted(components)]
    content = json.dumps([subject, listed], sort_keys=True).encode()
    time = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), datetime.timezone.utc)
    print(json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.UUID(bytes=hashlib.sha256(content).digest()[:16], version=4)}",
        "metadata": {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": subject},
        "components": listed,
        "dependencies": [{"ref": program.name, "dependsOn": [one["bom-ref"] for one in listed]}],
    }, indent=1))


if __name__ == "__main__":
    main()
