
#include "evidence/base/hex.h"
#include "evidence/codec/json_writer.h"
#include "evidence/wire/proof.h"
#include "verifier/service/api/attest/proven_evidence.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/nonce.h"

namespace assay::api {
namespace {

Result<Response> answer_challenge(const Request&, Service& service) {
    const auto now = service.now();
    const auto nonce = TRY(make_nonce(service.nonce_key, now));
    return json_response(Json{{"protocol", kProtocol},
                              {"nonce", to_base64url(nonce)},
                              {"issued_at", now},
                              {"expires_at", now + longest_challenge(service.policies)}}
                             .dump());
}

Result<Response> too_old(const Request&, Service&) {
    return fail(ErrorCode::unsupported,
                "protocol: expected 2, got 1; bring assay-agent to the release of this verifier");
}

}  // namespace

Endpoint create_challenge() {
    return {.verb = Verb::post,
            .path = "/v1/challenge",
            .role = Role::anyone,
            .summary = "A fresh nonce, of no host",
            .handler = answer_challenge,
            .from_memory = true};
}

Endpoint refuse_first_protocol() {
    return {.verb = Verb::post,
            .path = "/v1/hosts/{host}/challenge",
            .role = Role::anyone,
            .summary = "What an agent of the first protocol asks for: it is told to be updated",
            .handler = too_old,
            .accepts = "application/json",
            .body_limit = 64};
}

}  // namespace assay::api
