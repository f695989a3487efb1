#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "verifier/api/endpoint.h"
#include "verifier/api/json_body.h"
#include "verifier/api/nonce.h"

namespace assay::api {
namespace {

Result<Response> create(const Request& request, Service& service) {
    const JsonBody body(request);
    TRY_VOID(body.finish());
    const auto host = TRY(service.store.host(request.parameters.at("host")));
    const auto now = service.now();
    const auto nonce = TRY(make_nonce(service.nonce_key, host.identity.host, now));
    auto held = nlohmann::json::array();
    for (const auto& section : TRY(service.store.held_sections(host.identity.host)))
        held.push_back(section.digest);
    const nlohmann::json answer = {{"nonce", to_base64url(nonce)},
                                   {"selection", service.policy.pcr_selection},
                                   {"issued_at", now},
                                   {"expires_at", now + service.policy.challenge_lifetime_s},
                                   {"held", std::move(held)},
                                   {"journal_sequence", host.known.journal_sequence}};
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
