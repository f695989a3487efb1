#include <map>

#include <fmt/core.h>

#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/attestations/write_boots.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"

namespace assay::store {
namespace {

struct Known {
    std::string value;
    std::int64_t since = 0;
};

std::map<std::int64_t, Known> known_values(soci::session& sql, const std::string& host) {
    std::map<std::int64_t, Known> out;
    std::int64_t pcr = 0;
    Known row;
    Query(sql, "SELECT pcr, value, since FROM boot_values WHERE host = :host", host)
        .each([&] { out[pcr] = row; }, pcr, row.value, row.since);
    return out;
}

}  // namespace

std::string boot_digest(const judge::QuotedPcrs& quoted) {
    Hasher hasher(HashAlgorithm::sha256);
    hasher.update(to_string(quoted.bank));
    for (std::size_t pcr = 0; pcr < quoted.values.size(); ++pcr) {
        if (const auto& value = quoted.values.at(pcr))
            hasher.update(fmt::format(" {}:{}", pcr, value->hex()));
    }
    return hasher.finish().hex();
}

void write_boots(soci::session& sql, const std::string& host, const judge::QuotedPcrs& quoted,
                 std::int64_t now) {
    const auto digest = boot_digest(quoted);
    const auto bank = std::string(to_string(quoted.bank));
    std::string before;
    std::string bank_before;
    if (Query(sql, "SELECT digest, bank FROM boots WHERE host = :host", host).one(before, bank_before) &&
        before == digest)
        return;
    // In another bank each value is another: since now.
    const auto known = bank_before == bank ? known_values(sql, host) : std::map<std::int64_t, Known>();
    execute(sql, "DELETE FROM boot_values WHERE host = :host", host);
    execute(sql, "DELETE FROM boots WHERE host = :host", host);
    execute(sql, "INSERT INTO boots (host, bank, digest) VALUES (:host, :bank, :digest)", host, bank, digest);
    for (std::size_t index = 0; index < quoted.values.size(); ++index) {
        if (!quoted.values.at(index)) continue;
        const auto pcr = static_cast<std::int64_t>(index);
        const auto value = quoted.values.at(index)->hex();
        const auto found = known.find(pcr);
        const auto since = found != known.end() && found->second.value == value ? found->second.since : now;
        execute(sql, "INSERT INTO boot_values (host, pcr, value, since) VALUES (:host, :pcr, :value, :since)",
                host, pcr, value, since);
    }
}

Result<std::vector<BootValues>> Results::boot_values() {
    return database_.read([&](soci::session& sql) -> Result<std::vector<BootValues>> {
        std::vector<BootValues> all;
        std::string host;
        std::string bank;
        BootValue row;
        Query(sql,
              "SELECT b.host, b.bank, v.pcr, v.value, v.since FROM boots b JOIN boot_values v ON v.host = "
              "b.host "
              "ORDER BY b.host, v.pcr")
            .each(
                [&] {
                    if (all.empty() || all.back().host != host) all.push_back({host, bank, {}});
                    all.back().values.push_back(row);
                },
                host, bank, row.pcr, row.value, row.since);
        return all;
    });
}

}  // namespace assay::store
