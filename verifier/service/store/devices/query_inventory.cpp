#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "vendor-db/resolve/identifier.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/store.h"

namespace assay::store {
namespace {

constexpr std::size_t kChunk = 400;  // ids in one statement

std::string listed(const std::vector<std::int64_t>& ids) {
    std::string out;
    for (const auto id : ids) out += fmt::format("{}{}", out.empty() ? "" : ", ", id);
    return out.empty() ? "-1" : out;
}

/// Rows of part_makers in the order of type and position, put together.
class Types {
  public:
    void add(std::int64_t id, const std::string& kind, const std::string& model, const std::string& ns,
             MakerId maker) {
        auto& type = types_[id];
        type.id = id;
        type.kind = vendors::component_from_name(kind).value_or(vendors::Component::any);
        type.model = model;
        const auto known = vendors::namespace_from_name(ns);
        if (!known) return;
        maker.ns = *known;
        type.maker.push_back(std::move(maker));
    }
    std::map<std::int64_t, PartType> take() { return std::move(types_); }

  private:
    std::map<std::int64_t, PartType> types_;
};

std::map<std::int64_t, PartType> types_where(soci::session& sql, const std::string& condition) {
    std::int64_t id = 0;
    std::string kind, model, ns;
    MakerId maker;
    Types types;
    soci::statement statement =
        (sql.prepare
             << "SELECT t.id, t.kind, t.model, m.namespace, m.value, m.layer, m.what FROM part_types t JOIN "
                "part_makers m ON m.part_type = t.id WHERE " +
                    condition + " ORDER BY t.id, m.position",
         soci::into(id), soci::into(kind), soci::into(model), soci::into(ns), soci::into(maker.value),
         soci::into(maker.layer), soci::into(maker.what));
    statement.execute();
    while (statement.fetch()) types.add(id, kind, model, ns, maker);
    return types.take();
}

std::vector<std::int64_t> ids_in(soci::session& sql, const MakerRange& range) {
    std::int64_t id = 0;
    std::vector<std::int64_t> out;
    const auto ns = std::string(to_string(range.ns));
    const auto& before = range.before.empty() ? range.first : range.before;
    const std::string query =
        range.before.empty() ? "value >= :first AND value <= :before" : "value >= :first AND value < :before";
    soci::statement statement =
        (sql.prepare << "SELECT DISTINCT part_type FROM part_makers WHERE namespace = :ns AND " + query,
         soci::use(ns), soci::use(range.first), soci::use(before), soci::into(id));
    statement.execute();
    while (statement.fetch()) out.push_back(id);
    return out;
}

std::string there(const InventoryQuery& query) {
    auto out = fmt::format("c.part_type IN ({})", listed(query.types));
    if (query.as_of)
        out +=
            fmt::format(" AND c.first_seen <= {0} AND (c.last_seen = 0 OR c.last_seen >= {0})", *query.as_of);
    return out;
}

}  // namespace

Result<std::vector<PartType>> Store::part_types(const std::vector<MakerRange>& ranges) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<PartType>> {
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

Result<Inventory> Store::inventory(const InventoryQuery& query) {
    return database_->read([&](soci::session& sql) -> Result<Inventory> {
        Inventory out;
        const auto where = there(query);
        sql << "SELECT COUNT(*), COUNT(DISTINCT c.host) FROM components c WHERE " + where,
            soci::into(out.parts), soci::into(out.hosts);
        InventoryRow row;
        std::int64_t last_seen = 0;
        std::int64_t host_seen = 0;
        soci::statement statement =
            (sql.prepare
                 << "SELECT c.host, COALESCE(r.site, ''), c.part_type, c.place, c.serial, c.mac, "
                    "c.revision, c.evidence, c.first_seen, c.last_seen, s.attested_at FROM components c "
                    "JOIN host_state s ON s.host = c.host "
                    "LEFT JOIN registrations r ON r.host = c.host WHERE " +
                        where + " ORDER BY c.host, c.kind, c.place, c.first_seen LIMIT " +
                        std::to_string(query.limit),
             soci::into(row.host), soci::into(row.site), soci::into(row.type), soci::into(row.place),
             soci::into(row.serial), soci::into(row.mac), soci::into(row.revision), soci::into(row.evidence),
             soci::into(row.first_seen), soci::into(last_seen), soci::into(host_seen));
        statement.execute();
        while (statement.fetch()) {
            row.present = last_seen == 0;
            row.last_seen = row.present ? host_seen : last_seen;
            out.rows.push_back(row);
        }
        return out;
    });
}

Result<std::vector<TypeCount>> Store::present_types() {
    return database_->read([&](soci::session& sql) -> Result<std::vector<TypeCount>> {
        std::int64_t id = 0;
        TypeCount count;
        std::map<std::int64_t, TypeCount> counts;
        {
            soci::statement statement =
                (sql.prepare
                     << "SELECT part_type, COUNT(DISTINCT host), MIN(host) FROM components WHERE last_seen = "
                        "0 GROUP BY part_type",
                 soci::into(id), soci::into(count.hosts), soci::into(count.example));
            statement.execute();
            while (statement.fetch()) counts[id] = count;
        }
        std::vector<TypeCount> out;
        for (auto& [type_id, type] : types_where(sql, "1 = 1")) {
            const auto found = counts.find(type_id);
            if (found == counts.end()) continue;
            out.push_back({std::move(type), found->second.hosts, found->second.example});
        }
        return out;
    });
}

Result<std::vector<SeenComponent>> Store::seen_components(const std::string& host) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<SeenComponent>> {
        struct Seen {
            std::int64_t type = 0;
            SeenComponent part;
        };
        std::vector<Seen> found;
        {
            Seen row;
            soci::statement statement =
                (sql.prepare
                     << "SELECT part_type, host, kind, serial, MIN(first_seen) FROM components WHERE serial "
                        "IN "
                        "(SELECT serial FROM components WHERE host = :host AND serial <> '') GROUP BY "
                        "part_type, host, kind, serial ORDER BY host, kind, serial, part_type LIMIT 1000",
                 soci::use(host), soci::into(row.type), soci::into(row.part.host), soci::into(row.part.kind),
                 soci::into(row.part.serial), soci::into(row.part.first_seen));
            statement.execute();
            while (statement.fetch()) found.push_back(row);
        }
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
