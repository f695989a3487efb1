#include "verifier/service/store/hosts/hosts.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>

#include <nlohmann/json.hpp>

#include "evidence/base/rfc3339.h"
#include "evidence/base/text.h"
#include "evidence/wire/saved_bundle.h"
#include "verifier/judge/appraisal/facts/parts/components.h"
#include "verifier/service/api/attest/attestation_answer.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/api/silent_hosts.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/attestations/unproven.h"
#include "verifier/service/store/devices/devices.h"
#include "verifier/service/store/hosts/admission.h"

namespace assay::api {
namespace {

/// null for what never was.
nlohmann::json time_json(std::int64_t time) {
    return time == 0 ? nlohmann::json() : nlohmann::json(rfc3339_text(time));
}

nlohmann::json summary_json(Service& service, const store::HostSummary& host, const store::Contact& contact) {
    return {{"host", host.host},
            {"attested_at", time_json(contact.attested_at)},
            {"silent", is_silent(service, contact)},
            {"enrolled_at", time_json(host.enrolled_at)},
            {"tier", host.tier.empty() ? std::string(to_string(Tier::none)) : host.tier},
            {"appraised_at", time_json(host.appraised_at)},
            {"result_id", host.result_id},
            {"ek_digest", host.ek_digest}};
}

/// The finding about evidence of the last day that this host's TPM did not sign; null where none came.
Result<nlohmann::json> unproven_json(Service& service, const KnownHost& known) {
    TRY_VOID(service.unproven.flush(service.now()));
    const auto rows = TRY(store::Unproven(service.store)
                              .list({.host = known.name, .since = service.now() - kUnprovenLately_s}));
    const auto finding = unproven_finding(rows);
    return finding ? to_json(*finding) : nlohmann::json();
}

/// Matters that are not over.
std::uint64_t open_count(const KnownHost& known) {
    const auto named = known.open ? std::ranges::count_if(*known.open, std::not_fn(is_over)) : 0;
    return known.open_more.value_or(0) + static_cast<std::uint64_t>(named);
}

Result<Response> answer_hosts(const Request& request, Service& service) {
    TRY_VOID(Query(request).finish());
    auto answer = nlohmann::json::array();
    std::map<std::string, store::Contact> contacts;
    for (auto& contact : TRY(store::Hosts(service.store).contacts())) contacts.emplace(contact.host, contact);
    for (const auto& host : TRY(store::Hosts(service.store).list())) {
        const auto found = contacts.find(host.host);  // of one enrolled just now: nothing yet
        answer.push_back(summary_json(
            service, host,
            found != contacts.end() ? found->second : store::Contact{host.host, host.enrolled_at, 0, 0}));
    }
    return json_response(answer.dump());
}

Result<Response> answer_host(const Request& request, Service& service) {
    const auto& name = request.parameters.at("host");
    const auto host = TRY(store::Hosts(service.store).find(name));
    const auto contact = TRY(store::Hosts(service.store).contact(name));
    auto answer = summary_json(service, TRY(store::Hosts(service.store).summary(name)), contact);
    answer["silence"] =
        is_silent(service, contact) ? to_json(silence_of(service, contact)) : nlohmann::json();
    answer["unproven"] = TRY(unproven_json(service, host.known));
    answer["open"] = open_count(host.known);
    answer["ak_digest"] = host.identity.ak_digest;
    answer["clock"] = {{"clock_ms", host.known.last_clock_ms},
                       {"reset_count", host.known.last_reset_count},
                       {"restart_count", host.known.last_restart_count}};
    answer["journal_sequence"] = host.known.journal_sequence;
    const auto newest = store::Results(service.store).newest(name);
    if (!newest && newest.error().code != ErrorCode::not_found) return std::unexpected(newest.error());
    auto result = newest ? TRY(result_answer(service, *newest)) : nlohmann::json::object();
    for (const auto* member : {"result", "jwt"}) answer[member] = std::move(result[member]);
    return json_response(answer.dump());
}

/// Each maker that a layer of the part names, by its legal name where the vendor data has it.
nlohmann::json makers_json(const vendors::VendorDb& vendors, const judge::HostComponent& part) {
    auto out = nlohmann::json::array();
    for (const auto& layer : judge::makers_by_layer(vendors, part.maker)) {
        const bool known = layer.who.outcome == vendors::Resolution::Outcome::known;
        out.push_back({{"layer", layer.id->layer},
                       {"entity", known ? nlohmann::json(layer.who.entity) : nlohmann::json()},
                       {"name", known ? layer.who.legal_name : store::stored_text(layer.id->value)}});
    }
    return out;
}

Result<nlohmann::json> purchase_json(Service& service, const std::string& host) {
    const auto found = store::Registrations(service.store).find(host);
    if (!found && found.error().code != ErrorCode::not_found) return std::unexpected(found.error());
    if (!found) return nlohmann::json();
    const auto& purchased = found->purchased;
    return nlohmann::json{{"site", purchased.site},
                          {"rack", purchased.rack},
                          {"unit", purchased.unit},
                          {"chassis_serial", purchased.chassis_serial}};
}

Result<Response> answer_machine(const Request& request, Service& service) {
    TRY_VOID(Query(request).finish());
    const auto& name = request.parameters.at("host");
    const auto summary = TRY(store::Hosts(service.store).summary(name));
    const auto contact = TRY(store::Hosts(service.store).contact(name));
    auto parts = nlohmann::json::array();
    for (const auto& part : TRY(store::Parts(service.store).held(name))) {
        parts.push_back({{"component", to_string(part.kind)},
                         {"place", part.place},
                         {"slot", part.slot},
                         {"makers", makers_json(service.vendors, part)},
                         {"model", part.model},
                         {"serial", part.serial},
                         {"mac", part.mac},
                         {"revision", part.revision}});
    }
    nlohmann::json answer{{"host", name},
                          {"enrolled_at", time_json(summary.enrolled_at)},
                          {"attested_at", time_json(contact.attested_at)},
                          {"ek_digest", summary.ek_digest},
                          {"labels", contact.labels},
                          {"parts", std::move(parts)}};
    answer["purchase"] = TRY(purchase_json(service, name));
    return json_response(answer.dump());
}

Result<Response> newest_result(const Request& request, Service& service) {
    const auto stored = TRY(store::Results(service.store).newest(request.parameters.at("host")));
    return json_response(TRY(result_answer(service, stored)).dump());
}

Result<Response> result(const Request& request, Service& service) {
    const auto stored = TRY(store::Results(service.store).find(request.parameters.at("id")));
    return json_response(TRY(result_answer(service, stored)).dump());
}

Result<Response> bundle(const Request& request, Service& service) {
    Query query(request);
    const auto at = query.integer("at", 0, std::numeric_limits<std::int64_t>::max());
    TRY_VOID(query.finish());
    const auto& host = request.parameters.at("host");
    auto bundle = at ? TRY(store::Results(service.store).bundle_at(host, *at))
                     : TRY(store::Results(service.store).newest_bundle(host));
    bundle.made_by = service.build;
    return Response{200, "application/cbor", std::string(as_text(encode_saved_bundle(bundle))), {}};
}

}  // namespace

Endpoint list_hosts() {
    return {.verb = Verb::get,
            .path = "/v1/hosts",
            .role = Role::viewer,
            .summary = "Every enrolled host with its newest tier",
            .handler = answer_hosts};
}

Endpoint get_host() {
    return {.verb = Verb::get,
            .path = "/v1/hosts/{host}",
            .role = Role::viewer,
            .summary = "One host: identity, clock, newest result",
            .handler = answer_host};
}

Endpoint get_host_machine() {
    return {
        .verb = Verb::get,
        .path = "/v1/hosts/{host}/machine",
        .role = Role::viewer,
        .summary = "Which machine that is: TPM, labels, purchase line, and its parts when it last attested",
        .handler = answer_machine};
}

Endpoint get_host_result() {
    return {.verb = Verb::get,
            .path = "/v1/hosts/{host}/result",
            .role = Role::viewer,
            .summary = "The newest attestation result of a host",
            .handler = newest_result};
}

Endpoint get_host_bundle() {
    return {
        .verb = Verb::get,
        .path = "/v1/hosts/{host}/bundle",
        .role = Role::viewer,
        .summary =
            "The newest attestation, or the newest at a time, as a bundle that anybody can appraise again",
        .handler = bundle};
}

Endpoint get_result() {
    return {.verb = Verb::get,
            .path = "/v1/results/{id}",
            .role = Role::viewer,
            .summary = "An attestation result by its id",
            .handler = result};
}

}  // namespace assay::api
