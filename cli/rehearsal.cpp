#include "cli/rehearsal.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "client/https_client.h"

namespace assay::cli {
namespace {

constexpr std::size_t kNamed = 5;

struct Side {
    const char* key;
    char sign;
};
constexpr std::array kSides{Side{"gained", '+'}, Side{"lost", '-'}};

std::string tiers_of(const nlohmann::json& row) {
    const auto before = text_of(row, "tier");
    const auto then = text_of(row, "tier_then");
    return before == then ? before + ", as before" : before + " -> " + then;
}

std::string line_of(const Side& side, const nlohmann::json& finding) {
    return fmt::format("  {} {} ({}): {}: {}", side.sign, text_of(finding, "id"), text_of(finding, "tier"),
                       cell(text_of(finding, "subject")), cell(text_of(finding, "actual")));
}

void print_total(const nlohmann::json& rehearsal) {
    fmt::print("{} of {} hosts would change\n", rehearsal.at("changed").size(),
               rehearsal.at("judged").get<std::int64_t>());
}

Result<> ask(client::HttpsClient& client, const Bytes& body, const std::string& query, const Context& context,
             nlohmann::json& all) {
    std::string after;
    do {
        const auto path =
            "/v1/rehearsal?" + query + (after.empty() ? "" : "&after=" + client::percent_encoded(after));
        const auto response = TRY(client.post(path, "application/cbor", body));
        if (response.status != 200) return std::unexpected(client::problem_of(response));
        const auto answer = TRY(parse_answer(as_text(response.body)));
        all["judged"] = all.at("judged").get<std::int64_t>() + answer.at("judged").get<std::int64_t>();
        for (const auto& row : answer.at("changed")) all["changed"].push_back(row);
        after = text_of(answer, "next");
        if (!after.empty() && !context.json)
            fmt::print(stderr, "{} hosts judged\n", all.at("judged").get<std::int64_t>());
    } while (!after.empty());
    return {};
}

}  // namespace

Result<nlohmann::json> rehearse(const Context& context, const judge::Proposal& proposal,
                                const std::vector<std::string>& hosts) {
    const auto body = encode_proposal(proposal);
    auto client = TRY(connect(context));
    nlohmann::json all{{"judged", 0}, {"changed", nlohmann::json::array()}};
    if (hosts.empty()) TRY_VOID(ask(client, body, "limit=500", context, all));
    for (const auto& host : hosts)
        TRY_VOID(ask(client, body, "host=" + client::percent_encoded(host), context, all));
    return all;
}

void print_rehearsal(const nlohmann::json& rehearsal) {
    for (const auto& row : rehearsal.at("changed")) {
        fmt::print("host {}: {}\n", cell(text_of(row, "host")), tiers_of(row));
        for (const auto& side : kSides) {
            for (const auto& finding : row.at(side.key)) fmt::print("{}\n", line_of(side, finding));
        }
    }
    print_total(rehearsal);
}

void print_rehearsal_in_groups(const nlohmann::json& rehearsal) {
    std::map<std::string, std::vector<std::string>> hosts_by_change;
    for (const auto& row : rehearsal.at("changed")) {
        auto change = tiers_of(row);
        if (text_of(row, "policy") != text_of(row, "policy_then"))
            change += fmt::format("; policy {} -> {}", cell(text_of(row, "policy")),
                                  cell(text_of(row, "policy_then")));
        for (const auto& side : kSides) {
            for (const auto& finding : row.at(side.key)) change += "\n" + line_of(side, finding);
        }
        hosts_by_change[change].push_back(cell(text_of(row, "host")));
    }
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
