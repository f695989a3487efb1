#include "verifier/judge/devices/device_sightings.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/device/usb_descriptor.h"

namespace assay::judge {
namespace {

constexpr std::size_t kShortText = 512;  // a USB string of 126 characters, each in four

std::string kept(std::string_view text) {
    return shortened(printable(shortened(text, kShortText)), kShortText);
}

std::string identity_of(const UsbDevice& device, const Result<usb::Device>& parsed) {
    return device_identity(parsed ? usb::id_text(*parsed) : sha256(device.descriptors).hex(), device.serial);
}

bool begins_stay(const DeviceSighting& sighting) {
    return sighting.kind == DeviceEventKind::insert || sighting.kind == DeviceEventKind::present;
}

// It was there at least until `earliest_ms`, which is never before it came.
void end_stay(DeviceSighting& stay, const DeviceSighting& by, std::int64_t earliest_ms) {
    const auto earliest = std::max(stay.time.earliest_ms, earliest_ms);
    const auto latest = std::max(by.time.latest_ms, earliest);
    stay.end = StayEnd{by.record, std::string(to_string(by.kind)), {by.time.at_ms, earliest, latest}};
}

}  // namespace

// Lengths go first, so that nothing can be moved from one part to the next.
std::string device_identity(std::string_view ids, std::string_view serial) {
    return sha256(as_view(fmt::format("{}\n{}\n{}", ids, serial.size(), serial))).hex();
}

std::string device_identity(const UsbDevice& device) {
    return identity_of(device, usb::parse_descriptors(device.descriptors));
}

std::optional<DeviceSighting> sighting_of(const std::string& host, const JournalRecord& record,
                                          const Digest& digest, const EventTime& time) {
    DeviceSighting out;
    out.host = host;
    out.record = record.sequence;
    out.digest = digest.hex();
    out.kind = record.kind;
    out.boot_id = kept(record.boot_id);
    out.claimed_ms = record.wall_ms;
    out.time = time;
    if (record.kind == DeviceEventKind::monitor_start) return out;
    const bool is_of_a_device = begins_stay(out) || record.kind == DeviceEventKind::remove;
    if (!is_of_a_device || !record.device) return std::nullopt;
    const auto& device = *record.device;
    const auto parsed = usb::parse_descriptors(device.descriptors);
    out.device = identity_of(device, parsed);
    out.serial = kept(device.serial);
    out.manufacturer = kept(device.manufacturer);
    out.product = kept(device.product);
    out.descriptors = sha256(device.descriptors).hex();
    out.form = usb::grade_by_form(device.serial);
    out.port = kept(device.port_path);
    out.controller = kept(device.controller);
    if (parsed) {
        out.vid = hex4(parsed->vendor);
        out.pid = hex4(parsed->product);
        out.hub = usb::is_hub(*parsed);
    }
    return out;
}

bool is_comparable(const DeviceSighting& sighting) {
    return sighting.form == usb::SerialGrade::a && !sighting.hub && !sighting.vid.empty();
}

std::vector<DeviceSighting> followed(std::vector<DeviceSighting> open,
                                     const std::vector<DeviceSighting>& fresh,
                                     std::int64_t watched_until_ms) {
    auto all = std::move(open);
    std::map<std::string, std::vector<std::size_t>> there;  // port -> what is in it
    const auto known = all.size();
    for (std::size_t i = 0; i < known; ++i) there[all[i].port].push_back(i);
    // Known before: it was there when the host last told. New: nothing but that it came.
    const auto lost_sight = [&](std::size_t i, const DeviceSighting& by) {
        end_stay(all[i], by, i < known ? watched_until_ms : all[i].time.earliest_ms);
    };
    for (const auto& sighting : fresh) {
        if (sighting.kind == DeviceEventKind::monitor_start) {
            for (auto& [port, stays] : there) {
                std::erase_if(stays, [&](std::size_t i) {
                    if (all[i].boot_id == sighting.boot_id) return false;
                    lost_sight(i, sighting);
                    return true;
                });
            }
            continue;
        }
        auto& stays = there[sighting.port];
        for (const auto i : stays) {
            if (sighting.kind == DeviceEventKind::remove)
                end_stay(all[i], sighting, sighting.time.earliest_ms);
            else
                lost_sight(i, sighting);
        }
        stays.clear();
        if (begins_stay(sighting)) stays.push_back(all.size());
        all.push_back(sighting);
    }
    return all;
}

DeviceStay stay_of(const DeviceSighting& sighting, std::int64_t watched_until_ms) {
    DeviceStay stay{.host = sighting.host,
                    .port = sighting.port,
                    .controller = sighting.controller,
                    .descriptors = sighting.descriptors,
                    .found = sighting.kind == DeviceEventKind::present,
                    .record = sighting.record,
                    .from_earliest_ms = sighting.time.earliest_ms,
                    .from_latest_ms = sighting.time.latest_ms};
    if (sighting.end) {
        stay.until_record = sighting.end->record;
        stay.to_earliest_ms = sighting.end->time.earliest_ms;
        stay.to_latest_ms = sighting.end->time.latest_ms;
    } else {
        stay.to_earliest_ms = std::max(sighting.time.earliest_ms, watched_until_ms);
        stay.to_latest_ms = stay.to_earliest_ms;
    }
    return stay;
}

bool are_at_once(const DeviceStay& one, const DeviceStay& other) {
    if (std::max(one.from_latest_ms, other.from_latest_ms) <
        std::min(one.to_earliest_ms, other.to_earliest_ms)) {
        return true;
    }
    // It came to one while it was in the other, however short it stayed.
    const auto covers_the_coming = [](const DeviceStay& a, const DeviceStay& b) {
        return a.from_latest_ms < b.from_earliest_ms && b.from_latest_ms < a.to_earliest_ms;
    };
    return covers_the_coming(one, other) || covers_the_coming(other, one);
}

bool are_built_in(const DeviceStay& one, const DeviceStay& other) {
    return one.found && other.found && one.port == other.port && one.controller == other.controller;
}

namespace {

// The stay of one device that this host has, against all others of the same.
std::vector<DeviceOnOtherHost> compared(const DeviceSighting& mine, const DeviceStay& here,
                                        const std::vector<const KnownStay*>& others, bool fresh) {
    std::vector<DeviceOnOtherHost> out;
    const auto add = [&](const DeviceStay& there) {
        out.push_back({fmt::format("{}:{}", mine.vid, mine.pid), mine.serial, here, there});
    };
    const KnownStay* before = nullptr;  // the newest that began before this one
    for (const auto* other : others) {
        const auto& sighting = other->sighting;
        if (sighting.digest == mine.digest) continue;
        if (sighting.time.at_ms <= mine.time.at_ms &&
            (before == nullptr || before->sighting.time.at_ms < sighting.time.at_ms))
            before = other;
        if (sighting.host == mine.host) continue;
        const auto there = stay_of(sighting, other->watched_until_ms);
        if (are_built_in(here, there)) return {};
        if (are_at_once(here, there)) add(there);
    }
    if (!fresh || before == nullptr || before->sighting.host == mine.host) return out;
    const auto there = stay_of(before->sighting, before->watched_until_ms);
    if (!are_at_once(here, there)) add(there);
    return out;
}

}  // namespace

std::vector<DeviceOnOtherHost> devices_elsewhere(const std::vector<DeviceSighting>& own,
                                                 std::int64_t own_watched_until_ms,
                                                 const std::vector<KnownStay>& stored,
                                                 std::size_t known_before) {
    std::vector<KnownStay> mine;
    std::size_t no_news = 0;
    for (std::size_t i = 0; i < own.size(); ++i) {
        if (!begins_stay(own[i]) || !is_comparable(own[i])) continue;
        mine.push_back({own[i], own_watched_until_ms});
        if (i < known_before) no_news = mine.size();
    }
    std::map<std::string, std::vector<const KnownStay*>> by_device;
    for (const auto& each : stored) by_device[each.sighting.device].push_back(&each);
    std::vector<DeviceOnOtherHost> out;
    for (std::size_t i = 0; i < mine.size(); ++i) {
        const auto& sighting = mine[i].sighting;
        const auto stays = by_device.find(sighting.device);
        if (stays == by_device.end()) continue;
        auto others = stays->second;
        for (const auto& each : mine) {
            if (each.sighting.device == sighting.device) others.push_back(&each);
        }
        const auto found = compared(sighting, stay_of(sighting, own_watched_until_ms), others, i >= no_news);
        for (const auto& each : found) {
            if (out.size() >= limits::kDevicesElsewhere) return out;
            out.push_back(each);
        }
    }
    return out;
}

}  // namespace assay::judge
