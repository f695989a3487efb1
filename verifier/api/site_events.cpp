#include <algorithm>
#include <cstdlib>
#include <set>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/text.h"
#include "evidence/device/usb_descriptor.h"
#include "evidence/wire/journal.h"
#include "evidence/wire/section_names.h"
#include "evidence/wire/sections.h"
#include "verifier/accompaniment/boot_clock.h"
#include "verifier/api/site.h"

// From journal records to events.json.
namespace assay::api::site {
namespace {

using nlohmann::json;

// What events.json takes. A host may say what it likes; its events stay readable, or no other could be
// judged.
constexpr std::size_t kText = 256;                     // bytes of one text
constexpr std::int64_t kYear = 366LL * 86'400'000;     // milliseconds
constexpr std::int64_t kLatest = 253'402'300'799'000;  // the end of the year 9999

// A serial number that may name one device: eight different characters, none of them outside printable ASCII.
bool names_one_device(std::string_view serial) {
    const std::set<char> distinct(serial.begin(), serial.end());
    return distinct.size() >= 8 && std::ranges::all_of(serial, [](char c) { return c > ' ' && c <= '~'; });
}

json kinds_of(const usb::Device& device) {
    std::set<std::string> kinds;
    for (const auto& configuration : device.configurations) {
        for (const auto& interface : configuration.interfaces) {
            switch (interface.interface_class) {
                case usb::kClassMassStorage:
                    kinds.insert("storage");
                    break;
                case usb::kClassHid:
                    kinds.insert("hid");
                    break;
                case usb::kClassHub:
                    kinds.insert("hub");
                    break;
                case usb::kClassCommunications:
                case usb::kClassWirelessController:
                    kinds.insert("network");
                    break;
                default:
                    kinds.insert("other");
            }
        }
    }
    if (usb::is_network(device)) {  // CDC's data interface is no use of its own
        kinds.insert("network");
        kinds.erase("other");
    }
    return kinds;
}

json bound_by(const std::vector<std::string>& drivers) {
    std::set<std::string> kinds;
    for (const auto& driver : drivers) {
        if (driver == "usb-storage" || driver == "uas") kinds.insert("storage");
        if (driver == "usbhid") kinds.insert("hid");
        if (driver.starts_with("cdc_") || driver.starts_with("rndis") || driver.starts_with("r815") ||
            driver.starts_with("ax88") || driver.starts_with("asix") || driver == "btusb") {
            kinds.insert("network");
        }
    }
    return kinds;
}

json device_json(const UsbDevice& device) {
    const auto parsed = usb::parse_descriptors(device.descriptors);
    json out{{"port", shortened(printable(device.port_path), kText)},
             {"controller", shortened(printable(device.controller), kText)},
             {"serial", shortened(printable(device.serial), kText)},
             {"serial_grade", device.serial.empty()             ? "C"
                              : names_one_device(device.serial) ? "A"
                                                                : "B"}};
    if (parsed) {
        out["vid"] = fmt::format("{:04x}", parsed->vendor);
        out["pid"] = fmt::format("{:04x}", parsed->product);
        out["interfaces"] = kinds_of(*parsed);
        out["descriptors_sha256"] = sha256(device.descriptors).hex();
    }
    return out;
}

}  // namespace

std::vector<store::SiteDocument> events_of(const Evidence& evidence, const store::Host& host,
                                           std::int64_t challenged_at, std::int64_t now) {
    std::vector<store::SiteDocument> out;
    const auto journal_bytes = evidence.sections.find(section::kJournal);
    const auto clock_bytes = evidence.sections.find(section::kClock);
    if (journal_bytes == evidence.sections.end() || clock_bytes == evidence.sections.end()) return out;
    const auto journal = decode_journal_section(journal_bytes->second);
    const auto clock = decode_clock_section(clock_bytes->second);
    const auto manifest = decode_manifest(evidence.manifest);
    if (!journal || !clock || !manifest) return out;
    const auto& known = host.known;
    // The clock section was written between the challenge and now.
    const auto anchor = challenged_at * 1000 + (now - challenged_at) * 500;
    const auto anchor_bound = (now - challenged_at) * 500 + 1000;
    // Until when this host was last watched: what it found at its start came since then.
    const auto watched_until =
        (known.boot_clock ? known.boot_clock->newest.not_before : known.enrolled_at) * 1000;
    std::set<std::uint64_t>
        taken;  // a sequence that comes twice is a finding of the journal; its first record stands
    for (const auto& encoded : journal->records) {
        const auto record = decode_journal_record(encoded);
        if (!record || record->sequence <= known.journal_sequence) continue;
        if (!record->device) continue;  // the monitor's own: its start, a gap
        if (!taken.insert(record->sequence).second) continue;
        json event{{"id", fmt::format("{}/{}", known.name, record->sequence)},
                   {"host", host.identity.ek_digest},
                   {"kind", to_string(record->kind)},
                   {"boot_id", record->boot_id},
                   {"received_at", accompaniment::instant_text(now * 1000)},
                   {"authorized", record->device->authorized},
                   {"bound", bound_by(record->device->drivers)},
                   {"device", device_json(*record->device)}};
        const auto wall = std::clamp<std::int64_t>(record->wall_ms, 0, kLatest);
        auto at = wall;
        auto bound = anchor_bound;
        if (record->boot_id == manifest->boot_id && record->boottime_ms <= clock->boottime_ms) {
            const auto ago = static_cast<std::int64_t>(
                std::min(clock->boottime_ms - record->boottime_ms, static_cast<std::uint64_t>(kLatest)));
            const auto mapped =
                accompaniment::by_boot_clock(-ago, {.at = anchor, .boottime = 0, .bound = anchor_bound});
            at = std::max<std::int64_t>(mapped.at, 0);
            bound = mapped.at < 0 ? kYear : mapped.bound;  // before there were hosts: the clock is nonsense
            event["clock_stepped"] = accompaniment::was_stepped(wall, {.at = at, .bound = bound});
        } else {  // of an earlier boot: only the wall clock tells, and it is believed as far as it is right
                  // now
            const auto off = std::abs(std::clamp<std::int64_t>(clock->wall_ms, 0, kLatest) - anchor);
            bound = std::min(off + anchor_bound, kYear);
        }
        event["clock_bound_ms"] = bound;
        if (record->kind == DeviceEventKind::present) {
            event["from"] = accompaniment::instant_text(std::min(watched_until, at));
            event["to"] = accompaniment::instant_text(at);
            event["provenance"] = "coldplug";
        } else {
            event["at"] = accompaniment::instant_text(at);
        }
        const auto text = event.dump();
        out.push_back({.kind = "event",
                       .id = event["id"].get<std::string>(),
                       .host = known.name,
                       .from_ms = record->kind == DeviceEventKind::present ? std::min(watched_until, at) : at,
                       .to_ms = at,
                       .digest = sha256(as_view(text)).hex(),
                       .document = text,
                       .stored_at = now,
                       .stored_by = known.name,
                       .open = record->kind != DeviceEventKind::remove});
    }
    return out;
}

}  // namespace assay::api::site
