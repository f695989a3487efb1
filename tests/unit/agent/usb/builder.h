#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/devices/host/host.h"
#include "evidence/wire/section/journal.h"

namespace assay::test {

inline constexpr std::string_view kBootId = "01234567-89ab-cdef-0123-456789abcdef";
inline constexpr std::string_view kBus = "/devices/pci0000:00/0000:00:14.0/usb1";

/// A machine whose files a test changes while it is watched.
class FakeHost final : public agent::Host {
  public:
    std::map<std::string, std::string> files{
        {"/proc/sys/kernel/random/boot_id", std::string(kBootId) + "\n"}};
    agent::HostClock now{1'700'000'000'000, 60'000, true};

    Result<Bytes> read(std::string_view path, std::size_t limit) override {
        const auto it = files.find(std::string(path));
        if (it == files.end()) return fail(ErrorCode::not_found, std::string(path));
        if (it->second.size() > limit) return fail(ErrorCode::limit, std::string(path));
        return to_bytes(it->second);
    }
    Result<std::vector<std::string>> list(std::string_view) override { return std::vector<std::string>{}; }
    Result<std::string> link_name(std::string_view path) override {
        return fail(ErrorCode::not_found, std::string(path));
    }
    std::map<std::string, std::string> links;  ///< what `resolve` gives, if not the path itself
    Result<std::string> resolve(std::string_view path) override {
        const auto it = links.find(std::string(path));
        return it == links.end() ? std::string(path) : it->second;
    }
    Result<std::vector<std::string>> devices(std::string_view subsystem) override {
        std::vector<std::string> found;
        if (subsystem == "nvme") {
            for (const auto& [path, text] : files) {
                if (path.ends_with("/cntlid")) found.push_back(path.substr(0, path.size() - 7));
            }
        }
        if (subsystem != "usb") return found;
        for (const auto& [path, text] : files) {
            if (path.ends_with("/devnum")) found.push_back(path.substr(0, path.size() - 7));
        }
        return found;
    }
    Result<agent::DriverInfo> driver_info(std::string_view) override {
        return fail(ErrorCode::not_found, "");
    }
    Result<Bytes> ipmi_device_id() override { return fail(ErrorCode::not_found, ""); }
    Result<Bytes> usb_descriptors(std::uint8_t, std::uint8_t) override {
        return fail(ErrorCode::not_found, "");
    }
    Result<agent::HostClock> clock() override { return now; }

    /// A stick in port 4 of bus 1, or elsewhere.
    void plug(const std::string& port = "1-4", int devnum = 5, const std::string& serial = "S1") {
        const auto at = "/sys" + std::string(kBus) + "/" + port + "/";
        files[at + "devnum"] = std::to_string(devnum) + "\n";
        files[at + "busnum"] = "1\n";
        files[at + "descriptors"] = std::string(18, '\x12') + port;
        files[at + "serial"] = serial + "\n";
    }
    void unplug(const std::string& port = "1-4") {
        const auto at = "/sys" + std::string(kBus) + "/" + port + "/";
        std::erase_if(files, [&](const auto& file) { return file.first.starts_with(at); });
    }
};

/// A datagram as the kernel writes it.
struct UeventBuilder {
    std::string action = "add";
    std::string devpath = std::string(kBus) + "/1-4";
    std::vector<std::string> keys{"SUBSYSTEM=usb", "DEVTYPE=usb_device", "BUSNUM=001", "DEVNUM=005"};
    std::uint64_t sequence = 1234;
    std::string header = {};  ///< action@devpath where empty

    [[nodiscard]] std::string datagram() const {
        std::string out = header.empty() ? action + "@" + devpath : header;
        out += '\0';
        const auto line = [&out](const std::string& text) { (out += text) += '\0'; };
        line("ACTION=" + action);
        line("DEVPATH=" + devpath);
        for (const auto& key : keys) line(key);
        line("SEQNUM=" + std::to_string(sequence));
        return out;
    }
};

inline JournalRecord start_record() {
    JournalRecord record;
    record.boot_id = kBootId;
    record.wall_ms = 1'700'000'000'000;
    record.boottime_ms = 60'000;
    record.kind = DeviceEventKind::monitor_start;
    return record;
}

inline JournalRecord insertion(const std::string& serial) {
    JournalRecord record;
    record.boot_id = kBootId;
    record.wall_ms = 1'700'000'000'000;
    record.boottime_ms = 61'000;
    record.kernel_sequence = 1234;
    record.kind = DeviceEventKind::insert;
    record.device.emplace();
    record.device->port_path = "1-4";
    record.device->devnum = 5;
    record.device->serial = serial;
    return record;
}

inline std::vector<JournalRecord> decoded(const JournalSection& section) {
    std::vector<JournalRecord> records;
    for (const auto& bytes : section.records) records.push_back(decode_journal_record(bytes).value());
    return records;
}

}  // namespace assay::test
