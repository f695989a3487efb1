#include <algorithm>
#include <limits>
#include <map>

#include <fmt/core.h>

#include "vendor-db/resolve/identifier.h"
#include "verifier/service/store/devices/devices.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"

namespace assay::store {
namespace {

constexpr std::size_t kChunk = 400;  // ids in one statement

std::string listed(const std::vector<std::int64_t>& ids) {
    std::string out;
    for (const auto id : ids) out += fmt::format("{}{}", out.empty() ? "" : ", ", id);
    return out.empty() ? "-1" : out;
}

/// `condition`: of ours, on part_types t. `join`: "LEFT JOIN" for those without an identifier too.
std::map<std::int64_t, PartType> types_where(soci::session& sql, const std::string& condition,
                                             std::string_view join = "JOIN") {
    std::int64_t id = 0;
    std::string kind, model, ns;
    judge::MakerId maker;
    std::map<std::int64_t, PartType> types;
    const auto add = [&] {
        auto& type = types[id];
        type.id = id;
        type.kind = vendors::component_from_name(kind).value_or(vendors::Component::any);
        type.model = model;
        const auto known = vendors::namespace_from_name(ns);
        if (!known) return;
        maker.ns = *known;
        type.maker.push_back(maker);
    };
    Query(sql,
          fmt::format("SELECT t.id, t.kind, t.model, COALESCE(m.namespace, ''), COALESCE(m.value, ''), "
                      "COALESCE(m.layer, ''), COALESCE(m.what, '') FROM part_types t {} part_makers m ON "
                      "m.part_type = t.id WHERE {} ORDER BY t.id, m.position",
                      join, condition))
        .each(add, id, kind, model, ns, maker.value, maker.layer, maker.what);
    return types;
}

std::vector<std::int64_t> ids_in(soci::session& sql, const MakerRange& range) {
    const std::string query =
        "SELECT DISTINCT part_type FROM part_makers WHERE namespace = :ns AND value >= :first AND ";
    return Query(sql, query + (range.before.empty() ? "value <= :before" : "value < :before"),
                 vendors::to_string(range.ns), range.first, range.before.empty() ? range.first : range.before)
        .values<std::int64_t>();
}

std::string there(const InventoryQuery& query) {
    auto out = fmt::format("c.part_type IN ({})", listed(query.types));
    if (query.as_of)
        out +=
            fmt::format(" AND c.first_seen <= {0} AND (c.last_seen = 0 OR c.last_seen >= {0})", *query.as_of);
    return out;
}

}  // namespace

MakerRange MakerRange::of(vendors::Namespace ns, const std::string& canonical) {
    if (ns != vendors::Namespace::oui || canonical.empty()) return {ns, canonical, {}};
    auto before = canonical;
    before.back() = static_cast<char>(before.back() + 1);  // '9' and 'F' go to what no hex digit is
    return {ns, canonical, before};
}

Result<std::vector<PartType>> Parts::types(const std::vector<MakerRange>& ranges) {
    return database_.read([&](soci::session& sql) {
        std::vector<std::int64_t> ids;
        for (const auto& range : ranges) std::ranges::copy(ids_in(sql, range), std::back_inserter(ids));
        std::ranges::sort(ids);
        const auto repeated = std::ranges::unique(ids);
        ids.erase(repeated.begin(), repeated.end());
        std::vector<PartType> out;
        for (std::size_t at = 0; at < ids.size(); at += kChunk) {
            const std::vector chunk(
                ids.begin() + static_cast<std::ptrdiff_t>(at),
                ids.begin() + static_cast<std::ptrdiff_t>(std::min(at + kChunk, ids.size())));
            for (auto& [id, type] : types_where(sql, fmt::format("t.id IN ({})", listed(chunk))))
                out.push_back(std::move(type));
        }
        return out;
    });
}

Result<Inventory> Parts::inventory(const InventoryQuery& query) {
    return database_.read([&](soci::session& sql) {
        Inventory out;
        const auto where = there(query);
        const auto until = query.as_of.value_or(std::numeric_limits<std::int64_t>::max());
        Query(sql, "SELECT COUNT(*), COUNT(DISTINCT c.host) FROM components c WHERE " + where)
            .one(out.parts, out.hosts);
        InventoryRow row;
        std::int64_t last_seen = 0;
        std::int64_t host_seen = 0;
        const auto add = [&] {
            row.present = last_seen == 0 || query.as_of.has_value();
            row.last_seen = last_seen == 0 ? host_seen : last_seen;
            if (query.as_of) row.last_seen = std::min(row.last_seen, *query.as_of);
            out.rows.push_back(row);
        };
        Query(sql,
              "SELECT c.host, COALESCE(l.value, ''), COALESCE(r.site, ''), c.part_type, c.place, c.serial, "
              "c.mac, "
              "c.revision, c.evidence, c.first_seen, c.last_seen, s.attested_at FROM components c "
              "JOIN host_state s ON s.host = c.host "
              "LEFT JOIN host_labels l ON l.host = c.host AND l.name = 'site' AND l.set_at <= :labelled "
              "LEFT JOIN registrations r ON r.host = c.host AND r.registered_at <= :registered WHERE " +
                  where + " ORDER BY c.host, c.kind, c.place, c.first_seen LIMIT " +
                  std::to_string(query.limit),
              until, until)
            .each(add, row.host, row.site, row.bought_for, row.type, row.place, row.serial, row.mac,
                  row.revision, row.evidence, row.first_seen, last_seen, host_seen);
        return out;
    });
}

Result<std::vector<PartType>> Parts::all_types() {
    return database_.read([&](soci::session& sql) {
        std::vector<PartType> out;
        for (auto& [id, type] : types_where(sql, "1 = 1", "LEFT JOIN")) out.push_back(std::move(type));
        return out;
    });
}

Result<std::vector<TypeCount>> Parts::present_types() {
    return database_.read([&](soci::session& sql) {
        std::int64_t id = 0;
        TypeCount count;
        std::map<std::int64_t, TypeCount> counts;
        Query(sql,
              "SELECT part_type, COUNT(DISTINCT host), MIN(host) FROM components WHERE last_seen = 0 GROUP "
              "BY part_type")
            .each([&] { counts[id] = count; }, id, count.hosts, count.example);
        std::vector<TypeCount> out;
        for (auto& [type_id, type] : types_where(sql, "1 = 1")) {
            const auto found = counts.find(type_id);
            if (found == counts.end()) continue;
            out.push_back({std::move(type), found->second.hosts, found->second.example});
        }
        return out;
    });
}

Result<std::vector<judge::HostComponent>> Parts::held(const std::string& host) {
    return database_.read([&](soci::session& sql) {
        std::int64_t type = 0;
        judge::HostComponent part;
        std::vector<std::pair<std::int64_t, judge::HostComponent>> rows;
        Query(sql,
              "SELECT part_type, place, serial, mac, revision, slot FROM components WHERE host = :host AND "
              "last_seen = 0 ORDER BY kind, place, first_seen, part_type, serial",
              host)
            .each([&] { rows.emplace_back(type, part); }, type, part.place, part.serial, part.mac,
                  part.revision, part.slot);
        std::vector<std::int64_t> ids;
        for (const auto& [id, row] : rows) ids.push_back(id);
        const auto types = types_where(sql, fmt::format("t.id IN ({})", listed(ids)), "LEFT JOIN");
        std::vector<judge::HostComponent> out;
        for (auto& [id, row] : rows) {
            const auto found = types.find(id);
            if (found == types.end()) continue;
            row.kind = found->second.kind;
            row.model = found->second.model;
            row.maker = found->second.maker;
            out.push_back(std::move(row));
        }
        return out;
    });
}

Result<std::vector<SeenComponent>> Parts::seen_components(const std::string& host) {
    return database_.read([&](soci::session& sql) {
        struct Seen {
            std::int64_t type = 0;
            SeenComponent part;
        };
        auto found =
            Query(sql,
                  "SELECT part_type, host, kind, serial, MIN(first_seen) FROM components WHERE serial IN "
                  "(SELECT serial FROM components WHERE host = :host AND serial <> '') GROUP BY "
                  "part_type, host, kind, serial ORDER BY host, kind, serial, part_type LIMIT 1000",
                  host)
                .rows<Seen>([](Seen& row) {
                    return std::tie(row.type, row.part.host, row.part.kind, row.part.serial,
                                    row.part.first_seen);
                });
        std::vector<std::int64_t> ids;
        for (const auto& each : found) ids.push_back(each.type);
        const auto types = types_where(sql, fmt::format("t.id IN ({})", listed(ids)));
        std::vector<SeenComponent> out;
        for (auto& each : found) {
            if (const auto type = types.find(each.type); type != types.end()) {
                for (const auto& id : type->second.maker)
                    each.part.maker.push_back(fmt::format("{} {}", to_string(id.ns), id.value));
            }
            out.push_back(std::move(each.part));
        }
        return out;
    });
}

}  // namespace assay::store
