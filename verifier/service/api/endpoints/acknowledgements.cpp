#include "verifier/service/store/hosts/acknowledgements.h"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/rfc3339.h"
#include "evidence/codec/json_writer.h"
#include "verifier/judge/appraisal/facts/standing/open_matters.h"
#include "verifier/judge/devices/case_list.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/endpoints/limits.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/casework/improved_verdict.h"
#include "verifier/service/casework/site.h"

namespace assay::api {
namespace {

constexpr std::int64_t kHostsOfGroup = 1000;  // in one answer
constexpr std::int64_t kUsualAcknowledgements = 100;
constexpr std::int64_t kMostAcknowledgements = 1000;
constexpr std::size_t kMatterId = 16, kGroupKey = 64;

/// What a matter is not over for, in the order in which people can do something about it; empty where it is
/// over.
std::string lacks(const OpenMatter& matter) {
    std::vector<std::string> out;
    if (judge::is_there(matter))
        out.emplace_back("it is still there: acknowledgements count once it is gone");
    if (matter.change && is_absence(matter.change->kind) && !matter.over)
        out.emplace_back("it is still missing: acknowledgements count once it is back");
    if (const auto missing = missing_acknowledgements(matter); missing != 0) {
        out.push_back(fmt::format(
            "{}{} {}{}", missing, matter.acks.empty() ? "" : " more", missing == 1 ? "person" : "people",
            acknowledgements_needed(matter) > 1 ? ", for it was mounted, read, written or on a network"
                                                : ""));
    } else if (out.empty() && !is_over(matter)) {
        out.emplace_back("it is contraindicated: something signed that expects it, or the state before");
    }
    return fmt::format("{}", fmt::join(out, "; "));
}

Json to_json(const std::string& host, const OpenMatter& matter) {
    const auto told = judge::details_of(matter);
    auto acknowledged = Json::array();
    for (const auto& each : matter.acks)
        acknowledged.push_back({{"by", each.by}, {"at", rfc3339_text(each.at)}});
    return {{"host", host},
            {"matter", matter_id(matter)},
            {"id", matter.id},
            {"tier", matter.tier},
            {"basis", matter.basis},
            {"subject", told.subject},
            {"expected", told.expected},
            {"actual", told.actual},
            {"evidence", told.evidence},
            {"since", rfc3339_or_none(matter.since)},
            {"acknowledged", std::move(acknowledged)},
            {"missing", missing_acknowledgements(matter)},
            {"lacks", lacks(matter)}};
}

Result<Response> answer_matters(const Request& request, Service& service) {
    TRY_VOID(Query(request).finish());
    const auto& host = request.parameters.at("host");
    const auto open = TRY(store::Acknowledgements(service.store).open(host));
    auto matters = Json::array();
    for (const auto& matter : open.matters) matters.push_back(to_json(host, matter));
    const Json answer = {{"host", host}, {"matters", std::move(matters)}, {"more", open.more}};
    return json_response(answer.dump());
}

constexpr std::string_view kVerdictImproved = "usb.verdict_improved";

/// What a better verdict stands on, its reviewer did not deliver. Other matters are for operators, too.
Result<> may_acknowledge(Service& service, const Caller& caller, const std::string& host,
                         const OpenMatter& matter, std::vector<store::SiteDocument>& documents) {
    if (matter.id != kVerdictImproved) return {};
    if (!includes(caller.role, Role::reviewer)) {
        return fail(ErrorCode::refused,
                    fmt::format("expected a reviewer, for a verdict became better, got the role '{}'; "
                                "assay-verifier operator add NAME --role reviewer --person ID",
                                to_string(caller.role)));
    }
    const auto event = fmt::format("{}/{}", host, matter.record);
    const auto improved = TRY(site::told_improvement(service, event));
    TRY_VOID(site::may_acknowledge(service, improved, caller.hand(), caller.person));
    documents.push_back(site::stamped(service,
                                      {.kind = site::kImprovementAcknowledged,
                                       .id = event,
                                       .host = host,
                                       .to_ms = INT64_MAX,
                                       .document = Json{{"version", improved.version}}.dump()},
                                      caller.name));
    return {};
}

/// One matter, with the act that tells it. `not_found` where it is not open.
Result<OpenMatter> acknowledge_matter(Service& service, const Caller& caller, store::Acknowledgement given) {
    store::Acknowledgements store(service.store);
    const auto open = TRY(store.open(given.host));
    const auto found = std::ranges::find(open.matters, given.matter, &matter_id);
    if (found != open.matters.end())
        TRY_VOID(may_acknowledge(service, caller, given.host, *found, given.documents));
    given.act = {.kind = store::ActKind::verdict_acknowledged,
                 .hand = caller.hand(),
                 .subject = "host:" + given.host,
                 .object = given.matter,
                 .document = Json{{"reason", given.reason}}.dump()};
    auto now = TRY(store.add(given));
    // Its verdict tells it no more, also while the device is in.
    if (now.id == kVerdictImproved && now.device)
        TRY_VOID(site::rejudge(
            service, {.host = given.host, .span = {now.device->came_from_ms, now.device->came_to_ms}}));
    return now;
}

/// All that the group's findings tell of at these hosts.
Result<Json> acknowledge_group(Service& service, const Caller& caller, const std::string& group,
                               const std::string& after, store::Acknowledgement given) {
    store::Acknowledgements store(service.store);
    auto hosts = TRY(store.hosts_of_group(group, after, kHostsOfGroup + 1));
    Json next;
    if (hosts.size() > kHostsOfGroup) {
        hosts.resize(kHostsOfGroup);
        next = hosts.back();
    }
    auto acknowledged = Json::array();
    for (auto& host : hosts) {
        given.host = host;
        for (auto& matter : TRY(store.of_group(host, group))) {
            given.matter = std::move(matter);
            const auto now = acknowledge_matter(service, caller, given);
            if (now) acknowledged.push_back(to_json(host, *now));
            // A report that came meanwhile may have ended it.
            if (!now && now.error().code != ErrorCode::not_found) return std::unexpected(now.error());
        }
    }
    if (hosts.empty() && after.empty())
        return fail(
            ErrorCode::not_found,
            "no host's newest result has a finding of this group that names an open matter; `assay findings "
            "--json` has each finding's group");
    return Json{{"acknowledged", std::move(acknowledged)}, {"next", std::move(next)}};
}

Result<Response> answer_acknowledgement(const Request& request, Service& service) {
    JsonReader body(request.body, kBody);
    store::Acknowledgement given;
    given.by = request.caller.name;
    given.at = service.now();
    std::string group, after;
    if (body.has("group")) {
        group = body.text("group", kGroupKey);
        after = body.text_or("after", {}, limits::kHostName);
    } else {
        given.host = host_name(body, "host");
        given.matter = body.text("matter", kMatterId);
    }
    given.reason = plain_text(body, "reason", kReason);
    TRY_VOID(body.finish());
    if (!group.empty())
        return json_response(
            TRY(acknowledge_group(service, request.caller, group, after, std::move(given))).dump());
    const auto matter = TRY(acknowledge_matter(service, request.caller, given));
    const Json answer = {{"acknowledged", Json::array({to_json(given.host, matter)})}, {"next", nullptr}};
    return json_response(answer.dump());
}

Result<Response> answer_list(const Request& request, Service& service) {
    Query query(request);
    const auto host = query.text("host", limits::kHostName);
    const auto limit = query.integer("limit", 1, kMostAcknowledgements).value_or(kUsualAcknowledgements);
    TRY_VOID(query.finish());
    auto answer = Json::array();
    for (const auto& each : TRY(store::Acknowledgements(service.store).list(host, limit))) {
        answer.push_back({{"host", each.host},
                          {"matter", each.matter},
                          {"by", each.by},
                          {"at", rfc3339_text(each.at)},
                          {"reason", each.reason}});
    }
    return json_response(answer.dump());
}

}  // namespace

Endpoint list_matters() {
    return {.verb = Verb::get,
            .path = "/v1/hosts/{host}/matters",
            .role = Role::viewer,
            .summary = "What was told of a host and is not over, with what each matter still lacks",
            .handler = answer_matters};
}

Endpoint acknowledge() {
    return {
        .verb = Verb::post,
        .path = "/v1/acknowledgements",
        .role = Role::operator_,
        .summary = "Say what was found out about a matter, or about all that findings of one group tell of",
        .handler = answer_acknowledgement,
        .accepts = "application/json",
        .or_role = Role::reviewer};
}

Endpoint list_acknowledgements() {
    return {.verb = Verb::get,
            .path = "/v1/acknowledgements",
            .role = Role::viewer,
            .summary = "Who acknowledged what, when and why",
            .handler = answer_list};
}

}  // namespace assay::api
