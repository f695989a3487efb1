#include "verifier/service/store/hosts/acknowledgements.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/select.h"
#include "verifier/service/store/site/write_site.h"

namespace assay::store {
namespace {

Result<OpenMatters> open_matters(soci::session& sql, const std::string& host) {
    OpenMatters out;
    std::string hex;
    if (!Query(sql, "SELECT open_matters, open_more FROM host_state WHERE host = :host", host)
             .one(hex, out.more))
        return not_enrolled();
    if (!hex.empty()) out.matters = TRY(decode_open_matters(TRY(bytes_from_column(hex))));
    return out;
}

std::unexpected<Error> nothing_open(const Acknowledgement& given) {
    return fail(ErrorCode::not_found,
                fmt::format("host {}: no matter {} is open; `assay host matters {}` lists those that are",
                            printable(given.host), printable(given.matter), printable(given.host)));
}

}  // namespace

Result<OpenMatters> Acknowledgements::open(const std::string& host) {
    return database_.read([&](soci::session& sql) { return open_matters(sql, host); });
}

Result<OpenMatter> Acknowledgements::add(const Acknowledgement& given) {
    return database_.write([&](soci::session& sql) -> Result<OpenMatter> {
        constexpr std::int64_t kSecond_ms = 1000;
        // Held before it is read: a report that comes at the same moment is stored before this or judged
        // again.
        if (!hold_host(sql, given.host)) return not_enrolled();
        auto open = TRY(open_matters(sql, given.host));
        const auto found = std::ranges::find(open.matters, given.matter, &matter_id);
        if (found == open.matters.end()) return nothing_open(given);
        const auto rows =
            execute(sql,
                    "INSERT INTO acknowledgements (host, matter, by_person, reason, at) VALUES (:host, "
                    ":matter, :by, :reason, :at) ON CONFLICT DO NOTHING",
                    given.host, given.matter, given.by, given.reason, given.at);
        if (rows == 1 && found->acks.size() < limits::kAcknowledgements) {
            found->acks.push_back({given.by, given.at});
            execute(sql, "UPDATE host_state SET open_matters = :open WHERE host = :host",
                    to_hex(encode_open_matters(open.matters)), given.host);
        }
        const auto written = TRY(write_site(sql, given.documents));
        if (rows == 1 || !written.empty())
            mark_site(sql, written, write_act(sql, given.act, given.at * kSecond_ms).number);
        return *found;
    });
}

// Along the hosts, and not the findings, of which there may be a hundred times as many: no index is by group.
Result<std::vector<std::string>> Acknowledgements::hosts_of_group(const std::string& group,
                                                                  const std::string& after,
                                                                  std::int64_t most) {
    return database_.read([&](soci::session& sql) {
        return Query(sql,
                     "SELECT s.host FROM host_state s WHERE s.host > :after AND s.open_matters <> '' AND "
                     "EXISTS "
                     "(SELECT 1 FROM stays t JOIN findings f ON f.conclusion = t.conclusion WHERE t.host = "
                     "s.host "
                     "AND t.first_revision = (SELECT MAX(n.first_revision) FROM stays n WHERE n.host = "
                     "s.host) AND "
                     "f.group_key = :group) ORDER BY s.host LIMIT :most",
                     after, group, most)
            .template values<std::string>();
    });
}

Result<std::vector<std::string>> Acknowledgements::of_group(const std::string& host,
                                                            const std::string& group) {
    return database_.read([&](soci::session& sql) -> Result<std::vector<std::string>> {
        const auto open = TRY(open_matters(sql, host));
        const auto places =
            Query(
                sql,
                "SELECT f.evidence FROM stays t JOIN findings f ON f.conclusion = t.conclusion WHERE t.host "
                "= :host "
                "AND t.first_revision = (SELECT MAX(n.first_revision) FROM stays n WHERE n.host = :same) AND "
                "f.group_key = :group",
                host, host, group)
                .template values<std::string>();
        std::vector<std::string> out;
        for (const auto& matter : open.matters) {
            const auto id = matter_id(matter);
            if (std::ranges::any_of(places, [&](const auto& place) { return place.contains(id); }))
                out.push_back(id);
        }
        return out;
    });
}

Result<std::vector<Acknowledgement>> Acknowledgements::list(const std::optional<std::string>& host,
                                                            std::int64_t limit) {
    return database_.read([&](soci::session& sql) {
        Select select("SELECT host, matter, by_person, reason, at FROM acknowledgements");
        select.where_if("host = :host", host).order_by("at DESC, host, matter, by_person").limit(limit);
        return select.on(sql).rows<Acknowledgement>(
            [](Acknowledgement& row) { return std::tie(row.host, row.matter, row.by, row.reason, row.at); });
    });
}

}  // namespace assay::store
