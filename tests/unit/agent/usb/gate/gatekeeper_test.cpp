#include "agent/usb/gate/gatekeeper.h"

#include <catch2/catch.hpp>

#include "tests/support/machine/temp_folder.h"
#include "tests/unit/agent/usb/builder.h"

using namespace assay;
using namespace assay::agent;
using namespace std::chrono_literals;
using Kind = DeviceEventKind;

namespace {

constexpr Gatekeeper::Time kStart{};
const std::string kPort = std::string(test::kBus) + "/1-4";
const std::string kAuthorized = "/sys" + kPort + "/authorized";

// A gate that is held open by a file, with a device that waits at it.
struct Kept {
    test::TempFolder folder;
    test::FakeHost host;
    bool on_disk = true;  // what the journal answers
    int refuse = 0;       // how often the kernel does not let the gate write
    std::vector<std::string> order;
    std::vector<std::string> trouble;
    Gate gate{host,
              folder.path() / "gate",
              {},
              [this](const std::string& path, std::string_view value) -> Result<> {
                  if (refuse > 0 && path == kAuthorized) {
                      --refuse;
                      return fail(ErrorCode::refused, path + ": Permission denied");
                  }
                  if (path == kAuthorized) order.emplace_back("let in");
                  host.files[path] = std::string(value) + "\n";
                  return {};
              }};
    DeviceTable devices{host};
    Gatekeeper keeper{host, &gate, devices,
                      [this](const std::string&, const JournalRecord& record) {
                          order.emplace_back(to_string(record.kind));
                          return on_disk;
                      },
                      [this](const std::string& text) { trouble.push_back(text); }};

    Kept() {
        keeper.start(std::string(test::kBootId));
        host.plug();
        host.files[kAuthorized] = "0\n";
        static_cast<void>(devices.compare(0));  // only that it is there
    }
    void hold_open() {
        using namespace std::chrono;  // the file has the time at which it is written
        const auto now = duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
        host.now.wall_ms = now * 1000;
        REQUIRE(write_grace(folder.path() / "gate", {now + 600, "test"}));
    }
};

}  // namespace

TEST_CASE("a device is let in after the record of it, never before") {
    Kept kept;
    kept.hold_open();
    kept.keeper.came(kPort, kStart);
    CHECK(kept.order == std::vector<std::string>{"grant", "let in"});
    CHECK(kept.devices.usb().at(kPort).authorized);
}

TEST_CASE("a device whose record is not on disk is not let in, and is asked about once more") {
    Kept kept;
    kept.hold_open();
    kept.on_disk = false;
    kept.keeper.came(kPort, kStart);
    CHECK(kept.order == std::vector<std::string>{"grant"});
    kept.on_disk = true;
    kept.keeper.ask(kPort, kStart + 1s);
    CHECK(kept.devices.usb().at(kPort).authorized);
}

TEST_CASE("a device that is kept out has one record, however often it is asked about") {
    Kept kept;
    kept.keeper.came(kPort, kStart);
    kept.keeper.ask(kPort, kStart);
    kept.keeper.ask_all(kStart);
    CHECK(kept.order == std::vector<std::string>{"refusal"});
    CHECK(kept.gate.waiting() == 1);
    kept.keeper.left(kPort, kept.devices.usb().at(kPort));
    CHECK(kept.gate.waiting() == 0);
}

TEST_CASE("what udev has not given to the agent yet is tried again a tenth of a second later") {
    Kept kept;
    kept.hold_open();
    kept.refuse = 2;
    kept.keeper.came(kPort, kStart);
    CHECK_FALSE(kept.devices.usb().at(kPort).authorized);
    CHECK(kept.keeper.next_due() == kStart + 100ms);
    kept.keeper.look(kStart + 100ms);
    kept.keeper.look(kStart + 200ms);
    CHECK(kept.devices.usb().at(kPort).authorized);
    CHECK_FALSE(kept.keeper.next_due());
    CHECK(kept.trouble.empty());
}

TEST_CASE("without a gate nothing is asked, recorded or written") {
    Kept kept;
    Gatekeeper keeper(kept.host, nullptr, kept.devices,
                      [](const std::string&, const JournalRecord&) { return true; }, {});
    keeper.start("boot");
    keeper.came(kPort, kStart);
    keeper.ask_all(kStart);
    keeper.look(kStart);
    keeper.left(kPort, kept.devices.usb().at(kPort));
    CHECK(keeper.fd() == -1);
    CHECK_FALSE(keeper.next_due());
    CHECK(kept.order.empty());
}
