#include "agent/usb/device_uses.h"

#include <catch2/catch.hpp>

#include "tests/unit/agent/usb/builder.h"

using namespace assay;
using namespace assay::agent;

namespace {

const std::string kStick = std::string(test::kBus) + "/1-4";
const std::string kDisk = kStick + "/1-4:1.0/host2/target2:0:0/2:0:0:0/block/sda";

struct Used {
    test::FakeHost host;
    DeviceUses uses{host};

    Used() {
        uses.arrived(kStick, 1000);
        host.files["/sys" + kDisk + "/size"] = "16384\n";
        host.files["/sys" + kDisk + "/stat"] = "10 0 80 5 0 0 0 0 0 5 5\n";
        event("add", "block", kDisk, "disk");
    }
    void event(const std::string& action, const std::string& subsystem, const std::string& devpath,
               const std::string& devtype = "") {
        Uevent event;
        event.action = action;
        event.subsystem = subsystem;
        event.devpath = devpath;
        event.devtype = devtype;
        uses.child(event);
    }
    void mount(const std::string& where) {
        host.links["/sys/dev/block/8:1"] = "/sys" + kDisk + "/sda1";
        host.files["/proc/self/mountinfo"] = "22 1 0:21 / /sys rw - sysfs sysfs rw\n30 1 8:1 / " + where +
                                             " rw,relatime - vfat /dev/sda1 rw\n";
    }
};

}  // namespace

