#include "agent/devices/recording.h"

#include <filesystem>

#include <catch2/catch.hpp>

#include "agent/devices/host/recorded_host.h"
#include "files/output.h"
#include "tests/support/machine/temp_folder.h"

using namespace assay;
using namespace assay::agent;

namespace {

/// A machine with one of everything, some of it refused.
Recording sample() {
    Recording recording;
    recording.files["/sys/class/dmi/id/odd:name"] = to_bytes("content\n");
    recording.files["/empty"] = {};
    recording.calls[{"read", "/secret"}] = fail(ErrorCode::refused, "/secret: Permission denied");
    recording.calls[{"list", "/sys/class"}] = std::vector<std::string>{"net", "tab\tand\\back\nslash"};
    recording.calls[{"list", "/nothing"}] = std::vector<std::string>{};
    recording.calls[{"link_name", "/l"}] = std::vector<std::string>{"nvme"};
    recording.calls[{"resolve", "/r"}] = std::vector<std::string>{"/sys/devices/r"};
    recording.calls[{"devices", "usb"}] = std::vector<std::string>{"/a", "/b"};
    recording.calls[{"driver_info", "eth0"}] = std::vector<std::string>{"igb", "3.25", "525400123456"};
    recording.calls[{"ipmi_device_id", ""}] = std::vector<std::string>{"20810102df"};
    recording.calls[{"usb_descriptors", "1:2"}] = std::vector<std::string>{"1201"};
    recording.calls[{"clock", ""}] = std::vector<std::string>{"-5", "77", "synchronised"};
    return recording;
}

}  // namespace

TEST_CASE("A recording is the same after it was saved and loaded") {
    const test::TempFolder folder;
    REQUIRE(save_recording(sample(), folder.path()));
    const auto loaded = load_recording(folder.path());
    REQUIRE(loaded);
    CHECK(*loaded == sample());
}

TEST_CASE("Saving anew leaves nothing of the recording before, and other files alone") {
    const test::TempFolder folder;
    REQUIRE(save_recording(sample(), folder.path()));
    REQUIRE(files::write_output(folder.path() / "bundle.cbor", as_view("x")));
    REQUIRE(save_recording(Recording{}, folder.path()));
    CHECK(load_recording(folder.path()).value() == Recording{});
    CHECK(std::filesystem::exists(folder.path() / "bundle.cbor"));
}

TEST_CASE("A path that leads out of the folder is not written") {
    const test::TempFolder folder;
    for (const auto* path : {"/../escaped", "relative", "/a/../../b", "/"}) {
        Recording recording;
        recording.files[path] = to_bytes("x");
        const auto saved = save_recording(recording, folder.path() / "r");
        REQUIRE(!saved);
        CHECK(saved.error().code == ErrorCode::usage);
    }
    CHECK(!std::filesystem::exists(folder.path() / "escaped"));
}

TEST_CASE("Symbolic links in a recording are not followed") {
    const test::TempFolder folder;
    REQUIRE(save_recording(sample(), folder.path()));
    std::filesystem::create_symlink("/etc/passwd", folder.path() / "files" / "passwd");
    CHECK(load_recording(folder.path()).value() == sample());
}

TEST_CASE("A line that is no call is refused with its number") {
    const auto line = GENERATE("list", "list\t/x", "list\t/x\tbroken\tz", "list\t/x\tok\tbad\\q",
                               "list\t/x\trefused", "list\t/x\tok\nlist\t/x\tok");
    const test::TempFolder folder;
    REQUIRE(files::write_output(folder.path() / "calls.tsv",
                                as_view(std::string("clock\t\tok\n") + line + "\n")));
    const auto loaded = load_recording(folder.path());
    REQUIRE(!loaded);
    CHECK(loaded.error().code == ErrorCode::malformed);
    CHECK(loaded.error().context.find("calls.tsv line ") == 0);
}

TEST_CASE("A folder without calls.tsv is no recording") {
    const test::TempFolder folder;
    CHECK(load_recording(folder.path()).error().code == ErrorCode::not_found);
    CHECK(open_recorded_host(folder.path() / "missing").error().code == ErrorCode::not_found);
}

TEST_CASE("A recorded host gives each answer as it was, refusals with their code") {
    RecordedHost host(sample());
    CHECK(as_text(host.read("/sys/class/dmi/id/odd:name", 100).value()) == "content\n");
    CHECK(host.read("/sys/class/dmi/id/odd:name", 7).error().code == ErrorCode::limit);
    CHECK(host.read("/secret", 100).error() == Error{ErrorCode::refused, "/secret: Permission denied", {}});
    CHECK(host.list("/sys/class").value().size() == 2);
    CHECK(host.list("/nothing").value().empty());
    CHECK(host.link_name("/l").value() == "nvme");
    CHECK(host.resolve("/r").value() == "/sys/devices/r");
    CHECK(host.devices("usb").value() == std::vector<std::string>{"/a", "/b"});
    CHECK(host.driver_info("eth0").value().permanent_address.size() == 6);
    CHECK(host.ipmi_device_id().value().size() == 5);
    CHECK(host.usb_descriptors(1, 2).value().size() == 2);
    CHECK(host.clock().value() == HostClock{-5, 77, true});
}

TEST_CASE("What was never asked of the recorded machine is not found") {
    RecordedHost host(sample());
    CHECK(host.read("/other", 100).error().code == ErrorCode::not_found);
    CHECK(host.list("/other").error().code == ErrorCode::not_found);
    CHECK(host.devices("pci").error().code == ErrorCode::not_found);
    CHECK(host.usb_descriptors(1, 3).error().code == ErrorCode::not_found);
}

TEST_CASE("Recording a recorded host gives the same recording") {
    RecordedHost original(sample());
    Recording copy;
    RecordingHost host(original, copy);
    (void)host.read("/sys/class/dmi/id/odd:name", 100);
    (void)host.read("/empty", 100);
    (void)host.read("/secret", 100);
    (void)host.list("/sys/class");
    (void)host.list("/nothing");
    (void)host.link_name("/l");
    (void)host.resolve("/r");
    (void)host.devices("usb");
    (void)host.driver_info("eth0");
    (void)host.ipmi_device_id();
    (void)host.usb_descriptors(1, 2);
    (void)host.clock();
    CHECK(copy == sample());
}
