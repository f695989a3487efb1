#include <algorithm>

#include "verifier/service/store/devices/write_devices.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/select.h"
#include "verifier/service/store/hosts/read_labels.h"
#include "verifier/service/store/store.h"

namespace assay::store {
namespace {

constexpr const char* kStays =
    "SELECT d.host, d.digest, d.sequence, d.kind, d.device, d.vid, d.pid, d.serial, d.manufacturer, "
    "d.product, "
    "d.descriptors, d.form, d.hub, d.port, d.controller, d.boot_id, d.claimed_ms, d.at_ms, d.earliest_ms, "
    "d.latest_ms, d.end_sequence, d.end_kind, d.end_at_ms, d.end_earliest_ms, d.end_latest_ms, "
    "s.watched_until_ms FROM device_sightings d JOIN host_state s ON s.host = d.host";

/// A row of kStays, in the types that SQL has.
struct Row {
    DeviceSighting sighting;
    StayEnd end;
    std::string kind, form;
    std::int64_t record = 0, hub = 0, end_record = 0, watched_until_ms = 0;

    [[nodiscard]] KnownStay read() const {
        auto out = sighting;
        out.record = static_cast<std::uint64_t>(record);
        out.hub = hub != 0;
        for (const auto each : {DeviceEventKind::insert, DeviceEventKind::remove, DeviceEventKind::present}) {
            if (to_string(each) == kind) out.kind = each;
        }
        for (const auto each : {usb::SerialGrade::a, usb::SerialGrade::b, usb::SerialGrade::c}) {
            if (usb::to_string(each) == form) out.form = each;
        }
        if (end_record != 0) {
            out.end = end;
            out.end->record = static_cast<std::uint64_t>(end_record);
        }
        return {std::move(out), watched_until_ms};
    }
};

std::vector<KnownStay> stays(soci::session& sql, Select& select) {
    Row row;
    auto& s = row.sighting;
    auto& end = row.end;
    auto statement = select.prepare(
        sql, soci::into(s.host), soci::into(s.digest), soci::into(row.record), soci::into(row.kind),
        soci::into(s.device), soci::into(s.vid), soci::into(s.pid), soci::into(s.serial),
        soci::into(s.manufacturer), soci::into(s.product), soci::into(s.descriptors), soci::into(row.form),
        soci::into(row.hub), soci::into(s.port), soci::into(s.controller), soci::into(s.boot_id),
        soci::into(s.claimed_ms), soci::into(s.time.at_ms), soci::into(s.time.earliest_ms),
        soci::into(s.time.latest_ms), soci::into(row.end_record), soci::into(end.kind),
        soci::into(end.time.at_ms), soci::into(end.time.earliest_ms), soci::into(end.time.latest_ms),
        soci::into(row.watched_until_ms));
    statement.execute();
    std::vector<KnownStay> out;
    while (statement.fetch()) out.push_back(row.read());
    return out;
}

std::vector<DeviceSighting> sightings_of(std::vector<KnownStay> stays) {
    std::vector<DeviceSighting> out;
    out.reserve(stays.size());
    for (auto& each : stays) out.push_back(std::move(each.sighting));
    return out;
}

/// One that the host's journal brings for the first time. A record that is there already stays as it is.
void insert_sighting(soci::session& sql, const DeviceSighting& sighting) {
    const auto record = static_cast<std::int64_t>(sighting.record);
    const auto kind = std::string(to_string(sighting.kind));
    const auto form = std::string(usb::to_string(sighting.form));
    const std::int64_t hub = sighting.hub ? 1 : 0;
    const std::int64_t open = sighting.kind == DeviceEventKind::remove ? 0 : 1;
    sql << "INSERT INTO device_sightings (host, digest, sequence, kind, device, vid, pid, serial, "
           "manufacturer, product, descriptors, form, hub, port, controller, boot_id, claimed_ms, at_ms, "
           "earliest_ms, latest_ms, open, end_sequence, end_kind, end_at_ms, end_earliest_ms, end_latest_ms) "
           "VALUES (:host, :digest, :sequence, :kind, :device, :vid, :pid, :serial, :manufacturer, :product, "
           ":descriptors, :form, :hub, :port, :controller, :boot_id, :claimed_ms, :at_ms, :earliest_ms, "
           ":latest_ms, :open, 0, '', 0, 0, 0) ON CONFLICT DO NOTHING",
        soci::use(sighting.host), soci::use(sighting.digest), soci::use(record), soci::use(kind),
        soci::use(sighting.device), soci::use(sighting.vid), soci::use(sighting.pid),
        soci::use(sighting.serial), soci::use(sighting.manufacturer), soci::use(sighting.product),
        soci::use(sighting.descriptors), soci::use(form), soci::use(hub), soci::use(sighting.port),
        soci::use(sighting.controller), soci::use(sighting.boot_id), soci::use(sighting.claimed_ms),
        soci::use(sighting.time.at_ms), soci::use(sighting.time.earliest_ms),
        soci::use(sighting.time.latest_ms), soci::use(open);
}

void end_stay(soci::session& sql, const DeviceSighting& sighting) {
    const auto& end = *sighting.end;
    const auto record = static_cast<std::int64_t>(end.record);
    sql << "UPDATE device_sightings SET open = 0, end_sequence = :sequence, end_kind = :kind, "
           "end_at_ms = :at, end_earliest_ms = :earliest, end_latest_ms = :latest "
           "WHERE host = :host AND digest = :digest AND open = 1",
        soci::use(record), soci::use(end.kind), soci::use(end.time.at_ms), soci::use(end.time.earliest_ms),
        soci::use(end.time.latest_ms), soci::use(sighting.host), soci::use(sighting.digest);
}

/// Other devices with this serial: then it names none of them.
bool is_on_another(soci::session& sql, const DeviceSummary& device) {
    std::int64_t others = 0;
    sql << "SELECT COUNT(*) FROM (SELECT 1 FROM device_sightings WHERE serial = :serial AND device <> "
           ":device LIMIT 1) AS other",
        soci::use(device.serial), soci::use(device.device), soci::into(others);
    return others != 0;
}

void add_hosts(soci::session& sql, DeviceSummary& device) {
    DeviceSummary::InHost in;
    std::int64_t open = 0, watched = 0, ended = 0;
    soci::statement statement =
        (sql.prepare << "SELECT d.host, MIN(d.at_ms), MAX(CASE WHEN d.end_at_ms > d.at_ms THEN d.end_at_ms "
                        "ELSE d.at_ms END), MAX(d.open), MAX(s.watched_until_ms) "
                        "FROM device_sightings d JOIN host_state s ON s.host = d.host "
                        "WHERE d.device = :device GROUP BY d.host ORDER BY d.host LIMIT 1000",
         soci::use(device.device), soci::into(in.host), soci::into(in.first_seen_ms), soci::into(ended),
         soci::into(open), soci::into(watched));
    statement.execute();
    while (statement.fetch()) {
        in.present = open != 0;
        in.last_seen_ms = in.present ? std::max(ended, watched) : ended;
        device.last_seen_ms = std::max(device.last_seen_ms, in.last_seen_ms);
        device.hosts.push_back(in);
    }
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

Result<std::vector<DeviceSighting>> Store::open_stays(const std::string& host) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<DeviceSighting>> {
        Select select(kStays);
        select.where("d.host = :host", host).where("d.open = 1").order_by("d.at_ms, d.sequence");
        return sightings_of(stays(sql, select));
    });
}

Result<std::vector<KnownStay>> Store::stays_of_device(const std::string& device) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<KnownStay>> {
        constexpr std::int64_t kMost = 64;
        Select select(kStays);
        select.where("d.device = :device", device)
            .where("d.kind <> 'remove'")
            .order_by("d.open DESC, d.at_ms DESC, d.host")
            .limit(kMost);
        return stays(sql, select);
    });
}

