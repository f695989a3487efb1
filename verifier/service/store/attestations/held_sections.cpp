#include "verifier/service/store/attestations/held_sections.h"

#include "evidence/wire/section/sections.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"

namespace assay::store {

SectionDigests read_held_sections(soci::session& sql, const std::string& host) {
    using Row = std::pair<std::string, std::string>;
    auto rows = Query(sql, "SELECT name, digest FROM host_sections WHERE host = :host ORDER BY name", host)
                    .rows<Row>([](Row& row) { return std::tie(row.first, row.second); });
    return {std::move_iterator(rows.begin()), std::move_iterator(rows.end())};
}

Result<SectionDigests> Attestations::held_sections(const std::string& host) {
    return database_.read([&](soci::session& sql) { return read_held_sections(sql, host); });
}

Result<Bytes> Attestations::held_section(const std::string& host, const std::string& digest) {
    return database_.read([&](soci::session& sql) -> Result<Bytes> {
        std::string small;
        std::string large;
        bool is_large = false;
        Query(sql,
              "SELECT encode(h.bytes, 'hex'), COALESCE(encode(s.bytes, 'hex'), ''), CASE WHEN s.digest IS "
              "NULL THEN 0 ELSE 1 END FROM host_sections h LEFT JOIN sections s ON s.digest = h.digest "
              "WHERE h.host = :host AND h.digest = :digest LIMIT 1",
              host, digest)
            .one(small, large, is_large);
        if (small.empty() && !is_large) return fail(ErrorCode::not_found, "the host holds no such section");
        return bytes_from_column(small.empty() ? large : small);
    });
}

Result<std::vector<IntrusionSensor>> Attestations::held_sensors(const std::string& host,
                                                                const std::string& digest) {
    const auto bytes = held_section(host, digest);
    if (bytes) return decode_chassis_section(*bytes).value_or(std::vector<IntrusionSensor>());
    if (bytes.error().code == ErrorCode::not_found) return std::vector<IntrusionSensor>();
    return std::unexpected(bytes.error());
}

Result<std::vector<JournalRow>> Attestations::journal(const std::string& host) {
    return database_.read([&](soci::session& sql) -> Result<std::vector<JournalRow>> {
        using Read = std::pair<JournalRow, std::string>;
        const auto rows = Query(sql,
                                "SELECT sequence, digest, encode(record, 'hex') FROM journal_records "
                                "WHERE host = :host ORDER BY sequence",
                                host)
                              .rows<Read>([](Read& read) {
                                  return std::tie(read.first.sequence, read.first.digest, read.second);
                              });
        std::vector<JournalRow> all;
        for (const auto& [row, record] : rows) all.emplace_back(row).record = TRY(bytes_from_column(record));
        return all;
    });
}

}  // namespace assay::store
