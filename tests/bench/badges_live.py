#!/usr/bin/env python3
"""Imports many badge rows through HTTPS into a real verifier on SQLite, with real processes; prints JSON.

usage: tests/bench/badges_live.py [--rows N] [--build DIR]

One import is killed with SIGKILL halfway and run again; a second verifier gets the same file in one go. Both must hold the
same rows. Rows per second are of the whole run without a kill, its start and reading the file included; memory is the peak resident
set of each process.
"""
import argparse
import hashlib
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = "event_id,feed_pos,person_id,credential_id,reader_id,zone_from,zone_to,direction,result,occurred_at,received_at\n"
MAPPING = ROOT / "verifier" / "inputs" / "mappings" / "assay.toml"
PERIOD = 90 * 86400  # seconds that the rows are spread over


def write_rows(file, count):
    start = time.time() - PERIOD
    with open(file, "w") as out:
        out.write(HEADER)
        for number in range(count):
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(start + number * PERIOD / count))
            zone, person = f"room-{number % 20}", number % 2000
            inside = number // 2000 % 2 == 0
            out.write(f"{number},{number},p-{person},b-{person},r-{number % 40},{'' if inside else zone},{zone if inside else ''},"
                      f"{'in' if inside else 'out'},granted,{at},\n")


def peak_kib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1))


def database(verifier):
    return next(path for path in verifier.state.rglob("*") if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3")


def rows_of(verifier):
    with sqlite3.connect(f"file:{database(verifier)}?mode=ro", uri=True) as connection:
        return connection.execute("SELECT COUNT(*) FROM badge_rows").fetchone()[0]


def state_of(verifier):
    """SHA-256 of what the rows are; when they were stored is not in it."""
    digest = hashlib.sha256()
    with sqlite3.connect(f"file:{database(verifier)}?mode=ro", uri=True) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(badge_rows)") if not row[1].startswith(("stored", "received"))]
        for row in connection.execute(f"SELECT {', '.join(columns)} FROM badge_rows ORDER BY source, event_id"):
            digest.update(repr(row).encode())
    return digest.hexdigest()


class Import:
    def __init__(self, verifier, build, file):
        command = [build / "assay", "--config", verifier.state / "operator" / "config.toml", "badges", "import", file, "--mapping", MAPPING]
        self.start = time.monotonic()
        self.process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait(self):
        _, status, usage = os.wait4(self.process.pid, 0)
        if status != 0:
            raise SystemExit(f"the import ended with status {status}")
        return {"seconds": round(time.monotonic() - self.start, 1), "client_peak_mib": round(usage.ru_maxrss / 1024, 1)}

    def kill_at(self, verifier, rows):
        while rows_of(verifier) < rows and self.process.poll() is None:
            time.sleep(0.05)
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    options = parser.parse_args()
    build = options.build.resolve()
    os.environ["ASSAY_BIN"] = str(build)
    sys.path.insert(0, str(ROOT / "tests" / "e2e"))
    from harness import Verifier

    with tempfile.TemporaryDirectory(prefix="assay-bench.") as name:
        folder = pathlib.Path(name)
        file = folder / "rows.csv"
        write_rows(file, options.rows)
        verifiers = {}
        for which in ("whole", "killed"):
            (folder / which).mkdir()
            verifiers[which] = Verifier(folder / which)
        try:
            answer = {"rows": options.rows, **Import(verifiers["whole"], build, file).wait()}
            answer["rows_per_second"] = round(options.rows / answer["seconds"])
            answer["verifier_peak_mib"] = round(peak_kib(verifiers["whole"].process.pid) / 1024, 1)
            answer["database_mib"] = round(database(verifiers["whole"]).stat().st_size / 2**20)
            Import(verifiers["killed"], build, file).kill_at(verifiers["killed"], options.rows // 2)
            answer["rows_at_the_kill"] = rows_of(verifiers["killed"])
            answer["again_seconds"] = Import(verifiers["killed"], build, file).wait()["seconds"]
            answer["same_state"] = state_of(verifiers["whole"]) == state_of(verifiers["killed"]) and rows_of(verifiers["whole"]) == options.rows
        finally:
            for verifier in verifiers.values():
                verifier.stop()
    print(json.dumps(answer, indent=2))
    return 0 if answer["same_state"] else 1


if __name__ == "__main__":
    sys.exit(main())
