
#include "evidence/base/hex.h"
#include "evidence/base/rfc3339.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/endpoints/limits.h"
#include "verifier/service/api/nonce.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/store/hosts/admission.h"

namespace assay::api {
namespace {

Result<Response> answer_token(const Request& request, Service& service) {
    JsonReader body(request.body, kBody);
    const auto host = host_name(body, "host");
    const auto lifetime =
        body.integer_or("lifetime_s", kUsualTokenLifetime_s, kLeastTokenLifetime_s, kMostTokenLifetime_s);
    TRY_VOID(body.finish());

    const auto text = to_base64url(TRY(random_bytes(kTokenSize)));
    const auto now = service.now();
    const store::Token token{sha256(as_view(text)).hex(), host, request.caller.name, now, now + lifetime, 0};
    TRY_VOID(store::Enrolments(service.store).add_token(token));
    const Json answer = {{"token", text}, {"host", host}, {"expires_at", rfc3339_text(token.expires_at)}};
    return json_response(answer.dump(), 201);
}

}  // namespace

Endpoint create_token() {
    return {.verb = Verb::post,
            .path = "/v1/tokens",
            .role = Role::operator_,
            .summary = "A one-time enrolment token for a host name",
            .handler = answer_token,
            .accepts = "application/json"};
}

}  // namespace assay::api
