#include "verifier/service/store/hosts/admission.h"

#include <limits>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/rfc3339.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/endpoints/limits.h"
#include "verifier/service/api/enrol/identity.h"
#include "verifier/service/api/nonce.h"
#include "verifier/service/api/request_body.h"

/// The purchase list, who was refused, and the exchange of a host's TPM.
namespace assay::api {
namespace {

constexpr std::size_t kAdmissionId = 9;
constexpr std::int64_t kMostRefusals = 1000;

std::string_view to_string(store::Registered::Outcome outcome) {
    using Outcome = store::Registered::Outcome;
    switch (outcome) {
        case Outcome::added:
            return "added";
        case Outcome::changed:
            return "changed";
        case Outcome::unchanged:
            return "unchanged";
        case Outcome::refused:
            return "refused";
    }
    return "refused";
}

Result<Response> register_list(const Request& request, Service& service) {
    Query query(request);
    const auto dry_run = query.text("dry_run", 8).value_or("false");
    TRY_VOID(query.finish());
    if (dry_run != "true" && dry_run != "false")
        return fail(ErrorCode::malformed,
                    fmt::format("query 'dry_run': expected true or false, got \"{}\"", printable(dry_run)));
    const auto hosts = TRY(parse_purchase_list(request.body));
    const auto outcomes =
        TRY(store::Registrations(service.store)
                .add(hosts, request.caller.name, service.now(), dry_run == "true", has_tpm_digest));
    bool refused = false;
    auto lines = Json::array();
    for (const auto& each : outcomes) {
        refused = refused || each.outcome == store::Registered::Outcome::refused;
        lines.push_back({{"line", each.line},
                         {"host", each.host},
                         {"outcome", to_string(each.outcome)},
                         {"reason", each.reason}});
    }
    const Json answer = {{"kept", !refused && dry_run == "false"}, {"hosts", std::move(lines)}};
    return json_response(answer.dump());
}

Result<Response> list_registered(const Request& request, Service& service) {
    TRY_VOID(Query(request).finish());
    auto answer = Json::array();
    for (const auto& each : TRY(store::Registrations(service.store).list())) {
        const auto& host = each.purchased;
        answer.push_back({{"host", host.host},
                          {"site", host.site},
                          {"rack", host.rack},
                          {"unit", host.unit},
                          {"tpm_digest", host.tpm_digest},
                          {"chassis_serial", host.chassis_serial},
                          {"registered_by", each.registered_by},
                          {"registered_at", rfc3339_or_none(each.registered_at)}});
    }
    return json_response(answer.dump());
}

Result<Response> list_refused(const Request& request, Service& service) {
    Query query(request);
    store::RefusalQuery wanted;
    wanted.host = query.text("host", limits::kHostName);
    wanted.kind = query.text("id", kFindingId);
    wanted.since = query.integer("since", 0, std::numeric_limits<std::int64_t>::max());
    wanted.limit = query.integer("limit", 1, kMostRefusals).value_or(wanted.limit);
    TRY_VOID(query.finish());
    TRY_VOID(service.refusals.flush());
    auto answer = Json::array();
    for (const auto& each : TRY(store::Refusals(service.store).list(wanted))) {
        answer.push_back({{"host", each.host},
                          {"asked_name", each.asked_name},
                          {"id", each.kind},
                          {"ek_digest", each.ek_digest},
                          {"ak_digest", each.ak_digest},
                          {"expected", each.expected},
                          {"actual", each.actual},
                          {"first_at", rfc3339_or_none(each.first_at)},
                          {"last_at", rfc3339_or_none(each.last_at)},
                          {"times", each.times}});
    }
    return json_response(answer.dump());
}

Json replacement_json(const store::Replacement& each) {
    return {{"id", each.id},
            {"host", each.host},
            {"reason", each.reason},
            {"ordered_by", each.ordered_by},
            {"ordered_at", rfc3339_or_none(each.ordered_at)},
            {"expires_at", rfc3339_or_none(each.expires_at)},
            {"tpm_digest", each.tpm_digest},
            {"done_at", rfc3339_or_none(each.done_at)},
            {"old_ek_digest", each.old_ek_digest},
            {"old_ak_digest", each.old_ak_digest},
            {"new_ek_digest", each.new_ek_digest},
            {"new_ak_digest", each.new_ak_digest},
            {"released_at", rfc3339_or_none(each.released_at)},
            {"released_by", each.released_by},
            {"release_reason", each.release_reason}};
}

Result<Response> order(const Request& request, Service& service) {
    JsonReader body(request.body, kBody);
    store::Replacement order;
    order.reason = plain_text(body, "reason", kReason);
    order.tpm_digest = plain_text_or_none(body, "tpm_digest", 2 * kReason);
    const auto lifetime =
        body.integer_or("lifetime_s", kUsualTokenLifetime_s, kLeastTokenLifetime_s, kMostTokenLifetime_s);
    TRY_VOID(body.finish());
    if (!order.tpm_digest.empty())
        order.tpm_digest = TRY(with_context(normal_tpm_digest(order.tpm_digest), "tpm_digest"));
    order.id = to_hex(TRY(random_bytes(kAdmissionId)));
    order.host = request.parameters.at("host");
    order.ordered_by = request.caller.name;
    order.ordered_at = service.now();
    order.expires_at = order.ordered_at + lifetime;
    TRY_VOID(store::Replacements(service.store).order(order));
    auto answer = replacement_json(order);
    if (order.tpm_digest.empty()) {
        const auto text = to_base64url(TRY(random_bytes(kTokenSize)));
        TRY_VOID(store::Enrolments(service.store)
                     .add_token({sha256(as_view(text)).hex(), order.host, order.ordered_by, order.ordered_at,
                                 order.expires_at, 0}));
        answer["token"] = text;
    }
    return json_response(answer.dump(), 201);
}

Result<Response> list_ordered(const Request& request, Service& service) {
    Query query(request);
    const auto host = query.text("host", limits::kHostName);
    TRY_VOID(query.finish());
    auto answer = Json::array();
    for (const auto& each : TRY(store::Replacements(service.store).list(host)))
        answer.push_back(replacement_json(each));
    return json_response(answer.dump());
}

Result<Response> release(const Request& request, Service& service) {
    JsonReader body(request.body, kBody);
    const auto reason = plain_text(body, "reason", kReason);
    TRY_VOID(body.finish());
    const auto released =
        TRY(store::Replacements(service.store)
                .release(request.parameters.at("id"), request.caller.name, reason, service.now()));
    return json_response(replacement_json(released).dump());
}

}  // namespace

Endpoint create_registrations() {
    return {.verb = Verb::post,
            .path = "/v1/registrations",
            .role = Role::operator_,
            .summary = "A purchase list: which TPM belongs to which host",
            .handler = register_list,
            .accepts = "text/csv",
            .body_limit = limits::kTextFile};
}

Endpoint list_registrations() {
    return {.verb = Verb::get,
            .path = "/v1/registrations",
            .role = Role::viewer,
            .summary = "Every host that the purchase lists name",
            .handler = list_registered};
}

Endpoint list_refusals() {
    return {.verb = Verb::get,
            .path = "/v1/refusals",
            .role = Role::viewer,
            .summary = "Who was refused an enrolment and why, newest first",
            .handler = list_refused};
}

Endpoint order_replacement() {
    return {.verb = Verb::post,
            .path = "/v1/hosts/{host}/replacement",
            .role = Role::operator_,
            .summary = "Order that a host may enrol once with another TPM",
            .handler = order,
            .accepts = "application/json"};
}

Endpoint list_replacements() {
    return {.verb = Verb::get,
            .path = "/v1/replacements",
            .role = Role::viewer,
            .summary = "Exchanges of TPMs: who ordered them, when, why, and which identity came after which",
            .handler = list_ordered};
}

Endpoint release_replacement() {
    return {.verb = Verb::post,
            .path = "/v1/replacements/{id}/release",
            .role = Role::operator_,
            .summary = "Let a TPM that was taken out of a host be enrolled again",
            .handler = release,
            .accepts = "application/json"};
}

}  // namespace assay::api
