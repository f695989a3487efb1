#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/support/builders/usb_builder.h"
#include "verifier/judge/devices/device_cases.h"
#include "verifier/judge/devices/recorded_device.h"

/// A host's journal of devices, and the verifier that follows it from one report to the next.
namespace assay::test::device_journal {

using namespace judge;
using Kind = DeviceEventKind;
using Ids = std::vector<std::string>;

inline constexpr std::int64_t kNow = 1'800'000'000;   // Unix seconds
inline constexpr std::uint64_t kUptime_s = 10'000;    // at kNow
inline constexpr std::int64_t kReported = kNow - 50;  // the report before

// Descriptors with these ids and class of the device.
inline Bytes descriptors(std::uint16_t vendor, std::uint16_t product, std::uint8_t device_class = 0) {
    auto out = build::usb_descriptors();
    out.at(4) = std::byte(device_class);
    out.at(8) = std::byte(vendor & 0xffU);
    out.at(9) = std::byte(vendor >> 8U);
    out.at(10) = std::byte(product & 0xffU);
    out.at(11) = std::byte(product >> 8U);
    return out;
}

inline UsbDevice stick(const std::string& port = "1-4", const std::string& serial = "S1") {
    UsbDevice out{port, "0000:00:14.0", 5, descriptors(0x0781, 0x5581), "SanDisk", "Ultra", serial,
                  true, "removable",    {}};
    return out;
}

inline UsbDevice fixed(const std::string& port, std::uint16_t product = 1) {
    auto out = stick(port, "F");
    out.removable = "fixed";
    out.descriptors = descriptors(0x0424, product);
    return out;
}

inline UsbDevice root_hub(const std::string& port = "usb1") {
    return {port, "0000:00:14.0", 1, descriptors(0x1d6b, 2, 9), "Linux", "xHCI", "0000:00:14.0",
            true, "unknown",      {}};
}

/// A host, by its journal, and the verifier that knows it. Times are seconds before now.
struct Journal {
    KnownHost known;
    std::vector<JournalRecord> records;
    std::vector<WorkSession> sessions;
    std::uint64_t through = UINT64_MAX;
    std::function<bool(const UsbDevice&)> is_internal = [](const UsbDevice&) { return false; };
    std::vector<UsbDevice> usb;
    std::string boot = "boot-a";

    Journal() {
        known.name = "rack-7";
        known.journal_sequence = 10;
        const ClockPoint point{0, kReported, kReported};
        known.boot_clock = BootClock{1, 1, boot, point, point};
    }

    JournalRecord& add(Kind kind, std::int64_t ago, std::optional<UsbDevice> device = stick()) {
        auto& out = records.emplace_back();
        out.sequence = known.journal_sequence + records.size();
        out.boot_id = boot;
        out.kind = kind;
        out.wall_ms = 0;  // nobody believes the host's own clock
        out.boottime_ms = (kUptime_s - static_cast<std::uint64_t>(ago)) * 1000;
        out.device = std::move(device);
        return out;
    }
    void start(std::int64_t ago, const std::string& before) {
        add(Kind::monitor_start, ago, {}).downtime.emplace().boot_id = before;
    }
    void coldplug(std::int64_t ago, const UsbDevice& device) {
        add(Kind::present, ago, device).provenance = Provenance::coldplug;
    }
    void reconciled(Kind kind, std::int64_t since, std::int64_t ago, const UsbDevice& device = stick()) {
        auto& record = add(kind, ago, device);
        record.provenance = Provenance::reconciled;
        record.since_ms = (kUptime_s - static_cast<std::uint64_t>(since)) * 1000;
    }
    void session(std::int64_t from, std::optional<std::int64_t> to = {}) {
        sessions.push_back(
            {"s", "rack-7", "W", "t", "e", kNow - from, to ? std::optional(kNow - *to) : std::nullopt});
    }
    void unlisted_session(std::int64_t from, std::optional<std::int64_t> to = {}) {
        session(from, to);
        sessions.back().unlisted = "operator:dora";
    }
    void was_present(const UsbDevice& device, bool lost = false) {
        if (!known.present) known.present.emplace();
        JournalRecord record;
        record.device = device;
        const auto of = device_of(record);
        known.present->push_back({of.port, of.controller, of.identity, of.descriptors, 1, lost});
    }

    DeviceNews follow() const {
        const RecordClock clock(
            "boot-a", {.wall_ms = 0, .boottime_ms = kUptime_s * 1000, .synchronised = true}, kNow, kNow);
        std::vector<const JournalRecord*> all;
        for (const auto& each : records) all.push_back(&each);
        return follow_devices({.known = known,
                               .records = all,
                               .through = through,
                               .sessions = sessions,
                               .clock = clock,
                               .basis = "bound",
                               .now = kNow,
                               .is_internal = is_internal,
                               .remote = [](const JournalRecord&) { return std::vector<JudgedMatter>(); },
                               .usb = &usb});
    }
    /// And the next report begins.
    void next() {
        auto news = follow();
        known.open = std::move(news.open);
        if (!records.empty()) known.journal_sequence = std::min(through, records.back().sequence);
        std::erase_if(records, [&](const auto& each) { return each.sequence <= known.journal_sequence; });
        known.present.reset();
    }
    std::vector<std::string> ids() const {
        std::vector<std::string> out;
        for (const auto& matter : follow().open) out.push_back(matter.id);
        return out;
    }
};

}  // namespace assay::test::device_journal
