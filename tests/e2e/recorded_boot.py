"""Measures the boot of a recorded machine into a software TPM, so that the recorded event log replays to the TPM's PCRs."""
import struct

from harness import run

LOG = "files/sys/kernel/security/tpm0/binary_bios_measurements"
SIZES = {0x4: 20, 0xb: 32, 0xc: 48, 0xd: 64}
SHA256 = 0xb
NO_ACTION = 3


def events(log):
    """(PCR, SHA-256) of each event that extends one: PC Client Platform Firmware Profile, crypto-agile format."""
    _, _, _, size = struct.unpack_from("<II20sI", log)
    at = 32 + size
    while at < len(log):
        pcr, kind, count = struct.unpack_from("<III", log, at)
        at += 12
        digests = {}
        for _ in range(count):
            [algorithm] = struct.unpack_from("<H", log, at)
            digests[algorithm] = log[at + 2:at + 2 + SIZES[algorithm]]
            at += 2 + SIZES[algorithm]
        [size] = struct.unpack_from("<I", log, at)
        at += 4 + size
        if kind != NO_ACTION:
            yield pcr, digests[SHA256].hex()


def measure(machine, tcti):
    """`machine`: the recorded folder. Its TPM has to be fresh."""
    log = (machine / LOG).read_bytes()
    run("tpm2_pcrextend", "-T", tcti, *(f"{pcr}:sha256={digest}" for pcr, digest in events(log)))


