#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "verifier/api/endpoint.h"
#include "verifier/api/json_body.h"
#include "verifier/api/nonce.h"
#include "verifier/appraisal/effective_policy.h"
#include "verifier/appraisal/ima_progress.h"

namespace assay::api {
namespace {

Result<Response> create(const Request& request, Service& service) {
    const JsonBody body(request);
    TRY_VOID(body.finish());
    const auto host = TRY(service.store.host(request.parameters.at("host")));
    const auto now = service.now();
    const auto nonce = TRY(make_nonce(service.nonce_key, host.identity.host, now));
    const auto& policy = service.policies.of(host.labels);
    auto held = nlohmann::json::array();
    for (const auto& section : TRY(service.store.held_sections(host.identity.host)))
        held.push_back(section.digest);
    nlohmann::json answer = {{"nonce", to_base64url(nonce)},
                             {"selection", policy.pcr_selection},
                             {"issued_at", now},
                             {"expires_at", now + policy.challenge_lifetime_s},
                             {"held", std::move(held)},
                             {"journal_sequence", host.known.journal_sequence}};
    if (const auto ima = ima_start(host.known, EffectivePolicy(policy, service.vendors, now).get())) {
        answer["ima"] = {{"boot_id", ima->boot_id},
                         {"entries", ima->entries},
                         {"offset", ima->offset},
                         {"state", ima->state.hex()}};
    }
    return json_response(answer.dump());
}

}  // namespace

Endpoint create_challenge() {
    return {.verb = Verb::post,
            .path = "/v1/hosts/{host}/challenge",
            .role = Role::agent,
            .summary = "A fresh nonce, the PCRs to quote, and what need not be sent again",
            .handler = create,
            .accepts = "application/json"};
}

}  // namespace assay::api
