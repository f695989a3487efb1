#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "evidence/base/digest.h"
#include "evidence/base/text.h"
#include "vendor-db/resolve/identifier.h"
#include "verifier/service/store/devices/devices.h"
#include "verifier/service/store/devices/write_devices.h"
#include "verifier/service/store/engine/query.h"

namespace assay::store {
namespace {

constexpr int kTries = 8;  // for an id that another connection took

constexpr std::size_t kOuiDigits = 9;  // MA-S, the longest assignment: 36 bits

std::string stored_value(const judge::MakerId& id) {
    if (id.ns == vendors::Namespace::oui) return id.value.substr(0, kOuiDigits);
    if (id.ns == vendors::Namespace::smbios && vendors::is_placeholder(id.value))
        return stored_text(id.value);
    const auto known = vendors::canonical(id.ns, id.value);
    return known ? stored_text(*known) : stored_text(id.value);
}

/// Length-prefixed, so that no two lists give the same bytes.
class Canonical {
  public:
    Canonical& text(std::string_view value) {
        hasher_.update(std::to_string(value.size()) + ":").update(value);
        return *this;
    }
    std::string hex() { return hasher_.finish().hex(); }

  private:
    Hasher hasher_{HashAlgorithm::sha256};
};

std::string digest_of(const PartType& type) {
    Canonical out;
    out.text(to_string(type.kind)).text(type.model);
    for (const auto& id : type.maker) out.text(to_string(id.ns)).text(id.value).text(id.layer).text(id.what);
    return out.hex();
}

struct Part {
    PartType type;
    std::string type_digest;
    InventoryRow row;
    [[nodiscard]] auto key() const { return std::tie(row.place, type_digest, row.serial, row.mac); }
};

std::vector<Part> parts_of(const std::vector<judge::HostComponent>& components) {
    std::vector<Part> out;
    for (const auto& each : components) {
        Part part{.type = part_type_of(each), .type_digest = {}, .row = {}};
        part.type_digest = digest_of(part.type);
        part.row.place = stored_text(each.place);
        part.row.serial = stored_text(each.serial);
        part.row.mac = stored_text(each.mac);
        part.row.revision = stored_text(each.revision);
        part.row.slot = stored_text(each.slot);
        part.row.evidence = stored_text(each.evidence);
        out.push_back(std::move(part));
    }
    return out;
}

std::string digest_of(const std::vector<Part>& parts) {
    Canonical out;
    for (const auto& part : parts) {
        out.text(part.type_digest);
        for (const auto& text : {part.row.place, part.row.serial, part.row.mac, part.row.revision,
                                 part.row.slot, part.row.evidence})
            out.text(text);
    }
    return out.hex();
}

std::int64_t find_type(soci::session& sql, const std::string& digest) {
    return number(sql, "SELECT id FROM part_types WHERE digest = :digest", digest);
}

/// Nothing where other connections took each id that was tried.
std::optional<std::int64_t> type_id(soci::session& sql, const PartType& type, const std::string& digest) {
    for (int i = 0; i < kTries; ++i) {
        if (const auto id = find_type(sql, digest); id != 0) return id;
        const auto rows = execute(sql,
                                  "INSERT INTO part_types (id, digest, kind, model) SELECT COALESCE(MAX(id), "
                                  "0) + 1, :digest, :kind, :model FROM part_types WHERE 1 = 1 ON CONFLICT "
                                  "DO NOTHING",  // WHERE: else SQLite takes ON for a join's
                                  digest, to_string(type.kind), type.model);
        if (rows != 1) continue;
        const auto id = find_type(sql, digest);
        std::int64_t position = 0;
        for (const auto& maker : type.maker) {
            execute(sql,
                    "INSERT INTO part_makers (part_type, position, namespace, value, layer, what) VALUES "
                    "(:type, :position, :ns, :value, :layer, :what)",
                    id, position, to_string(maker.ns), maker.value, maker.layer, maker.what);
            ++position;
        }
        return id;
    }
    return std::nullopt;
}

struct Held {
    std::string kind, type_digest;
    InventoryRow row;
    bool still = false;
};

std::vector<Held> held_parts(soci::session& sql, const std::string& host) {
    return Query(sql,
                 "SELECT c.kind, t.digest, c.part_type, c.place, c.serial, c.mac, c.revision, c.evidence, "
                 "c.slot, c.first_seen FROM components c JOIN part_types t ON t.id = c.part_type WHERE "
                 "c.host = :host "
                 "AND c.last_seen = 0",
                 host)
        .rows<Held>([](Held& held) {
            auto& row = held.row;
            return std::tie(held.kind, held.type_digest, row.type, row.place, row.serial, row.mac,
                            row.revision, row.evidence, row.slot, row.first_seen);
        });
}

constexpr std::string_view kOneRow =
    " WHERE host = :host AND kind = :kind AND place = :place AND first_seen = :first_seen AND part_type = "
    ":type AND "
    "serial = :serial";

void set_last_seen(soci::session& sql, const std::string& host, const Held& held, std::int64_t last_seen) {
    execute(sql, fmt::format("UPDATE components SET last_seen = :last_seen{}", kOneRow), last_seen, host,
            held.kind, held.row.place, held.row.first_seen, held.row.type, held.row.serial);
}

// The same part with other firmware, or named by another handle: no new stay.
void set_revision(soci::session& sql, const std::string& host, const Held& held, const InventoryRow& now) {
    if (held.row.revision == now.revision && held.row.evidence == now.evidence && held.row.slot == now.slot)
        return;
    execute(sql,
            fmt::format("UPDATE components SET revision = :revision, evidence = :evidence, slot = :slot{}",
                        kOneRow),
            now.revision, now.evidence, now.slot, host, held.kind, held.row.place, held.row.first_seen,
            held.row.type, held.row.serial);
}

bool insert_part(soci::session& sql, const std::string& host, const Part& part, std::int64_t now) {
    const auto type = type_id(sql, part.type, part.type_digest);
    if (!type) return false;
    // Gone and back within the second in which it was first seen: the same stay goes on.
    execute(
        sql,
        "INSERT INTO components (host, kind, place, part_type, serial, mac, revision, evidence, "
        "slot, first_seen, last_seen) VALUES (:host, :kind, :place, :type, :serial, :mac, :revision, "
        ":evidence, "
        ":slot, :first_seen, 0) ON CONFLICT (host, kind, place, first_seen, part_type, serial) DO UPDATE SET "
        "last_seen = 0, mac = excluded.mac, revision = excluded.revision, evidence = excluded.evidence, "
        "slot = excluded.slot",
        host, to_string(part.type.kind), part.row.place, *type, part.row.serial, part.row.mac,
        part.row.revision, part.row.evidence, part.row.slot, now);
    return true;
}

}  // namespace

std::string stored_text(std::string_view text) {
    constexpr std::size_t kText = 128;
    return shortened(printable(text), kText);
}

PartType part_type_of(const judge::HostComponent& part) {
    PartType out{.id = 0, .kind = part.kind, .model = stored_text(part.model), .maker = {}};
    for (const auto& id : part.maker) {
        auto what = stored_text(id.what);
        // A MAC is one card's, and the type is many cards'.
        if (id.ns == vendors::Namespace::oui && id.value.size() > kOuiDigits) what = "permanent MAC";
        out.maker.push_back({id.ns, stored_value(id), std::move(what), id.layer});
    }
    return out;
}

judge::HostComponent as_stored(const judge::HostComponent& part) {
    auto type = part_type_of(part);
    return {.kind = part.kind,
            .place = stored_text(part.place),
            .slot = stored_text(part.slot),
            .maker = std::move(type.maker),
            .model = std::move(type.model),
            .serial = stored_text(part.serial),
            .revision = stored_text(part.revision),
            .mac = stored_text(part.mac)};
}

std::string inventory_digest(const std::vector<judge::HostComponent>& components) {
    return digest_of(parts_of(components));
}

bool write_inventory(soci::session& sql, const std::string& host,
                     const std::vector<judge::HostComponent>& components, std::int64_t seen_at,
                     std::int64_t now) {
    auto parts = parts_of(components);
    const auto digest = digest_of(parts);
    std::string before;
    Query(sql, "SELECT digest FROM host_inventories WHERE host = :host", host).one(before);
    if (before == digest) return true;
    auto held = held_parts(sql, host);
    // Ascending, so that two transactions that store the same new types cannot wait for each other.
    std::ranges::sort(parts, [](const Part& a, const Part& b) {
        return std::tie(a.type_digest, a.row.place) < std::tie(b.type_digest, b.row.place);
    });
    std::vector<const Part*> fresh;
    for (const auto& part : parts) {
        const auto same = std::ranges::find_if(held, [&](const Held& each) {
            return !each.still &&
                   std::tie(each.row.place, each.type_digest, each.row.serial, each.row.mac) == part.key();
        });
        if (same == held.end()) {
            fresh.push_back(&part);
            continue;
        }
        same->still = true;
        set_revision(sql, host, *same, part.row);
    }
    for (const auto& each : held) {
        if (!each.still) set_last_seen(sql, host, each, std::max(seen_at, each.row.first_seen));
    }
    for (const auto* part : fresh) {
        if (!insert_part(sql, host, *part, now)) return false;
    }
    execute(sql, "DELETE FROM host_inventories WHERE host = :host", host);
    execute(sql, "INSERT INTO host_inventories (host, digest) VALUES (:host, :digest)", host, digest);
    return true;
}

}  // namespace assay::store
