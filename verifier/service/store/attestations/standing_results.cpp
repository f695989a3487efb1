#include <tuple>

#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"

namespace assay::store {
namespace {

/// The stay of a host that had begun at a time and no later one had.
struct Stay {
    StandingResult newest;
    std::int64_t conclusion = 0, first = 0, last = 0;  ///< revisions
};

constexpr const char* kStay =
    "SELECT t.host, encode(t.result_id, 'hex'), t.last_at, t.conclusion, t.first_revision, t.last_revision "
    "FROM "
    "stays t WHERE t.first_at <= :at AND t.first_revision = (SELECT MAX(m.first_revision) FROM stays m WHERE "
    "m.host = t.host AND m.first_at <= :until)";

auto stay_columns(Stay& stay) {
    return std::tie(stay.newest.host, stay.newest.result_id, stay.newest.appraised_at, stay.conclusion,
                    stay.first, stay.last);
}

// A stay may have a hundred thousand occasions. They are in the order of time.
StandingResult result_in(soci::session& sql, Stay stay, std::int64_t at) {
    if (stay.newest.appraised_at <= at) return std::move(stay.newest);
    auto least = stay.first;
    auto most = stay.last;
    while (least < most) {
        const auto middle = least + (most - least + 1) / 2;
        std::int64_t appraised_at = 0;
        const bool there =
            Query(sql,
                  "SELECT appraised_at FROM occasions WHERE conclusion = :conclusion AND revision "
                  "= :revision",
                  stay.conclusion, middle)
                .one(appraised_at);
        if (there && appraised_at <= at)
            least = middle;
        else
            most = middle - 1;
    }
    Query(
        sql,
        "SELECT encode(id, 'hex'), appraised_at FROM occasions WHERE conclusion = :conclusion AND revision = "
        ":revision",
        stay.conclusion, least)
        .one(stay.newest.result_id, stay.newest.appraised_at);
    return std::move(stay.newest);
}

}  // namespace

Result<std::optional<StandingResult>> Results::standing_at(const std::string& host, std::int64_t at) {
    return database_.read([&](soci::session& sql) -> std::optional<StandingResult> {
        const auto stay =
            Query(sql, std::string(kStay) + " AND t.host = :host", at, at, host).first<Stay>(stay_columns);
        return stay ? std::optional(result_in(sql, *stay, at)) : std::nullopt;
    });
}

Result<std::vector<StandingResult>> Results::all_standing_at(std::int64_t at) {
    return database_.read([&](soci::session& sql) {
        std::vector<StandingResult> out;
        for (auto& stay :
             Query(sql, std::string(kStay) + " ORDER BY t.host", at, at).rows<Stay>(stay_columns))
            out.push_back(result_in(sql, std::move(stay), at));
        return out;
    });
}

}  // namespace assay::store
