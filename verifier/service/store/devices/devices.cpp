#include "verifier/service/store/devices/devices.h"

#include <algorithm>

#include "verifier/service/store/devices/write_devices.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/select.h"

namespace assay::store {
namespace {

constexpr const char* kStays =
    "SELECT d.host, d.digest, d.sequence, d.kind, d.device, d.vid, d.pid, d.serial, d.manufacturer, "
    "d.product, "
    "d.descriptors, d.form, d.hub, d.port, d.controller, d.boot_id, d.claimed_ms, d.at_ms, d.earliest_ms, "
    "d.latest_ms, d.end_sequence, d.end_kind, d.end_at_ms, d.end_earliest_ms, d.end_latest_ms, "
    "s.watched_until_ms FROM device_sightings d JOIN host_state s ON s.host = d.host";

/// A row of kStays.
struct StayRow {
    judge::KnownStay stay;
    judge::StayEnd end;
    std::string kind, form;

    [[nodiscard]] judge::KnownStay read() const {
        auto out = stay;
        auto& sighting = out.sighting;
        for (const auto each : {DeviceEventKind::insert, DeviceEventKind::remove, DeviceEventKind::present}) {
            if (to_string(each) == kind) sighting.kind = each;
        }
        for (const auto each : {usb::SerialGrade::a, usb::SerialGrade::b, usb::SerialGrade::c}) {
            if (usb::to_string(each) == form) sighting.form = each;
        }
        if (end.record != 0) sighting.end = end;
        return out;
    }
};

std::vector<judge::KnownStay> stays_in(soci::session& sql, const Select& select) {
    StayRow row;
    auto& s = row.stay.sighting;
    auto& end = row.end;
    std::vector<judge::KnownStay> out;
    select.on(sql).each([&] { out.push_back(row.read()); }, s.host, s.digest, s.record, row.kind, s.device,
                        s.vid, s.pid, s.serial, s.manufacturer, s.product, s.descriptors, row.form, s.hub,
                        s.port, s.controller, s.boot_id, s.claimed_ms, s.time.at_ms, s.time.earliest_ms,
                        s.time.latest_ms, end.record, end.kind, end.time.at_ms, end.time.earliest_ms,
                        end.time.latest_ms, row.stay.watched_until_ms);
    return out;
}

std::vector<judge::DeviceSighting> sightings_of(std::vector<judge::KnownStay> stays) {
    std::vector<judge::DeviceSighting> out;
    out.reserve(stays.size());
    for (auto& each : stays) out.push_back(std::move(each.sighting));
    return out;
}

/// One that the host's journal brings for the first time. A record that is there already stays as it is.
void insert_sighting(soci::session& sql, const judge::DeviceSighting& sighting) {
    execute(
        sql,
        "INSERT INTO device_sightings (host, digest, sequence, kind, device, vid, pid, serial, "
        "manufacturer, product, descriptors, form, hub, port, controller, boot_id, claimed_ms, at_ms, "
        "earliest_ms, latest_ms, open, end_sequence, end_kind, end_at_ms, end_earliest_ms, end_latest_ms) "
        "VALUES (:host, :digest, :sequence, :kind, :device, :vid, :pid, :serial, :manufacturer, :product, "
        ":descriptors, :form, :hub, :port, :controller, :boot_id, :claimed_ms, :at_ms, :earliest_ms, "
        ":latest_ms, :open, 0, '', 0, 0, 0) ON CONFLICT DO NOTHING",
        sighting.host, sighting.digest, sighting.record, to_string(sighting.kind), sighting.device,
        sighting.vid, sighting.pid, sighting.serial, sighting.manufacturer, sighting.product,
        sighting.descriptors, usb::to_string(sighting.form), sighting.hub, sighting.port, sighting.controller,
        sighting.boot_id, sighting.claimed_ms, sighting.time.at_ms, sighting.time.earliest_ms,
        sighting.time.latest_ms, sighting.kind != DeviceEventKind::remove);
}

void end_stay(soci::session& sql, const judge::DeviceSighting& sighting) {
    const auto& end = *sighting.end;
    execute(sql,
            "UPDATE device_sightings SET open = 0, end_sequence = :sequence, end_kind = :kind, "
            "end_at_ms = :at, end_earliest_ms = :earliest, end_latest_ms = :latest "
            "WHERE host = :host AND digest = :digest AND open = 1",
            end.record, end.kind, end.time.at_ms, end.time.earliest_ms, end.time.latest_ms, sighting.host,
            sighting.digest);
}

/// Other devices with this serial: then it names none of them.
bool is_on_another(soci::session& sql, const DeviceSummary& device) {
    return number(sql,
                  "SELECT COUNT(*) FROM (SELECT 1 FROM device_sightings WHERE serial = :serial AND device <> "
                  ":device LIMIT 1) AS other",
                  device.serial, device.device) != 0;
}

void add_hosts(soci::session& sql, DeviceSummary& device) {
    DeviceSummary::InHost in;
    std::int64_t watched = 0, ended = 0;
    Query(sql,
          "SELECT d.host, MIN(d.at_ms), MAX(CASE WHEN d.end_at_ms > d.at_ms THEN d.end_at_ms "
          "ELSE d.at_ms END), MAX(d.open), MAX(s.watched_until_ms) "
          "FROM device_sightings d JOIN host_state s ON s.host = d.host "
          "WHERE d.device = :device GROUP BY d.host ORDER BY d.host LIMIT 1000",
          device.device)
        .each(
            [&] {
                in.last_seen_ms = in.present ? std::max(ended, watched) : ended;
                device.last_seen_ms = std::max(device.last_seen_ms, in.last_seen_ms);
                device.hosts.push_back(in);
            },
            in.host, in.first_seen_ms, ended, in.present, watched);
}

}  // namespace

void write_devices(soci::session& sql, const DeviceUpdate& update, std::uint64_t accepted) {
    for (std::size_t i = 0; i < update.sightings.size(); ++i) {
        const auto& sighting = update.sightings[i];
        if (i >= update.known_before) {
            if (sighting.record > accepted) continue;
            insert_sighting(sql, sighting);
        }
        if (sighting.end && sighting.end->record <= accepted) end_stay(sql, sighting);
    }
}

Result<std::vector<judge::DeviceSighting>> Devices::open_stays(const std::string& host) {
    return database_.read([&](soci::session& sql) {
        Select select(kStays);
        select.where("d.host = :host", host).where("d.open = 1").order_by("d.at_ms, d.sequence");
        return sightings_of(stays_in(sql, select));
    });
}

Result<std::vector<judge::DeviceSighting>> Devices::lost_stays(const std::string& host) {
    return database_.read([&](soci::session& sql) {
        const auto start = number(sql,
                                  "SELECT COALESCE(MAX(end_sequence), 0) FROM device_sightings WHERE host = "
                                  ":host AND end_kind = 'monitor_start'",
                                  host);
        Select select(kStays);
        select.where("d.host = :host", host)
            .where("d.end_sequence = :start", start)
            .where("d.end_kind = 'monitor_start'")
            .order_by("d.at_ms, d.sequence");
        return sightings_of(stays_in(sql, select));
    });
}

Result<std::vector<judge::KnownStay>> Devices::stays(const std::string& device) {
    return database_.read([&](soci::session& sql) {
        constexpr std::int64_t kMost = 64;
        Select select(kStays);
        select.where("d.device = :device", device)
            .where("d.kind <> 'remove'")
            .order_by("d.open DESC, d.at_ms DESC, d.host")
            .limit(kMost);
        return stays_in(sql, select);
    });
}

Result<std::vector<judge::DeviceSighting>> Devices::sightings(const SightingQuery& query) {
    return database_.read([&](soci::session& sql) {
        Select select(kStays);
        select.where("d.serial = :serial", query.serial)
            .where_if("d.host = :host", query.host)
            .order_by("d.at_ms DESC, d.host, d.sequence DESC")
            .limit(query.limit);
        auto out = sightings_of(stays_in(sql, select));
        std::ranges::reverse(out);
        return out;
    });
}

Result<std::vector<DeviceSummary>> Devices::list(const DeviceQuery& query) {
    return database_.read([&](soci::session& sql) {
        DeviceSummary row;
        std::string form;
        std::vector<DeviceSummary> out;
        Select select(
            "SELECT device, MAX(vid), MAX(pid), MAX(serial), MAX(manufacturer), MAX(product), MAX(form), "
            "MAX(hub), COUNT(*), MIN(at_ms), MAX(at_ms) FROM device_sightings");
        select.where_if("device IN (SELECT device FROM device_sightings WHERE host = :host)", query.host)
            .group_by("device")
            .order_by("MAX(at_ms) DESC, device")
            .limit(query.limit);
        const auto add = [&] {
            row.grade = form == "A"   ? usb::SerialGrade::a
                        : form == "B" ? usb::SerialGrade::b
                                      : usb::SerialGrade::c;
            out.push_back(row);
        };
        select.on(sql).each(add, row.device, row.vid, row.pid, row.serial, row.manufacturer, row.product,
                            form, row.hub, row.sightings, row.first_seen_ms, row.last_seen_ms);
        for (auto& device : out) {
            if (device.grade == usb::SerialGrade::a && is_on_another(sql, device))
                device.grade = usb::SerialGrade::b;
            add_hosts(sql, device);
        }
        return out;
    });
}

}  // namespace assay::store
