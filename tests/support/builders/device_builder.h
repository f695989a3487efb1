#pragma once

#include <string>

#include "tests/support/builders/usb_builder.h"
#include "verifier/judge/devices/device_sightings.h"

/// A stick whose serial may name one device, in the journals of hosts.
namespace assay::test {

inline constexpr std::string_view kStickSerial = "4C530001230415117495";
inline constexpr std::int64_t kDayMs = 1'790'000'000'000;  // 2026-09-21

inline JournalRecord stick_record(std::uint64_t sequence, DeviceEventKind kind, std::string port = "1-4",
                                  std::string serial = std::string(kStickSerial)) {
    JournalRecord record;
    record.sequence = sequence;
    record.boot_id = "00000000-0000-4000-8000-000000000001";
    record.wall_ms = kDayMs;
    record.kernel_sequence = 1000 + sequence;
    record.kind = kind;
    if (kind != DeviceEventKind::monitor_start) {
        record.device = UsbDevice{std::move(port),
                                  "0000:00:14.0",
                                  5,
                                  build::usb_descriptors(),
                                  "Maker",
                                  "Stick",
                                  std::move(serial),
                                  true,
                                  "removable",
                                  {}};
    }
    return record;
}

/// Known to the second. `second`: of kDayMs.
inline judge::EventTime at_second(std::int64_t second) {
    const auto at = kDayMs + second * 1000;
    return {at, at - 1000, at + 1000};
}

inline judge::DeviceSighting sighting(const std::string& host, const JournalRecord& record,
                                      std::int64_t second) {
    return sighting_of(host, record, sha256(as_view(host + std::to_string(record.sequence))),
                       at_second(second))
        .value();
}

}  // namespace assay::test
