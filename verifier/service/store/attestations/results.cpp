#include <limits>
#include <utility>

#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/attestations/occasions.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/select.h"

namespace assay::store {
namespace {

std::unexpected<Error> no_result() {
    return fail(ErrorCode::not_found, "no such attestation result");
}

Result<StoredResult> stored_result(soci::session& sql, const std::optional<OccasionPlace>& place) {
    if (!place) return no_result();
    const auto occasion = TRY(read_occasion(sql, *place));
    const auto conclusion = TRY(read_conclusion(sql, occasion.conclusion));
    StoredResult row;
    row.result_id = occasion.id;
    row.conclusion = occasion.conclusion;
    row.result =
        result_of(TRY(decode_conclusion(conclusion.document)), occasion.parts, occasion.appraised_at);
    if (attestation_result_id(row.result) != row.result_id)
        return fail(ErrorCode::internal, "database: a result that is not the one of its id");
    return row;
}

Result<> add_section(soci::session& sql, Evidence& evidence, const std::string& name,
                     const std::string& digest) {
    if (evidence.sections.contains(name)) return {};
    if (auto bytes = TRY(find_section(sql, digest))) evidence.sections[name] = *std::move(bytes);
    return {};
}

Result<SavedBundle> bundle_in(soci::session& sql, const std::optional<OccasionPlace>& place) {
    if (!place) return fail(ErrorCode::not_found, "this host had not attested yet");
    auto parts = TRY(read_occasion(sql, *place)).parts;
    const auto digests = TRY(section_digests(parts));
    for (const auto& [name, digest] : digests) TRY_VOID(add_section(sql, parts.evidence, name, digest));
    return SavedBundle{std::move(parts.evidence), std::move(parts.challenge), std::move(parts.known),
                       std::move(parts.sessions), "assay-verifier"};
}

struct ReadFinding {
    FindingRow row;
    std::string tier, basis;
};

}  // namespace

Result<StoredResult> Results::newest(const std::string& host) {
    return database_.read([&](soci::session& sql) -> Result<StoredResult> {
        std::int64_t revision = 0;
        if (!Query(sql, "SELECT revision FROM host_state WHERE host = :host", host).one(revision))
            return no_result();
        return stored_result(sql, place_of_revision(sql, host, revision));
    });
}

Result<StoredResult> Results::find(const std::string& result_id) {
    return database_.read(
        [&](soci::session& sql) { return stored_result(sql, place_of_result(sql, result_id)); });
}

Result<bool> Results::has(const std::string& result_id) {
    return database_.read([&](soci::session& sql) { return place_of_result(sql, result_id).has_value(); });
}

Result<std::string> Results::conclusion(const std::string& digest) {
    return database_.read([&](soci::session& sql) -> Result<std::string> {
        return TRY(read_conclusion(sql, digest)).document;
    });
}

Result<SavedBundle> Results::bundle_of(const std::string& host, std::int64_t revision) {
    return database_.read([&](soci::session& sql) -> Result<SavedBundle> {
        return bundle_in(sql, place_of_revision(sql, host, revision));
    });
}

Result<SavedBundle> Results::bundle_at(const std::string& host, std::int64_t at) {
    return database_.read(
        [&](soci::session& sql) -> Result<SavedBundle> { return bundle_in(sql, place_at(sql, host, at)); });
}

Result<SavedBundle> Results::newest_bundle(const std::string& host) {
    return bundle_at(host, std::numeric_limits<std::int64_t>::max());
}

Result<std::vector<FindingRow>> Results::findings(const FindingQuery& query) {
    return database_.read([&](soci::session& sql) -> Result<std::vector<FindingRow>> {
        Select select(
            "SELECT t.host, encode(t.result_id, 'hex'), t.last_at, f.id, f.tier, f.basis, f.subject, "
            "f.expected, f.actual, f.evidence, f.remedy, f.group_key FROM stays t "
            "JOIN findings f ON f.conclusion = t.conclusion");
        select.where_if("t.host = :host", query.host)
            .where_if("f.id = :id", query.id)
            .where_if("t.last_at >= :since", query.since)
            .order_by("t.last_at DESC, t.host, t.last_revision DESC, f.position")
            .limit(query.limit);
        const auto rows = select.on(sql).rows<ReadFinding>([](ReadFinding& each) {
            auto& [row, tier, basis] = each;
            auto& finding = row.finding;
            return std::tie(row.host, row.result_id, row.appraised_at, finding.id, tier, basis,
                            finding.subject, finding.expected, finding.actual, finding.evidence,
                            finding.remedy, row.group);
        });
        std::vector<FindingRow> all;
        for (const auto& [row, tier, basis] : rows) {
            auto& finding = all.emplace_back(row).finding;
            finding.tier = TRY(tier_from_name(tier));
            finding.basis = TRY(basis_from_name(basis));
        }
        return all;
    });
}

}  // namespace assay::store
