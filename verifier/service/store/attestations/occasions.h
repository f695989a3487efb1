#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <soci/soci.h>

#include "verifier/service/store/attestations/occasion_parts.h"

/// Conclusions, each once; the stays of hosts at them; and the occasions, a small row each. In the caller's
/// transaction. All throw what the database does.
namespace assay::store {

/// Where an occasion is.
struct OccasionPlace {
    std::int64_t conclusion = 0;  ///< its number in the database
    std::int64_t revision = 0;
};

/// What the next occasion of a host stands on.
struct Standing {
    std::int64_t conclusion = 0;      ///< number of the newest one's
    std::int64_t first_revision = 0;  ///< of its stay
    OccasionPlace key;                ///< from which the newest is told
};

struct NewOccasion {
    const AttestationResult& result;
    const OccasionParts& parts;
    std::string id;          ///< of the result, hex
    std::string conclusion;  ///< its digest, hex
    std::int64_t revision = 0;
    std::string conclusion_before = {};     ///< digest of the newest one's
    std::optional<Standing> standing = {};  ///< as the occasion before left it; else it is looked for
};

/// What the next one stands on. `conflict` beginning "revision" where other connections took each number that
/// was tried.
Result<Standing> write_occasion(soci::session& sql, const NewOccasion& occasion);

std::optional<OccasionPlace> place_of_result(soci::session& sql, const std::string& id);
/// The newest that was appraised at or before `at` (Unix time, seconds).
std::optional<OccasionPlace> place_at(soci::session& sql, const std::string& host, std::int64_t at);
/// The one that gave the host this revision.
std::optional<OccasionPlace> place_of_revision(soci::session& sql, const std::string& host,
                                               std::int64_t revision);

struct ReadOccasion {
    std::string host;
    std::string id;          ///< hex
    std::string conclusion;  ///< digest, hex
    std::int64_t appraised_at = 0;
    OccasionParts parts;
};
Result<ReadOccasion> read_occasion(soci::session& sql, const OccasionPlace& place);

struct StoredConclusion {
    std::string host;
    std::string document;  ///< canonical JSON
};
/// By its digest, hex. `not_found`
Result<StoredConclusion> read_conclusion(soci::session& sql, const std::string& digest);

/// The names of the host's newest result, if that gave it this revision.
std::optional<ResultNames> newest_names(soci::session& sql, const std::string& host, std::int64_t revision);

/// Bytes in `sections`, where they are not there yet.
void put_section(soci::session& sql, const std::string& digest, ByteView bytes);
Result<std::optional<Bytes>> find_section(soci::session& sql, const std::string& digest);

}  // namespace assay::store