TEST_CASE("the disk that the kernel makes of a stick is the stick's, with its size") {
    Used used;
    const auto use = used.uses.of(kStick, 4000);
    REQUIRE(use);
    REQUIRE(use->children.size() == 1);
    CHECK(use->children[0] == DeviceChild{"block", "sda", "", 16'384 * 512});
    CHECK(use->present_ms == 3000);
    CHECK(use->bytes_read == 80 * 512);
}

TEST_CASE("what was read and written is as last counted, also when the disk is gone first") {
    Used used;
    used.host.files["/sys" + kDisk + "/stat"] = "10 0 800 5 4 0 2048 0 0 5 5\n";
    static_cast<void>(used.uses.sample());
    used.host.files.erase("/sys" + kDisk + "/stat");
    used.event("remove", "block", kDisk, "disk");
    CHECK_FALSE(used.uses.pause());
    const auto use = used.uses.left(kStick, 9000);
    REQUIRE(use);
    CHECK(use->bytes_read == 800 * 512);
    CHECK(use->bytes_written == 2048 * 512);
    CHECK_FALSE(used.uses.of(kStick, 9000));
}

TEST_CASE("a mount point is told of once, with blanks in its name") {
    Used used;
    used.mount("/media/my\\040stick");
    CHECK(used.uses.sample() == std::vector{kStick});
    CHECK(used.uses.sample().empty());
    CHECK(used.uses.of(kStick, 9000)->mounted_at == std::vector<std::string>{"/media/my stick"});
}

TEST_CASE("a disk that is no child of a USB device is none of its uses") {
    Used used;
    used.event("add", "block", "/devices/pci0000:00/0000:00:05.0/nvme/nvme0/nvme0n1", "disk");
    used.event("add", "block", kStick + "0/x/block/sdb", "disk");  // port 1-40
    CHECK(used.uses.of(kStick, 9000)->children.size() == 1);
}

TEST_CASE("a stick behind a hub is the stick's, not the hub's") {
    Used used;
    used.uses.arrived(kStick + "/1-4.2", 2000);
    used.event("add", "net", kStick + "/1-4.2/1-4.2:1.0/net/usb0");
    CHECK(used.uses.of(kStick + "/1-4.2", 9000)->children.size() == 1);
    CHECK(used.uses.of(kStick, 9000)->children.size() == 1);
}

TEST_CASE("a medium that is put in and taken out is told of, each once") {
    Used used;
    const auto size = "/sys" + kDisk + "/size";
    CHECK(used.uses.sample().empty());  // the stick's own
    used.host.files[size] = "0\n";
    CHECK(used.uses.sample().empty());
    used.host.now.boottime_ms += 1000;
    CHECK(used.uses.sample() == std::vector{kStick});
    CHECK(used.uses.sample().empty());
    CHECK(used.uses.of(kStick, 9000)->children[0].size == 0);
    used.host.files[size] = "1433600\n";
    used.event("change", "block", kDisk, "disk");
    CHECK(used.uses.sample() == std::vector{kStick});
    CHECK(used.uses.of(kStick, 9000)->children[0].size == 1'433'600 * 512);
    used.host.files.erase(size);  // the disk is gone before its event came: no medium was taken out
    CHECK(used.uses.sample().empty());
    CHECK(used.uses.of(kStick, 9000)->children[0].size == 1'433'600 * 512);
}

TEST_CASE("a disk that is not ready yet when it comes has its own size, not a medium that somebody put in") {
    Used used;
    const auto late = kStick + "/1-4:1.1/host3/target3:0:0/3:0:0:0/block/sdb";
    used.host.files["/sys" + late + "/size"] = "0\n";
    used.event("add", "block", late, "disk");
    used.host.files["/sys" + late + "/size"] = "8192\n";
    CHECK(used.uses.sample().empty());
    CHECK(used.uses.of(kStick, 9000)->children[1].size == 8192 * 512);
    used.host.files["/sys" + late + "/size"] = "0\n";  // from then on it is an act
    CHECK(used.uses.sample().empty());
    used.host.now.boottime_ms += 1000;
    CHECK(used.uses.sample() == std::vector{kStick});
}

TEST_CASE("a disk that is pulled out is emptied first: no medium was taken out, and its size stays") {
    Used used;
    CHECK(used.uses.sample().empty());
    used.host.files["/sys" + kDisk + "/size"] = "0\n";
    used.event("change", "block", kDisk, "disk");
    CHECK(used.uses.sample().empty());
    used.event("remove", "block", kDisk, "disk");
    used.host.now.boottime_ms += 5000;
    CHECK(used.uses.sample().empty());
    CHECK(used.uses.left(kStick, 9000)->children[0].size == 16'384 * 512);
}

TEST_CASE("a disk that is empty for a moment and has the same medium again is no act") {
    Used used;
    const auto size = "/sys" + kDisk + "/size";
    CHECK(used.uses.sample().empty());
    used.host.files[size] = "0\n";
    CHECK(used.uses.sample().empty());
    used.host.files[size] = "16384\n";
    used.host.now.boottime_ms += 5000;
    CHECK(used.uses.sample().empty());
    used.host.files[size] = "0\n";
    CHECK(used.uses.sample().empty());  // it counts from now
}

TEST_CASE("a drive without a disc is empty, and one that came with a disc in it is told of") {
    Used used;
    const auto drive = kStick + "/1-4:1.1/host3/target3:0:0/3:0:0:0/block/sr0";
    used.host.files["/sys" + drive + "/size"] = "2097151\n";
    used.event("add", "block", drive, "disk");
    CHECK(used.uses.sample().empty());
    CHECK(used.uses.of(kStick, 9000)->children[1].size == 0);
    const auto other = kStick + "/1-4:1.1/host3/target3:0:0/3:0:0:1/block/sr1";
    used.host.files["/sys" + other + "/size"] = "1433600\n";
    used.event("add", "block", other, "disk");
    CHECK(used.uses.sample() == std::vector{kStick});
}

TEST_CASE("a network interface that is set up is told of, and that it was taken down") {
    Used used;
    const auto nic = kStick + "/1-4:1.0/net/usb0";
    used.host.files["/sys" + nic + "/operstate"] = "down\n";
    used.event("add", "net", nic);
    CHECK(used.uses.sample().empty());
    used.host.files["/sys" + nic + "/operstate"] = "up\n";
    CHECK(used.uses.sample() == std::vector{kStick});
    CHECK(used.uses.of(kStick, 9000)->children[1].up == true);
    used.host.files["/sys" + nic + "/operstate"] = "unknown\n";
    used.host.files["/sys" + nic + "/flags"] = "0x1003\n";
    CHECK(used.uses.sample().empty());
    used.host.files["/sys" + nic + "/flags"] = "0x1002\n";
    CHECK(used.uses.sample().empty());
    used.host.now.boottime_ms += 1000;
    CHECK(used.uses.sample() == std::vector{kStick});
    CHECK(used.uses.sample().empty());
    CHECK_FALSE(used.uses.of(kStick, 9000)->children[1].up);
}

TEST_CASE("a network interface that is pulled out goes down first: nobody took it down, and it was up") {
    Used used;
    used.event("remove", "block", kDisk, "disk");
    const auto nic = kStick + "/1-4:1.0/net/usb0";
    used.host.files["/sys" + nic + "/operstate"] = "up\n";
    used.event("add", "net", nic);
    CHECK(used.uses.sample() == std::vector{kStick});
    CHECK(used.uses.pause() == DeviceUses::kSampleInterfaces);
    SECTION("seen as it goes") {
        used.host.files["/sys" + nic + "/operstate"] = "down\n";
        CHECK(used.uses.sample().empty());
        CHECK(used.uses.pause() == DeviceUses::kSample);  // it is not left waiting for half a minute
    }
    SECTION("gone from /sys before its event came") {
        used.host.files.erase("/sys" + nic + "/operstate");
        CHECK(used.uses.sample().empty());
        used.host.now.boottime_ms += 5000;
        CHECK(used.uses.sample().empty());
    }
    used.event("remove", "net", nic);
    used.host.now.boottime_ms += 5000;
    CHECK(used.uses.sample().empty());
    CHECK(used.uses.left(kStick, 9000)->children[1].up == true);
}

TEST_CASE("a network interface whose link drops for a moment was not taken down") {
    Used used;
    const auto nic = kStick + "/1-4:1.0/net/usb0";
    used.host.files["/sys" + nic + "/operstate"] = "up\n";
    used.event("add", "net", nic);
    CHECK(used.uses.sample() == std::vector{kStick});
    used.host.files["/sys" + nic + "/operstate"] = "down\n";
    CHECK(used.uses.sample().empty());
    used.host.files["/sys" + nic + "/operstate"] = "up\n";
    used.host.now.boottime_ms += 5000;
    CHECK(used.uses.sample().empty());
    used.host.files["/sys" + nic + "/operstate"] = "down\n";
    CHECK(used.uses.sample().empty());  // it counts from now
}
