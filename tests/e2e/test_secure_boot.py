"""A fleet's Secure Boot over the real protocol: recorded hosts on software TPMs that measured what their logs say, and some that did not."""
import hashlib
import json
import shutil
import struct
import unittest
import uuid

from harness import SOURCE, VERDICTS, Agent, Site, SoftwareTpm, need, run

LOG = "sys/kernel/security/tpm0/binary_bios_measurements"
GLOBAL, DATABASE = uuid.UUID("8be4df61-93ca-11d2-aa0d-00e098032b8c"), uuid.UUID("d719b2cb-3d3a-4596-a3bc-dad00e67656f")
X509, OWNER = uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072"), uuid.UUID("77fa9abd-0359-4d32-bd60-28f4e78f784b")
SEPARATOR, ACTION, DRIVER_CONFIG, APPLICATION, AUTHORITY = 4, 0x80000007, 0x80000001, 0x80000003, 0x800000E0


def variable(guid, name, data):
    return guid.bytes_le + struct.pack("<QQ", len(name), len(data)) + name.encode("utf-16-le") + data


def signature_list(certificate):
    return X509.bytes_le + struct.pack("<III", 28 + 16 + len(certificate), 0, 16 + len(certificate)) + OWNER.bytes_le + certificate


def image_load(path):
    name = path.encode("utf-16-le") + b"\0\0"
    nodes = struct.pack("<BBH", 4, 4, 4 + len(name)) + name + struct.pack("<BBH", 0x7F, 0xFF, 4)
    return struct.pack("<QQQQ", 0x1000, 0x2000, 0, len(nodes)) + nodes


def boot(certificates, by, path="\\EFI\\debian\\shimx64.efi"):
    """Events (PCR, type, data, what is measured) of a boot whose loader `by` let in; None: no event names it."""
    events = [(7, DRIVER_CONFIG, variable(GLOBAL, "SecureBoot", b"\1"), None)]
    for guid, name in ((GLOBAL, "PK"), (GLOBAL, "KEK"), (DATABASE, "db")):
        events.append((7, DRIVER_CONFIG, variable(guid, name, b"".join(map(signature_list, certificates))), None))
    events.append((7, DRIVER_CONFIG, variable(DATABASE, "dbx", b""), None))
    events.append((4, ACTION, b"Calling EFI Application from Boot Option", None))
    events += [(pcr, SEPARATOR, bytes(4), None) for pcr in range(8)]
    if by is not None:
        events.append((7, AUTHORITY, variable(DATABASE, "db", OWNER.bytes_le + by), None))
    events.append((4, APPLICATION, image_load(path), path.encode()))
    return events


def log_of(events):
    """TCG_PCR_EVENT2 with SHA-256 alone, and (PCR, digest) of what a TPM extends."""
    spec = b"Spec ID Event03\0" + struct.pack("<IBBBBI", 1, 0, 2, 0, 2, 1) + struct.pack("<HH", 0x0B, 32) + b"\0"
    out, extended = struct.pack("<II20sI", 0, 3, bytes(20), len(spec)) + spec, []
    for pcr, kind, data, measured in events:
        digest = hashlib.sha256(data if measured is None else measured).digest()
        out += struct.pack("<IIIH", pcr, kind, 1, 0x0B) + digest + struct.pack("<I", len(data)) + data
        extended.append((pcr, digest.hex()))
    return out, extended