Result<std::vector<DeviceSighting>> Store::sightings(const SightingQuery& query) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<DeviceSighting>> {
        Select select(kStays);
        select.where("d.serial = :serial", query.serial)
            .where_if("d.host = :host", query.host)
            .order_by("d.at_ms DESC, d.host, d.sequence DESC")
            .limit(query.limit);
        auto out = sightings_of(stays(sql, select));
        std::ranges::reverse(out);
        return out;
    });
}

Result<std::vector<DeviceSummary>> Store::devices(const DeviceQuery& query) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<DeviceSummary>> {
        DeviceSummary row;
        std::string form;
        std::int64_t hub = 0;
        std::vector<DeviceSummary> out;
        {
            Select select(
                "SELECT device, MAX(vid), MAX(pid), MAX(serial), MAX(manufacturer), MAX(product), MAX(form), "
                "MAX(hub), COUNT(*), MIN(at_ms), MAX(at_ms) FROM device_sightings");
            select.where_if("device IN (SELECT device FROM device_sightings WHERE host = :host)", query.host)
                .group_by("device")
                .order_by("MAX(at_ms) DESC, device")
                .limit(query.limit);
            auto statement = select.prepare(
                sql, soci::into(row.device), soci::into(row.vid), soci::into(row.pid), soci::into(row.serial),
                soci::into(row.manufacturer), soci::into(row.product), soci::into(form), soci::into(hub),
                soci::into(row.sightings), soci::into(row.first_seen_ms), soci::into(row.last_seen_ms));
            statement.execute();
            while (statement.fetch()) {
                row.hub = hub != 0;
                row.grade = form == "A"   ? usb::SerialGrade::a
                            : form == "B" ? usb::SerialGrade::b
                                          : usb::SerialGrade::c;
                out.push_back(row);
            }
        }
        for (auto& device : out) {
            if (device.grade == usb::SerialGrade::a && is_on_another(sql, device))
                device.grade = usb::SerialGrade::b;
            add_hosts(sql, device);
        }
        return out;
    });
}

Result<std::vector<Contact>> Store::contacts() {
    return database_->read([&](soci::session& sql) -> Result<std::vector<Contact>> {
        Contact row;
        soci::statement statement =
            (sql.prepare << "SELECT h.name, h.enrolled_at, s.attested_at, s.watched_until_ms "
                            "FROM hosts h JOIN host_state s ON s.host = h.name ORDER BY h.name",
             soci::into(row.host), soci::into(row.enrolled_at), soci::into(row.attested_at),
             soci::into(row.watched_until_ms));
        statement.execute();
        std::vector<Contact> out;
        while (statement.fetch()) out.push_back(row);
        auto labels = labels_of_all(sql);
        for (auto& each : out) {
            if (const auto found = labels.find(each.host); found != labels.end())
                each.labels = std::move(found->second);
        }
        return out;
    });
}

Result<Contact> Store::contact(const std::string& host) {
    return database_->read([&](soci::session& sql) -> Result<Contact> {
        Contact row;
        sql << "SELECT h.name, h.enrolled_at, s.attested_at, s.watched_until_ms "
               "FROM hosts h JOIN host_state s ON s.host = h.name WHERE h.name = :host",
            soci::use(host), soci::into(row.host), soci::into(row.enrolled_at), soci::into(row.attested_at),
            soci::into(row.watched_until_ms);
        if (!sql.got_data()) return fail(ErrorCode::not_found, "no host of this name is enrolled");
        row.labels = labels_of(sql, host);
        return row;
    });
}

}  // namespace assay::store
