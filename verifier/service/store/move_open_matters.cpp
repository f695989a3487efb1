#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/wire/open_matter.h"
#include "verifier/service/store/engine/query.h"
#include "verifier/service/store/migrations.h"

namespace assay::store {
namespace {

/// A device that is in a host.
struct Stay {
    std::string host, vid, pid, serial, manufacturer, product, port, controller, device, descriptors, kind;
    std::int64_t record = 0, earliest_ms = 0, latest_ms = 0;
};

Bytes digest(const std::string& hex) {
    return from_hex(hex, hex.size()).value_or(Bytes());
}

MatterDevice device_of(const Stay& stay) {
    MatterDevice out;
    if (!stay.vid.empty()) out.ids = fmt::format("{}:{}", stay.vid, stay.pid);
    out.name = fmt::format("{}{}{}", stay.manufacturer, stay.product.empty() ? "" : " ", stay.product);
    out.serial = stay.serial;
    out.port = stay.port;
    out.controller = stay.controller;
    out.identity = digest(stay.device);
    out.descriptors = digest(stay.descriptors);
    out.came_from_ms = stay.earliest_ms;
    out.came_to_ms = stay.latest_ms;
    out.how = stay.kind;
    return out;
}

/// As it was told first. A verdict that was none yet is still asked for by its event.
std::optional<OpenMatter> matter_of(soci::session& sql, const Stay& stay) {
    OpenMatter out;
    std::string place;
    const auto plain = fmt::format("journal: record {}", stay.record);
    const auto judged = fmt::format("journal: record {}; %", stay.record);
    if (!Query(sql,
               "SELECT f.id, f.tier, f.basis, f.expected, f.actual, f.evidence, t.first_at FROM stays t JOIN "
               "findings f ON f.conclusion = t.conclusion WHERE t.host = :host AND f.id LIKE 'usb.%' AND "
               "f.tier <> 'none' AND (f.evidence = :plain OR f.evidence LIKE :judged) ORDER BY t.first_at, "
               "f.position LIMIT 1",
               stay.host, plain, judged)
             .one(out.id, out.tier, out.basis, out.expected, out.actual, place, out.since))
        return std::nullopt;
    out.subject = fmt::format("USB port {}", stay.port);
    out.where = plain;
    if (place == plain) out.actual.clear();  // the device's own texts say it
    out.record = static_cast<std::uint64_t>(stay.record);
    out.device = device_of(stay);
    return out;
}

}  // namespace

Result<> move_open_matters(soci::session& sql) {
    const auto stays =
        Query(sql,
              "SELECT host, vid, pid, serial, manufacturer, product, port, controller, device, descriptors, "
              "kind, sequence, earliest_ms, latest_ms FROM device_sightings WHERE open = 1 ORDER BY host, "
              "sequence")
            .rows<Stay>([](Stay& row) {
                return std::tie(row.host, row.vid, row.pid, row.serial, row.manufacturer, row.product,
                                row.port, row.controller, row.device, row.descriptors, row.kind, row.record,
                                row.earliest_ms, row.latest_ms);
            });
    std::map<std::string, std::vector<OpenMatter>> open;
    for (const auto& stay : stays)
        if (auto matter = matter_of(sql, stay)) open[stay.host].push_back(*std::move(matter));
    for (auto& [host, matters] : open) {
        if (matters.size() > limits::kOpenMatters) matters.resize(limits::kOpenMatters);
        execute(sql, "UPDATE host_state SET open_matters = :open, told = told + 1 WHERE host = :host",
                to_hex(encode_open_matters(matters)), host);
    }
    return {};
}

}  // namespace assay::store