class SecureBootOfAFleet(Site):
    @classmethod
    def setUpClass(cls):
        need("tpm2_pcrextend", "swtpm", "swtpm_setup", "swtpm_localca", "openssl")
        super().setUpClass()
        cls.old, cls.new = (cls.certificate(name) for name in ("Old Boot CA", "New Boot CA"))
        both = [cls.old, cls.new]
        cls.host("by-old", boot(both, cls.old))
        cls.host("by-new", boot(both, cls.new))
        cls.host("says-nothing", boot(both, None))
        cls.host("lies", boot(both, cls.old), shown=boot(both, cls.new))
        cls.host("no-log", None)

    @classmethod
    def certificate(cls, name):
        key, made = cls.folder / "key", cls.folder / f"{name}.der"
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", f"/CN={name}", "-days", "30", "-outform",
            "DER", "-out", made)
        return made.read_bytes()

    @classmethod
    def host(cls, name, measured, shown=None):
        """Its TPM extends `measured`, and its log is of that, or of `shown`."""
        tpm = SoftwareTpm(cls.folder, name=f"t-{name}")
        cls.stack.callback(tpm.stop)
        machine = cls.folder / f"m-{name}"
        shutil.copytree(SOURCE / "tests" / "recorded" / "rack-8", machine)
        log = machine / "files" / LOG
        if measured is None:
            log.unlink(missing_ok=True)
        else:
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_bytes(log_of(shown or measured)[0])
            for pcr, digest in log_of(measured)[1]:
                run("tpm2_pcrextend", "-T", tpm.tcti, f"{pcr}:sha256={digest}")
        agent = Agent(cls.folder, cls.verifier, tpm.tcti, name=f"a-{name}", recorded=machine)
        agent.enrol(name)
        agent("attest", "--json", codes=VERDICTS)

    def ask(self, *options):
        return self.verifier.assay_json("fleet", "secure-boot", *options)

    def by_host(self, *options):
        return {host["host"]: host for host in self.ask(*options)["hosts"]}

    def test_what_a_quote_vouches_for_is_known_and_why_the_rest_is_not(self):
        answer = self.ask()
        hosts = {host["host"]: host for host in answer["hosts"]}
        self.assertEqual({name: host["known"] for name, host in hosts.items()},
                         {"by-old": "quoted", "by-new": "quoted", "says-nothing": "quoted", "lies": "not-vouched", "no-log": "no-log"})
        self.assertEqual(answer["all"]["known"]["quoted"], 3)
        self.assertEqual(answer["all"]["secure_boot"], {"on": 3, "off": 0, "unknown": 2})
        self.assertIsNone(hosts["lies"]["secure_boot"])
        [model] = answer["models"]
        self.assertEqual({(row["variable"], row["subject"]): row["hosts"] for row in model["certificates"]},
                         {(variable, f"CN={name} Boot CA"): 3 for variable in ("db", "KEK") for name in ("Old", "New")})

    def test_a_revoked_certificate_stops_who_booted_by_it_and_unknown_is_never_safe(self):
        hosts = self.by_host("--if-revoked", hashlib.sha256(self.old).hexdigest())
        self.assertEqual({name: host["after"]["outcome"] for name, host in hosts.items()},
                         {"by-old": "stops", "by-new": "not-named", "says-nothing": "unknown", "lies": "unknown", "no-log": "unknown"})
        self.assertIn("shimx64.efi", hosts["by-old"]["after"]["loaded"][0])

    def test_a_revoked_image_stops_who_loaded_it(self):
        image = hashlib.sha256(b"\\EFI\\debian\\shimx64.efi").hexdigest()
        answer = self.ask("--if-revoked", image)
        self.assertEqual(answer["if_revoked"]["read_as"], "image")
        self.assertEqual(answer["all"]["after"], {"stops": 3, "not-named": 0, "not-enforced": 0, "unknown": 2})

    def test_people_read_the_same_and_a_name_that_nobody_knows_is_refused_with_those_that_are_known(self):
        text = self.verifier.assay("fleet", "secure-boot", "--if-revoked", hashlib.sha256(self.old).hexdigest()).stdout
        self.assertIn("Secure Boot of 5 hosts: 3 known by a quote, 2 not", text)
        self.assertIn("1 would not boot what they booted last", text)
        self.assertIn("3 CANNOT TELL", text)
        refused = self.verifier.assay("fleet", "secure-boot", "--if-revoked", "Some CA", codes=(1, 2))
        self.assertIn("Windows UEFI CA 2023", refused.stderr)

    def test_a_page_ends_with_the_host_that_the_next_begins_behind(self):
        first = self.ask("--limit", "2")
        self.assertEqual([host["host"] for host in first["hosts"]], ["by-new", "by-old"])
        second = self.ask("--limit", "10", "--after", first["next"])
        self.assertEqual([host["host"] for host in second["hosts"]], ["lies", "no-log", "says-nothing"])
        self.assertIsNone(second["next"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
