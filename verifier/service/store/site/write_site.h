#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <soci/soci.h>

#include "verifier/service/store/site/site.h"

namespace assay::store {

/// A document that was stored, and its number.
struct WrittenDocument {
    const SiteDocument* document = nullptr;
    std::int64_t number = 0;
};

/// Within a transaction: each takes the place of the newest of its kind and id; one whose digest is the
/// newest's is left out. Those that were stored, by kind and id; they point into `documents`.
/// `Refused::moved`. Throws.
Written<std::vector<WrittenDocument>> write_site(soci::session& sql,
                                                 const std::vector<SiteDocument>& documents);
/// These were stored with this act, which is written after them. Throws.
void mark_site(soci::session& sql, const std::vector<WrittenDocument>& written, std::int64_t act);
/// What an act is of that stored them: SHA-256 over a line for each, "kind id number digest", sorted
/// bytewise, hex. `rows`: the badge rows of the same act, a line "badge source event-id" with the SHA-256 of
/// each.
std::string digest_of_written(const std::vector<WrittenDocument>& written,
                              const std::vector<const StoredBadgeRow*>& rows = {});
/// Its parts, for whoever reads the rows again.
std::string line_of(std::string_view kind, std::string_view id, std::int64_t number, std::string_view digest);
std::string line_of(const StoredBadgeRow& row);
std::string digest_of_lines(std::vector<std::string> lines);
/// These events are not judged again for a report.
void settle_events(soci::session& sql, const std::vector<std::string>& settled);

}  // namespace assay::store
