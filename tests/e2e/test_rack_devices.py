"""What a journal says of devices beyond the plain stick: a hub with two, one that becomes another, a cable that wiggles, one that
came during the boot."""
import json
import unittest

from harness import VERDICTS, cbor, need
from rack_server import ENROL
from rack_site import RackSite

GADGET = "dummy_hcd libcomposite usb_f_mass_storage usb_f_hid usb_f_ecm cdc_ether".split()

# The agent starts while a stick is being plugged in.
BOOTING = ENROL.replace("$agent run", """rack plug usb-storage id=early serial=STICK-BEFORE-0001
(rack plug usb-storage id=during serial=STICK-DURING-0002; touch /tmp/during) &
$agent run""").replace("\nstep()", "\nagent_pid=$!\nstep()").replace("kill -0 $!", "kill -0 $agent_pid")

# A gadget of the kernel's own, on a bus that is one: it can say of itself what it likes.
GUEST = """
until [ -e /tmp/during ]; do usleep 100000; done
mount -t configfs config /sys/kernel/config
G=/sys/kernel/config/usb_gadget/g
mkdir $G && cd $G && mkdir strings/0x409 configs/c.1 functions/mass_storage.0 functions/hid.0 functions/ecm.0
echo 0x1d6b >idVendor; echo 0x0104 >idProduct
echo BADUSB-0003 >strings/0x409/serialnumber; echo Nobody >strings/0x409/manufacturer; echo Stick >strings/0x409/product
dd if=/dev/zero of=/tmp/disk bs=1M count=4 2>/dev/null; echo /tmp/disk >functions/mass_storage.0/lun.0/file
echo 1 >functions/hid.0/protocol; echo 1 >functions/hid.0/subclass; echo 8 >functions/hid.0/report_length
printf '\\x05\\x01\\x09\\x06\\xa1\\x01\\x05\\x07\\x19\\xe0\\x29\\xe7\\x15\\x00\\x25\\x01\\x75\\x01\\x95\\x08\\x81\\x02\\xc0' >functions/hid.0/report_desc
there() {{ grep -lx "$1" /sys/bus/usb/devices/*/serial 2>/dev/null; }}
bound() {{ ls -d $(dirname $(there $1))/*:*/driver 2>/dev/null | wc -l; }}
in_port() {{ echo dummy_udc.0 >UDC; }}
out_of_port() {{ echo >UDC; while there BADUSB-0003 >/dev/null; do usleep 50000; done; }}

step hub
rack plug usb-hub id=hub serial=HUB-0004 port=4
rack plug usb-storage id=a serial=STICK-A-0005 port=4.1
rack plug usb-storage id=b serial=STICK-B-0006 port=4.2
until there STICK-A-0005 && there STICK-B-0006; do usleep 100000; done >/dev/null

step badusb
ln -s functions/mass_storage.0 functions/hid.0 configs/c.1/
in_port && until there BADUSB-0003 && [ $(bound BADUSB-0003) = 2 ]; do usleep 100000; done >/dev/null
step becomes
out_of_port; rm configs/c.1/*.0 && ln -s functions/ecm.0 configs/c.1/
in_port && until there BADUSB-0003 && ls /sys/class/net | grep -q usb; do usleep 100000; done >/dev/null
out_of_port

step wiggle
echo WIGGLE-0007 >strings/0x409/serialnumber
for i in 1 2 3 4 5 6 7 8 9 10; do
    in_port; until there WIGGLE-0007; do usleep 50000; done >/dev/null
    echo >UDC; while there WIGGLE-0007; do usleep 50000; done >/dev/null
done
until assay-agent journal verify | grep -q storm; do sleep 1; done # it ends when nothing came for a while
touch /share/wiggled

step end
assay-agent collect --out /share/end.bundle && touch /share/ended
step done
"""


