#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/json_body.h"
#include "verifier/service/api/nonce.h"

namespace assay::api {
namespace {

constexpr std::int64_t kLeast_s = 60;
constexpr std::int64_t kMost_s = 30LL * 24 * 3600;
constexpr std::int64_t kUsual_s = 24LL * 3600;
constexpr std::size_t kTokenSize = 24;  // 192 random bits: nothing that could be guessed

Result<Response> create(const Request& request, Service& service) {
    JsonBody body(request);
    const auto host = body.host_name("host");
    const auto lifetime = body.optional_integer("lifetime_s", kLeast_s, kMost_s, kUsual_s);
    TRY_VOID(body.finish());

    const auto text = to_base64url(TRY(random_bytes(kTokenSize)));
    const auto now = service.now();
    const store::Token token{sha256(as_view(text)).hex(), host, request.caller.name, now, now + lifetime, 0};
    TRY_VOID(service.store.add_token(token));
    const nlohmann::json answer = {{"token", text}, {"host", host}, {"expires_at", token.expires_at}};
    return json_response(answer.dump(), 201);
}

}  // namespace

Endpoint create_token() {
    return {.verb = Verb::post,
            .path = "/v1/tokens",
            .role = Role::operator_,
            .summary = "A one-time enrolment token for a host name",
            .handler = create,
            .accepts = "application/json"};
}

}  // namespace assay::api
