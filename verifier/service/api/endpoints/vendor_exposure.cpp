#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include <fmt/core.h>

#include "evidence/base/digest.h"
#include "evidence/base/rfc3339.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"
#include "evidence/wire/act_head.h"
#include "verifier/judge/appraisal/facts/parts/components.h"
#include "verifier/judge/appraisal/facts/standing/silence.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/devices/devices.h"
#include "verifier/service/store/hosts/hosts.h"

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
        out["exception"] = {{"first_seen_before", rfc3339_text(approval.grandfather->first_seen_before)},
                            {"expires", rfc3339_text(approval.grandfather->expires)}};
    return out;
}

/// `shown`: by the result that showed it last.
Json part_json(const store::InventoryRow& row, const MatchedType& matched,
               const std::optional<store::StandingResult>& shown) {
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
            {"first_seen", rfc3339_text(row.first_seen)},
            {"last_seen", rfc3339_text(shown ? std::min(row.last_seen, shown->appraised_at) : row.last_seen)},
            {"result_id", shown ? Json(shown->result_id) : Json()},
            {"present", row.present},
            {"evidence", row.evidence}};
}

constexpr std::size_t kNamedHosts = 1000;

/// At most kNamedHosts of them; their number stands beside.
Json names_json(const std::vector<std::string>& names) {
    auto out = Json::array();
    for (const auto& name : names) {
        if (out.size() == kNamedHosts) break;
        out.push_back(name);
    }
    return out;
}

/// Nothing in it names a maker that the vendor data knows.
bool nobody_can_name(const vendors::VendorDb& vendors, const store::PartType& type) {
    return std::ranges::none_of(type.maker, [&](const judge::MakerId& id) {
        return resolve(vendors, id).outcome == Resolution::Outcome::known;
    });
}

/// Of how many hosts and parts the answer could speak: what it does not show is not there only as far as this
/// goes.
Result<Json> coverage_json(Service& service, std::int64_t at) {
    std::map<std::string, std::int64_t> attested;
    for (const auto& each : TRY(store::Results(service.store).all_standing_at(at)))
        attested.emplace(each.host, each.appraised_at);
    std::size_t hosts = 0, heard = 0;
    std::vector<std::string> never, silent;
    for (const auto& contact : TRY(store::Hosts(service.store).contacts())) {
        const auto found = attested.find(contact.host);
        if (found == attested.end() && contact.enrolled_at > at) continue;
        ++hosts;
        if (found == attested.end()) {
            never.push_back(contact.host);
            continue;
        }
        ++heard;
        if (judge::is_silence(service.policies.of(contact.labels), found->second, at))
            silent.push_back(contact.host);
    }
    store::InventoryQuery unnamed{.types = {}, .as_of = at, .limit = 0};
    for (const auto& type : TRY(store::Parts(service.store).all_types())) {
        if (nobody_can_name(service.vendors, type)) unnamed.types.push_back(type.id);
    }
    const auto parts = TRY(store::Parts(service.store).inventory(unnamed));
    return Json{{"hosts", hosts},
                {"attested", heard},
                {"never_attested", never.size()},
                {"never_attested_hosts", names_json(never)},
                {"silent", silent.size()},
                {"silent_hosts", names_json(silent)},
                {"unnamed_parts", parts.parts},
                {"unnamed_parts_hosts", parts.hosts}};
}

/// The result that showed a part last, each asked for once.
class ShownBy {
  public:
    explicit ShownBy(Service& service) : results_(service.store) {}

    Result<std::optional<store::StandingResult>> of(const store::InventoryRow& row) {
        const std::pair key(row.host, row.last_seen);
        const auto known = known_.find(key);
        if (known != known_.end()) return known->second;
        return known_.emplace(key, TRY(results_.standing_at(row.host, row.last_seen))).first->second;
    }

  private:
    store::Results results_;
    std::map<std::pair<std::string, std::int64_t>, std::optional<store::StandingResult>> known_;
};

/// docs/formats/exposure.md
Result<Response> signed_answer(Service& service, const Json& document) {
    const auto text = document.dump();
    const auto acts = TRY(store::Acts(service.store).recent());
    const Json claims{{"assay.exposure", sha256(as_view(text)).hex()},
                      {"assay.acts", to_text(acts)},
                      {"assay.verifier", service.build},
                      {"iat", service.now()}};
    const auto token = TRY(service.signer.sign(claims.dump()));
    const Json answer{{"exposure", Json::encoded(text)}, {"jwt", token}};
    return json_response(answer.dump());
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

    auto coverage = TRY(coverage_json(service, at));
    Json answer{{"entity", entity},
                {"legal_name", vendors.entities().find(entity)->second.legal_name},
                {"owned", owned},
                {"at", rfc3339_text(at)},
                {"as_of", as_of ? Json(rfc3339_text(*as_of)) : Json()},
                {"vendor_data", vendors.digest().hex()},
                {"coverage", std::move(coverage)},
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
    ShownBy shown_by(service);
    std::set<std::tuple<std::string, vendors::Component, std::string>> decided;
    for (const auto& row : found.rows) {
        const auto& matched = types.at(row.type);
        answer["parts"].push_back(part_json(row, matched, TRY(shown_by.of(row))));
        if (!decided.emplace(matched.match.entity, matched.type.kind, row.site).second) continue;
        auto decision = decision_json(vendors.approval(
            {.entity = matched.match.entity, .component = matched.type.kind, .at = at, .site = row.site}));
        decision["entity"] = matched.match.entity;
        decision["component"] = to_string(matched.type.kind);
        decision["site"] = row.site;
        answer["decisions"].push_back(std::move(decision));
    }
    return signed_answer(service, answer);
}

}  // namespace

Endpoint vendor_exposure() {
    return {
        .verb = Verb::get,
        .path = "/v1/vendors/exposure",
        .role = Role::viewer,
        .summary =
            "Where a maker's parts are and were, of how many hosts, by which results, under which decision",
        .handler = exposure};
}

}  // namespace assay::api
