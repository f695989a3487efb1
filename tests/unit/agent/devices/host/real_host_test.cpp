#include "agent/devices/host/real_host.h"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "agent/devices/host/attributes.h"
#include "tests/support/machine/temp_folder.h"

using namespace assay;
using namespace assay::agent;

TEST_CASE("The real host reads whole files up to the limit, and says why it does not") {
    const test::TempFolder folder;
    const auto path = (folder.path() / "file").string();
    std::ofstream(path) << std::string(20'000, 'x');
    const auto host = make_real_host();
    CHECK(host->read(path, 20'000).value().size() == 20'000);
    CHECK(host->read(path, 19'999).error().code == ErrorCode::limit);
    CHECK(host->read(path + ".missing", 1).error().code == ErrorCode::not_found);
    CHECK(host->read(folder.path().string(), 1).error().code == ErrorCode::io);
}

TEST_CASE("The real host reads a file from an offset, and nothing behind its end") {
    const test::TempFolder folder;
    const auto path = (folder.path() / "file").string();
    std::ofstream(path) << std::string(20'000, 'x') << "tail";
    const auto host = make_real_host();
    CHECK(host->read_from(path, 20'000, 4).value() == to_bytes("tail"));
    CHECK(host->read_from(path, 20'000, 3).error().code == ErrorCode::limit);
    CHECK(host->read_from(path, 20'004, 4).value().empty());
    CHECK(host->read_from(path, 1U << 30U, 4).value().empty());
    CHECK(host->read_from(path + ".missing", 1, 1).error().code == ErrorCode::not_found);
}

TEST_CASE("The real host lists names in order, and follows links") {
    const test::TempFolder folder;
    for (const auto* name : {"b", "a", "c"}) std::ofstream(folder.path() / name) << name;
    std::filesystem::create_symlink("../drivers/nvme", folder.path() / "driver");
    std::filesystem::create_symlink("a", folder.path() / "link");
    const auto host = make_real_host();
    const auto at = [&](const char* name) { return (folder.path() / name).string(); };
    CHECK(host->list(folder.path().string()).value() ==
          std::vector<std::string>{"a", "b", "c", "driver", "link"});
    CHECK(host->list(at("none")).error().code == ErrorCode::not_found);
    CHECK(host->link_name(at("driver")).value() == "nvme");
    CHECK(host->link_name(at("a")).error().code == ErrorCode::not_found);
    CHECK(host->resolve(at("link")).value() == at("a"));
    CHECK(host->resolve(at("driver")).error().code == ErrorCode::not_found);
}

TEST_CASE("The real host answers or refuses for every kind of call, on any machine") {
    const auto host = make_real_host();
    CHECK(host->clock().value().wall_ms > 1'600'000'000'000);
    CHECK(host->clock().value().boottime_ms > 0);
    CHECK(!host->devices("no-such-subsystem"));
    CHECK(!host->driver_info("no-such-if"));
    CHECK(host->driver_info("a-name-that-is-too-long").error().code == ErrorCode::usage);
    const auto net = host->devices("net");
    if (net) CHECK(!net->empty());
}

TEST_CASE("Device strings become UTF-8, odd bytes as \\xNN") {
    CHECK(utf8_text(as_view("SanDisk \xe2\x84\xa2")) == "SanDisk \xe2\x84\xa2");
    CHECK(utf8_text(as_view("\xd0\x89 ok \xff\xe2\x84")) == "\xd0\x89 ok \\xff\\xe2\\x84");
}

TEST_CASE("The last PCI function in a sysfs path is the one that the device sits on") {
    CHECK(pci_address_in("/sys/devices/pci0000:00/0000:00:1c.0/0000:3b:00.1/usb1/1-2") == "0000:3b:00.1");
    CHECK(pci_address_in("/sys/devices/platform/dummy_hcd.0/usb3").empty());
    CHECK(pci_address_in("/sys/devices/pci10000:e0/10000:e0:06.0/10000:e1:00.0") == "10000:e1:00.0");
}