class DevicesOfAllSorts(RackSite):
    enrol, guest = BOOTING, GUEST

    @classmethod
    def rack_options(cls):
        return [*super().rack_options(), *(word for module in GADGET for word in ("--module", module))]

    def step(self, name):
        (self.share / name).touch()

    def sightings(self, serial, kinds):
        told = lambda: [sighting["kind"] for sighting in self.verifier.assay_json("device", "show", serial, codes=VERDICTS)]
        self.wait(lambda: serial in json.dumps(self.verifier.assay_json("devices")) and told() == kinds, f"{serial}: {kinds}", 120)

    def test_1_a_hub_with_two_sticks_is_three_devices(self):
        self.step("hub")
        self.sightings("STICK-A-0005", ["insert"])
        self.sightings("STICK-B-0006", ["insert"])

    def test_2_a_stick_that_comes_back_as_a_network_adapter_is_told_as_both_and_judged_as_morphing(self):
        self.step("badusb")
        self.sightings("BADUSB-0003", ["insert"])
        self.step("becomes")
        morphing = lambda: [v for v in self.verifier.assay_json("accompaniment", "rack-1", codes=VERDICTS) if v["outcome"] == "MORPHING"]
        [verdict] = self.wait(morphing, "a verdict of morphing", 120)
        self.assertEqual(verdict["severity"], "critical")

    def test_3_a_cable_that_wiggles_is_a_few_records_and_one_that_counts_the_rest(self):
        self.step("wiggle")
        self.wait((self.share / "wiggled").exists, "the record of the storm", 240)

    def records(self, file):
        journal = cbor(cbor(file.read_bytes())[0]["evidence"]["sections"]["journal"])[0]
        return [cbor(raw)[0] for raw in journal["records"]]

    def test_4_the_journal_has_exactly_these_records(self):
        self.step("end")
        self.wait((self.share / "ended").exists, "the whole journal", 120)
        records = self.records(self.share / "end.bundle")
        about = lambda text: [record for record in records if text in (record.get("device") or {}).get("serial", "")]
        kinds = lambda text: [record["kind"] for record in about(text)]
        self.assertEqual(kinds("STICK-BEFORE-0001"), ["present"])
        self.assertEqual(about("STICK-BEFORE-0001")[0]["provenance"], "coldplug")
        self.assertIn(kinds("STICK-DURING-0002"), (["present"], ["insert"]))

        a, b = about("STICK-A-0005"), about("STICK-B-0006")
        ports = [record["device"]["port_path"] for record in (*a, *b)]
        [hub] = [record for record in records if (record.get("device") or {}).get("port_path") == ports[0].rsplit(".", 1)[0]]
        self.assertEqual((hub["kind"], [r["kind"] for r in (*a, *b)]), ("insert", ["insert", "insert"]))
        self.assertEqual(ports, [hub["device"]["port_path"] + ".1", hub["device"]["port_path"] + ".2"])

        bad = about("BADUSB-0003")
        self.assertEqual([record["kind"] for record in bad], ["insert", "remove", "insert", "remove"])
        self.assertEqual(len({record["device"]["port_path"] for record in bad}), 1)
        before, after = bad[0]["device"], bad[2]["device"]
        self.assertEqual(before["drivers"], ["usb-storage", "usbhid"])
        self.assertIn("cdc_ether", after["drivers"])
        self.assertNotEqual(before["descriptors"], after["descriptors"])
        self.assertEqual({child["kind"] for child in bad[1]["use"]["children"]} & {"block", "input"}, {"block", "input"})
        self.assertIn("net", {child["kind"] for child in bad[3]["use"]["children"]})

        # Some went before their serial number could be read: the port tells them.
        wiggle = [record for record in records if record["sequence"] > bad[3]["sequence"]
                  and (record.get("device") or {}).get("port_path") == before["port_path"]]
        storms = [record for record in wiggle if record["kind"] == "storm"]
        single = [record for record in wiggle if record["kind"] in ("insert", "remove")]
        self.assertEqual(len(storms), 1)
        self.assertEqual(len(single) + storms[0]["count"], 20, [record["kind"] for record in wiggle])
        self.assertFalse([record for record in records if record["kind"] == "gap"])
        self.assertEqual([record["sequence"] for record in records], list(range(1, len(records) + 1)))


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "qemu-system-x86_64", "busybox", "openssl")
    unittest.main(verbosity=2)
