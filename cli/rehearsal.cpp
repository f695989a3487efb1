#include "cli/rehearsal.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "client/https_client.h"

namespace assay::cli {
namespace {

constexpr std::size_t kNamed = 5;

struct Side {
    const char* key;
    char sign;
};
constexpr std::array kSides{Side{"gained", '+'}, Side{"lost", '-'}};

std::string tiers_of(JsonReader& row) {
    const auto before = row.peek("tier");
    const auto then = row.peek("tier_then");
    return before == then ? fmt::format("{}, as before", before) : fmt::format("{} -> {}", before, then);
}

std::string line_of(const Side& side, JsonReader& finding) {
    return fmt::format("  {} {} ({}): {}: {}", side.sign, finding.peek("id"), finding.peek("tier"),
                       kept_cell(finding.peek("subject")), kept_cell(finding.peek("actual")));
}

void print_total(JsonReader& rehearsal) {
    fmt::print("{} of {} hosts would change\n", rehearsal.size("changed"), number_of(rehearsal, "judged"));
}

Result<> ask(client::HttpsClient& client, const Bytes& body, const std::string& query, const Context& context,
             std::int64_t& judged, Json& changed) {
    std::string after;
    do {
        const auto path =
            "/v1/rehearsal?" + query + (after.empty() ? "" : "&after=" + client::percent_encoded(after));
        const auto response = TRY(client.post(path, "application/cbor", body));
        if (response.status != 200) return std::unexpected(client::problem_of(response));
        JsonReader answer(as_text(response.body), kAnswer);
        judged += number_of(answer, "judged");
        answer.each("changed", [&](JsonReader& row) { changed.push_back(Json::encoded(row.encoded(""))); });
        TRY_VOID(answer.finish());
        after = std::string(answer.peek("next"));
        if (!after.empty() && !context.json) fmt::print(stderr, "{} hosts judged\n", judged);
    } while (!after.empty());
    return {};
}

}  // namespace

Result<Json> rehearse(const Context& context, const judge::Proposal& proposal,
                      const std::vector<std::string>& hosts) {
    const auto body = encode_proposal(proposal);
    auto client = TRY(connect(context));
    std::int64_t judged = 0;
    auto changed = Json::array();
    if (hosts.empty()) TRY_VOID(ask(client, body, "limit=500", context, judged, changed));
    for (const auto& host : hosts)
        TRY_VOID(ask(client, body, "host=" + client::percent_encoded(host), context, judged, changed));
    return Json{{"judged", judged}, {"changed", changed}};
}

void print_rehearsal(JsonReader& rehearsal) {
    rehearsal.each("changed", [&](JsonReader& row) {
        fmt::print("host {}: {}\n", cell(row.peek("host")), tiers_of(row));
        for (const auto& side : kSides) {
            row.each(side.key, [&](JsonReader& finding) { fmt::print("{}\n", line_of(side, finding)); });
        }
    });
    print_total(rehearsal);
}

void print_rehearsal_in_groups(JsonReader& rehearsal) {
    std::map<std::string, std::vector<std::string>> hosts_by_change;
    rehearsal.each("changed", [&](JsonReader& row) {
        auto change = tiers_of(row);
        if (row.peek("policy") != row.peek("policy_then"))
            change +=
                fmt::format("; policy {} -> {}", cell(row.peek("policy")), cell(row.peek("policy_then")));
        for (const auto& side : kSides) {
            row.each(side.key, [&](JsonReader& finding) { change += "\n" + line_of(side, finding); });
        }
        hosts_by_change[change].push_back(cell(row.peek("host")));
    });
    std::vector<std::pair<std::string, std::vector<std::string>>> groups(hosts_by_change.begin(),
                                                                         hosts_by_change.end());
    std::ranges::sort(groups, [](const auto& a, const auto& b) {
        return std::pair(b.second.size(), a.first) < std::pair(a.second.size(), b.first);
    });
    for (const auto& [change, hosts] : groups) {
        const auto named = std::min(hosts.size(), kNamed);
        fmt::print("{} host{}: {}\n  on {}{}\n", hosts.size(), hosts.size() == 1 ? "" : "s", change,
                   fmt::join(hosts.begin(), hosts.begin() + static_cast<std::ptrdiff_t>(named), ", "),
                   hosts.size() > named ? fmt::format(" and {} more", hosts.size() - named) : "");
    }
    print_total(rehearsal);
}

}  // namespace assay::cli
