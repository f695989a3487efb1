#include <map>

#include <fmt/core.h>

#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/attestations/write_boots.h"
#include "verifier/service/store/engine/database.h"

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
    soci::statement statement =
        (sql.prepare << "SELECT pcr, value, since FROM boot_values WHERE host = :host", soci::use(host),
         soci::into(pcr), soci::into(row.value), soci::into(row.since));
    statement.execute();
    while (statement.fetch()) out[pcr] = row;
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
    sql << "SELECT digest, bank FROM boots WHERE host = :host", soci::use(host), soci::into(before),
        soci::into(bank_before);
    if (sql.got_data() && before == digest) return;
    // In another bank each value is another: since now.
    const auto known = bank_before == bank ? known_values(sql, host) : std::map<std::int64_t, Known>();
    sql << "DELETE FROM boot_values WHERE host = :host", soci::use(host);
    sql << "DELETE FROM boots WHERE host = :host", soci::use(host);
    sql << "INSERT INTO boots (host, bank, digest) VALUES (:host, :bank, :digest)", soci::use(host),
        soci::use(bank), soci::use(digest);
    for (std::size_t index = 0; index < quoted.values.size(); ++index) {
        if (!quoted.values.at(index)) continue;
        const auto pcr = static_cast<std::int64_t>(index);
        const auto value = quoted.values.at(index)->hex();
        const auto found = known.find(pcr);
        const auto since = found != known.end() && found->second.value == value ? found->second.since : now;
        sql << "INSERT INTO boot_values (host, pcr, value, since) VALUES (:host, :pcr, :value, :since)",
            soci::use(host), soci::use(pcr), soci::use(value), soci::use(since);
    }
}

Result<std::vector<BootValues>> Results::boot_values() {
    return database_.read([&](soci::session& sql) -> Result<std::vector<BootValues>> {
        std::vector<BootValues> all;
        std::string host;
        std::string bank;
        std::int64_t pcr = 0;
        BootValue row;
        soci::statement statement =
            (sql.prepare
                 << "SELECT b.host, b.bank, v.pcr, v.value, v.since FROM boots b JOIN boot_values v ON "
                    "v.host = b.host ORDER BY b.host, v.pcr",
             soci::into(host), soci::into(bank), soci::into(pcr), soci::into(row.value),
             soci::into(row.since));
        statement.execute();
        while (statement.fetch()) {
            if (all.empty() || all.back().host != host) all.push_back({host, bank, {}});
            row.pcr = static_cast<std::uint32_t>(pcr);
            all.back().values.push_back(row);
        }
        return all;
    });
}

}  // namespace assay::store
