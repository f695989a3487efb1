#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/device/serial_grade.h"
#include "evidence/device/usb_descriptor.h"
#include "evidence/wire/section/journal.h"
#include "verifier/judge/appraisal/facts/parts/internal_devices.h"
#include "verifier/judge/devices/record_clock.h"
#include "verifier/judge/devices/recorded_device.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/store/hosts/hosts.h"
#include "verifier/service/store/site/site.h"

// From journal records to events.json.
namespace assay::api::site {
namespace {

using nlohmann::json;

// What events.json takes. A host may say what it likes; its events stay readable, or no other could be
// judged.
constexpr std::size_t kEventText = 256;  // bytes of one text

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
    json out{{"port", shortened(printable(device.port_path), kEventText)},
             {"controller", shortened(printable(device.controller), kEventText)},
             {"serial", shortened(printable(device.serial), kEventText)},
             {"serial_grade", usb::to_string(usb::grade_by_form(device.serial))}};
    if (parsed) {
        out["vid"] = hex4(parsed->vendor);
        out["pid"] = hex4(parsed->product);
        out["interfaces"] = usb::kinds(*parsed);
        out["descriptors_sha256"] = sha256(device.descriptors).hex();
    }
    return out;
}

json hotplug_json(const HotplugDevice& device) {
    return {{"port", shortened(printable(device.path), kEventText)},
            {"controller", shortened(printable(device.controller), kEventText)},
            {"serial", shortened(printable(device.serial), kEventText)},
            {"serial_grade", usb::to_string(usb::grade_by_form(device.serial))},
            {"interfaces",
             json::array({device.subsystem == "nvme" || device.subsystem == "block" ? "storage" : "other"})}};
}

// The kind of event that the judgement knows it as; empty: it is none of a device.
std::string_view event_kind(const JournalRecord& record) {
    switch (record.kind) {
        case DeviceEventKind::insert:
        case DeviceEventKind::remove:
        case DeviceEventKind::present:
        case DeviceEventKind::use:
        case DeviceEventKind::ghost:
            return to_string(record.kind);
        case DeviceEventKind::authorize:
            return "privileged";
        case DeviceEventKind::grant:  // let in by the gate: it is in use from then on
            return "use";
        case DeviceEventKind::storm:  // the last of many insertions
            return "insert";
        case DeviceEventKind::monitor_start:
        case DeviceEventKind::gap:
        case DeviceEventKind::anchor:
        case DeviceEventKind::refusal:
        case DeviceEventKind::session:
            return {};
    }
    return {};
}

// What the device is and did.
void describe_device(const JournalRecord& record, json& event) {
    if (record.device) {
        event["authorized"] = record.device->authorized || record.kind == DeviceEventKind::grant;
        event["bound"] = bound_by(record.device->drivers);
        event["device"] = device_json(*record.device);
    } else if (record.hotplug) {
        event["device"] = hotplug_json(*record.hotplug);
        event["dma"] = record.hotplug->subsystem != "typec" && record.hotplug->subsystem != "block";
    }
    if (!record.use) return;
    event["mounted"] = !record.use->mounted_at.empty();
    event["written"] = record.use->bytes_written != 0;
}

std::string model_of(const judge::BoundClaims& claims) {
    return claims.tables ? judge::host_model(*claims.tables) : std::string();
}

std::vector<std::string> active_on_bmc(const judge::InternalDevices& internal, const JournalRecord& record) {
    if (!record.device || !internal.is_of_bmc(*record.device)) return {};
    return judge::remote_acts(record).names();
}

}  // namespace

std::vector<store::SiteDocument> events_of(const judge::OpenedEvidence& opened, const store::Host& host,
                                           const vendors::VendorDb& vendors, std::int64_t challenged_at,
                                           std::int64_t now) {
    std::vector<store::SiteDocument> out;
    const auto& claims = opened.claims();
    const auto& manifest = opened.authentication().manifest;
    if (!claims.journal || !claims.clock || !manifest) return out;
    const auto& known = host.known;
    const judge::InternalDevices internal(
        vendors, vendors.baselines().empty() ? std::string() : model_of(claims), now);
    const judge::RecordClock times(manifest->boot_id, *claims.clock, challenged_at, now);
    // Until when this host was last watched: what it found at its start came since then.
    const auto watched_until =
        (known.boot_clock ? known.boot_clock->newest.not_before : known.enrolled_at) * 1000;
    std::optional<std::uint64_t> lost;  // events, just before
    std::set<std::uint64_t>
        taken;  // a sequence that comes twice is a finding of the journal; its first record stands
    for (const auto& bound : claims.journal_records) {
        const auto& record = bound.record;
        if (!record || record->sequence <= known.journal_sequence) continue;
        if (record->kind == DeviceEventKind::gap) lost = std::max<std::uint64_t>(record->lost, 1);
        const auto kind = event_kind(*record);
        if (kind.empty()) continue;  // the monitor's own: its start, a gap
        // A part of its controller, which comes by an event of its own where it comes at all.
        if (record->device && kind != "privileged" && judge::is_root_hub(*record->device)) continue;
        if (!taken.insert(record->sequence).second) continue;
        json event{{"id", fmt::format("{}/{}", known.name, record->sequence)},
                   {"host", host.identity.ek_digest},
                   {"kind", kind},
                   {"boot_id", record->boot_id},
                   {"received_at", accompaniment::instant_text(now * 1000)}};
        describe_device(*record, event);
        const auto active = active_on_bmc(internal, *record);
        if (!active.empty()) event["bmc_active"] = active;
        if (const auto before = std::exchange(lost, std::nullopt)) event["lost"] = *before;
        const auto when = times.time_of(*record);
        if (when.by_boot_clock) event["clock_stepped"] = when.stepped;
        event["clock_bound_ms"] = when.bound_ms;
        auto from = when.at_ms, to = when.at_ms;
        const bool is_span = record->kind == DeviceEventKind::present || record->since_ms;
        if (record->since_ms) {
            from = std::min(times.time_of(*record, *record->since_ms).at_ms, to);
            if (record->kind == DeviceEventKind::ghost) to = from;  // it came then; when it went nobody saw
        } else if (is_span) {
            from = std::min(watched_until, to);
        }
        if (is_span) {
            event["from"] = accompaniment::instant_text(from);
            event["to"] = accompaniment::instant_text(to);
            event["provenance"] = to_string(record->provenance.value_or(Provenance::coldplug));
        } else {
            event["at"] = accompaniment::instant_text(to);
        }
        const auto text = event.dump();
        out.push_back(
            {.kind = "event",
             .id = event["id"].get<std::string>(),
             .host = known.name,
             .from_ms = from,
             .to_ms = to,
             .digest = sha256(as_view(text)).hex(),
             .document = text,
             .stored_at = now,
             .stored_by = known.name,
             .open = record->kind != DeviceEventKind::remove && (kind != "use" || !active.empty())});
    }
    return out;
}

}  // namespace assay::api::site
