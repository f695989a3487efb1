#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"
#include "verifier/judge/appraisal/facts/parts/components.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/store/devices/devices.h"

namespace assay::api {
namespace {

using vendors::Resolution;

constexpr std::size_t kEntity = 128;
constexpr std::int64_t kUsualParts = 1000;
constexpr std::int64_t kMostParts = 100'000;

/// Who is asked about: an entity, and those that it owned at the time.
using Parties = std::map<std::string, vendors::OwnershipChain>;

Result<std::string> entity_named(const vendors::VendorDb& vendors, const std::string& asked) {
    if (vendors.entities().contains(asked)) return asked;
    const auto found = vendors.resolve(vendors::Namespace::smbios, asked);
    if (found.outcome == Resolution::Outcome::known) return found.entity;
    return fail(ErrorCode::not_found,
                fmt::format("entity: '{}' is neither an id nor a name in the vendor data; "
                            "'assay vendors resolve' finds the id of a number",
                            printable(asked)));
}

/// What in a type of part names one of the parties. A longer OUI or another maker may have taken an
/// identifier that lies in the range.
struct Match {
    std::string entity, what, why;
};

std::optional<Match> match_of(const vendors::VendorDb& vendors, const Parties& parties,
                              const store::PartType& type) {
    const auto product = type.kind == vendors::Component::system ? type.model : std::string();
    for (const auto& id : type.maker) {
        const auto who = resolve(vendors, id, product);
        if (who.outcome != Resolution::Outcome::known) continue;
        if (parties.contains(who.entity)) return Match{who.entity, id.what, who.why};
        for (const auto& other : who.others) {
            if (parties.contains(other.entity)) return Match{other.entity, id.what, other.why};
        }
    }
    return std::nullopt;
}

struct MatchedType {
    store::PartType type;
    Match match;
};

Result<std::map<std::int64_t, MatchedType>> types_of(Service& service, const Parties& parties) {
    std::vector<store::MakerRange> ranges;
    for (const auto& [id, chain] : parties) {
        for (const auto& each : service.vendors.entities().find(id)->second.identifiers)
            ranges.push_back(store::MakerRange::of(each.ns, each.value));
    }
    std::map<std::int64_t, MatchedType> out;
    for (auto& type : TRY(store::Parts(service.store).types(ranges))) {
        if (auto match = match_of(service.vendors, parties, type)) {
            const auto id = type.id;
            out.emplace(id, MatchedType{std::move(type), std::move(*match)});
        }
    }
    return out;
}

Json decision_json(const vendors::Approval& approval) {
    Json out{{"decision", to_string(approval.decision)},
             {"reason", approval.reason},
             {"approver", approval.approver},
             {"document", approval.document},
             {"where", approval.where},
             {"chain", approval.chain},
             {"exception", nullptr}};
    if (approval.grandfather)
        out["exception"] = {{"first_seen_before", approval.grandfather->first_seen_before},
                            {"expires", approval.grandfather->expires}};
    return out;
}

Json part_json(const store::InventoryRow& row, const MatchedType& matched) {
    const auto& [type, match] = matched;
    return {{"host", row.host},
            {"site", row.site.empty() ? row.bought_for : row.site},
            {"component", to_string(type.kind)},
            {"place", row.place},
            {"model", type.model},
            {"serial", row.serial},
            {"mac", row.mac},
            {"revision", row.revision},
            {"entity", match.entity},
            {"matched_by", match.what},
            {"first_seen", row.first_seen},
            {"last_seen", row.last_seen},
            {"present", row.present},
            {"evidence", row.evidence}};
}

Result<Response> exposure(const Request& request, Service& service) {
    Query query(request);
    const auto asked = query.text("entity", kEntity);
    const bool owned = query.integer("owned", 0, 1).value_or(0) == 1;
    const auto as_of = query.integer("as_of", 0, std::numeric_limits<std::int64_t>::max());
    const auto limit = query.integer("limit", 1, kMostParts).value_or(kUsualParts);
    TRY_VOID(query.finish());
    if (!asked)
        return fail(ErrorCode::usage,
                    "query 'entity': expected the id or a name of a maker, got none; ask with ?entity=...");
    const auto& vendors = service.vendors;
    const auto entity = TRY(entity_named(vendors, *asked));
    const auto at = as_of.value_or(service.now());

    Parties parties;
    if (owned) parties = vendors.owned_by(entity, 0, at);
    parties.insert_or_assign(entity, vendors::OwnershipChain{});
    const auto types = TRY(types_of(service, parties));
    store::InventoryQuery wanted{.types = {}, .as_of = as_of, .limit = limit};
    for (const auto& [id, type] : types) wanted.types.push_back(id);
    const auto found = TRY(store::Parts(service.store).inventory(wanted));

    Json answer{{"entity", entity},
                {"legal_name", vendors.entities().find(entity)->second.legal_name},
                {"owned", owned},
                {"at", at},
                {"as_of", as_of ? Json(*as_of) : Json(nullptr)},
                {"vendor_data", vendors.digest().hex()},
                {"parts_in_all", found.parts},
                {"hosts_in_all", found.hosts},
                {"parties", Json::array()},
                {"decisions", Json::array()},
                {"parts", Json::array()}};
    for (const auto& [id, chain] : parties) {
        answer["parties"].push_back({{"entity", id},
                                     {"legal_name", vendors.entities().find(id)->second.legal_name},
                                     {"chain", vendors.in_words(chain)}});
    }
    std::set<std::tuple<std::string, vendors::Component, std::string>> decided;
    for (const auto& row : found.rows) {
        const auto& matched = types.at(row.type);
        answer["parts"].push_back(part_json(row, matched));
        if (!decided.emplace(matched.match.entity, matched.type.kind, row.site).second) continue;
        auto decision = decision_json(vendors.approval(
            {.entity = matched.match.entity, .component = matched.type.kind, .at = at, .site = row.site}));
        decision["entity"] = matched.match.entity;
        decision["component"] = to_string(matched.type.kind);
        decision["site"] = row.site;
        answer["decisions"].push_back(std::move(decision));
    }
    return json_response(answer.dump());
}

}  // namespace

Endpoint vendor_exposure() {
    return {.verb = Verb::get,
            .path = "/v1/vendors/exposure",
            .role = Role::viewer,
            .summary =
                "Where a maker's parts are and were: host, place, serial, since when, under which decision",
            .handler = exposure};
}

}  // namespace assay::api
