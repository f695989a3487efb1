#!/usr/bin/env python3
"""The service's agent in a virtual rack server: what it costs when nothing happens, and in a burst of 20,000 events. Prints JSON.

usage: tests/bench/agent_in_rack.py [--build DIR]

Wake-ups are the voluntary context switches of all its threads in 120 s without an attestation; memory is of /proc/PID/smaps_rollup.
"""
import argparse
import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
GUEST = """
agent_pid=$!
switches() {{ cat /proc/$agent_pid/task/*/status | awk '/^voluntary/ {{ n += $2 }} END {{ print n }}'; }}
memory() {{ awk '/^(Rss|Private_Clean|Private_Dirty):/ {{ print $1, $2 }}' /proc/$agent_pid/smaps_rollup; grep VmHWM /proc/$agent_pid/status; }}
step idle && sleep 10
before=$(switches); sleep 120; echo $(($(switches) - before)) >/share/wake-ups
memory >/share/idle-memory
find /sys/devices -name uevent | head -n 200 >/tmp/files
seq_before=$(cat /sys/kernel/uevent_seqnum)
for i in $(seq 125); do for file in $(cat /tmp/files); do echo change >$file; done; done
echo $(($(cat /sys/kernel/uevent_seqnum) - seq_before)) >/share/sent
rack plug usb-storage id=after serial=AFTER-THE-BURST
sleep 15; memory >/share/burst-memory
assay-agent journal verify >/share/journal; touch /share/measured
step done
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    os.environ["ASSAY_BIN"] = str(parser.parse_args().build.resolve())
    sys.path.insert(0, str(ROOT / "tests" / "e2e"))
    from rack_server import ENROL, RackServer

    class Measured(RackServer):
        enrol, guest = ENROL, GUEST

    Measured.setUpClass()
    try:
        (Measured.share / "idle").touch()
        Measured.wait((Measured.share / "measured").exists, "the measurement", 290)
        text = {name: (Measured.share / name).read_text() for name in ("wake-ups", "idle-memory", "sent", "burst-memory", "journal")}
        print(json.dumps({name: value.split("\n") for name, value in text.items()}, indent=1))
    finally:
        Measured.doClassCleanups()


if __name__ == "__main__":
    sys.exit(main())
