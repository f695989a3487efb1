"""A reviewer of verdicts: reads a finding, finds out who was there, and says what came of it."""
import time
import unittest

from harness import need
from journey import Journey
from journey_site import AccompaniedSite

# The recording has its stick come some seconds before it attests.
RECORDED_BEFORE_S = 6


class Reviewer(AccompaniedSite, Journey):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first_host("rack-7")

    def test_1_the_finding_is_read(self):
        self.follow("docs/howto/read-a-finding.md")

    def test_2_the_matter_is_acknowledged_and_so_is_an_update_of_many_hosts(self):
        bios = self.at / "recorded/files/sys/firmware/dmi/tables/DMI"
        self.assertIn(b"05.02.00", bios.read_bytes())
        bios.write_bytes(bios.read_bytes().replace(b"05.02.00", b"05.03.00"))
        self.do("sudo systemctl restart assay-agent")
        self.follow("docs/howto/acknowledge-a-finding.md")
        self.assertIn("INC-88", self.do("assay findings acks"))
        self.assertIn("CHG-12", self.do("assay findings acks"))

    def test_3_who_was_there_is_asked_with_a_directory_orders_badges_and_both_signatures(self):
        # What came before the first directory is not judged by it, so the stick comes into another server, afterwards.
        self.machine("rack-9", "rack-7")
        self.prepare("rack-9")
        self.do("assay token rack-9 >token && assay-agent enrol --token-file token --name rack-9")
        self.judge_device_use()
        time.sleep(RECORDED_BEFORE_S)
        self.do("sudo systemctl start assay-agent")
        host = {"rack-7": "rack-9"}
        self.follow("docs/howto/judge-device-use.md#at-the-rack-both-sign", host)
        _, event, *_, judged = self.follow("docs/howto/judge-device-use.md#what-came-of-it", host)
        # The feeds are not complete up to the event yet, and whoever judges the files again comes to the same.
        self.assertIn("UNDETERMINED(A1,A3,A4,A5)", event)
        self.assertIn("A6 the device is allowed     true     named", event)
        self.assertIn("UNDETERMINED(A1,A3,A4,A5)", judged)


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca", "tpm2_pcrextend", "curl", "jq", "openssl")
    unittest.main(verbosity=2, failfast=True)
