#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "agent/usb/gate/gate.h"
#include "tests/unit/agent/usb/watched.h"

namespace assay::test {

inline const std::string kRootHub = "/sys" + std::string(kBus);

// A machine with one bus, whose gate writes into the machine's files as the kernel would take it.
struct Gated : Watched {
    Gated() {
        host.files[kRootHub + "/devnum"] = "1\n";
        host.files[kRootHub + "/authorized"] = "1\n";
        host.files["/proc/cmdline"] = "quiet\n";
        host.unplug();
    }
    void begin_gated(std::vector<usb::Rule> allow = {}) {
        gate = std::make_unique<agent::Gate>(
            host, gate_folder(), std::move(allow),
            [this](const std::string& path, std::string_view value) -> Result<> {
                if (refuse > 0 && path.ends_with("/authorized")) {
                    --refuse;
                    return fail(ErrorCode::refused, path + ": Permission denied");
                }
                if (!bus_can_be_closed && path.ends_with("_default"))
                    return fail(ErrorCode::refused, path + ": Read-only file system");
                host.files[path] = std::string(value) + "\n";
                return {};
            });
        gate_to_use = gate.get();
        begin();
        start();
    }
    std::filesystem::path gate_folder() const { return folder.path() / "gate"; }
    void there(const std::string& port, const Bytes& descriptors, bool authorized,
               const std::string& serial = "S1") {
        host.plug(port, ++devnum, serial);
        const auto at = kRootHub + "/" + port + "/";
        host.files[at + "descriptors"] = std::string(as_text(descriptors));
        host.files[at + "authorized"] = authorized ? "1\n" : "0\n";
    }
    // Plugged in while the gate is closed: the kernel leaves it unauthorised.
    void plug(const Bytes& descriptors, const std::string& port = "1-4", const std::string& serial = "S1") {
        there(port, descriptors, host.files[kRootHub + "/authorized_default"] == "1\n", serial);
        event("add", port);
        event("bind", port);
        step();
    }
    void interface_came() {
        UeventBuilder event;
        event.devpath += "/1-4:1.0";
        event.keys = {"SUBSYSTEM=usb", "DEVTYPE=usb_interface"};
        event.sequence = 2000;
        send(event.datagram());
        step();
    }
    void unplug(const std::string& port = "1-4") {
        host.unplug(port);
        event("remove", port);
        step();
    }
    void event(const std::string& action, const std::string& port) {
        UeventBuilder event;
        event.action = action;
        event.devpath = std::string(kBus) + "/" + port;
        event.sequence = ++sequence;
        event.keys.back() = "DEVNUM=" + std::to_string(devnum);
        send(event.datagram());
    }
    void open_session(const DeviceGrant& grant) { gate->take({{grant, "token"}}, host.now.boottime_ms); }
    bool authorized(const std::string& port = "1-4") {
        return host.files[kRootHub + "/" + port + "/authorized"] == "1\n";
    }
    static std::string reason(const JournalRecord& record) {
        return nlohmann::json::parse(as_text(record.document.value())).at("reason").get<std::string>();
    }
    [[nodiscard]] JournalRecord newest() const { return records().back(); }

    std::unique_ptr<agent::Gate> gate;
    bool bus_can_be_closed = true;
    int refuse = 0;
    int devnum = 10;
    std::uint64_t sequence = 1000;
};

}  // namespace assay::test
