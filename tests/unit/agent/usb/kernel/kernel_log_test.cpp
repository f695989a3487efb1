#include "agent/usb/kernel/kernel_log.h"

#include <catch2/catch.hpp>

using namespace assay;
using namespace assay::agent;

namespace {

// As a kernel 6.1 wrote it for a stick that came twice.
std::vector<std::string> log_of_a_stick() {
    return {
        "6,701,12000000,-;usb 1-4: new high-speed USB device number 2 using xhci_hcd\n SUBSYSTEM=usb\n "
        "DEVICE=c189:1\n",
        "6,702,12000001,-;usb 1-4: New USB device found, idVendor=46f4, idProduct=0001, bcdDevice= 0.00\n",
        "6,703,12000002,-;usb 1-4: New USB device strings: Mfr=1, Product=2, SerialNumber=3\n",
        "6,704,12000003,-;usb 1-4: Product: QEMU USB HARDDRIVE\n",
        "6,705,12000004,-;usb 1-4: Manufacturer: QEMU\n",
        "6,706,12000005,-;usb 1-4: SerialNumber: STICK-1\n",
        "6,707,13000000,-;usb 1-4: USB disconnect, device number 2\n",
        "6,708,14000000,-;usb 1-4: new high-speed USB device number 3 using xhci_hcd\n",
        "4,709,15000000,-;e1000e: eth0 NIC Link is Up\n"};
}

}  // namespace

TEST_CASE("each device that the kernel announced is told of, with what it said of it") {
    const auto traces = usb_traces(log_of_a_stick(), 0);
    REQUIRE(traces.size() == 2);
    CHECK(traces[0] == UsbTrace{12'000, "1-4", 2, "46f4", "0001", "QEMU", "QEMU USB HARDDRIVE", "STICK-1"});
    CHECK(traces[1].devnum == 3);
    CHECK(traces[1].serial.empty());
}

TEST_CASE("what was announced before is not told of again") {
    CHECK(usb_traces(log_of_a_stick(), 13'000).size() == 1);
    CHECK(usb_traces(log_of_a_stick(), 14'001).empty());
}

TEST_CASE("what is no record of the kernel's log is passed over") {
    for (const std::string line :
         {"", ";", "6,1;usb 1-4: new x USB device number 2 using y",
          "6,1,x,-;usb 1-4: new x USB device number 2 using y", "6,1,1,-;usb 1-4 new",
          "6,1,1,-;usb 1-4: new x USB device number x using y", "6,1,1,-;Product: x"})
        CHECK(usb_traces({line}, 0).empty());
}

TEST_CASE("hostile text in a device's strings is shown as what it is") {
    const auto traces = usb_traces({"6,1,1000,-;usb 1-4: new full-speed USB device number 2 using xhci_hcd\n",
                                    "6,2,1000,-;usb 1-4: Product: \x1b[2J\n"},
                                   0);
    REQUIRE(traces.size() == 1);
    CHECK(traces[0].name.find('\x1b') == std::string::npos);
}
