#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/tcg/credential.h"
#include "verifier/api/endpoint.h"
#include "verifier/api/identity.h"
#include "verifier/api/json_body.h"
#include "verifier/api/nonce.h"

/// Admission: a token says that the name is wanted, and the TPM shows that EK and AK live in it together.
namespace assay::api {
namespace {

constexpr std::int64_t kPending_s = 300;  // a TPM answers in seconds
constexpr std::size_t kSecretSize = 32;
constexpr std::size_t kIdSize = 16;
constexpr std::size_t kTokenText = 128;

/// Found by its digest, so the time that the search takes says nothing about the token's text.
Result<> check_token(Service& service, const std::string& digest, const std::string& host) {
    const auto token = service.store.token(digest);
    if (!token && token.error().code != ErrorCode::not_found) return std::unexpected(token.error());
    if (!token || !equal_secrets(as_view(token->digest), as_view(digest))) {
        return fail(ErrorCode::refused, "token: not one of this verifier; 'assay token HOST' makes one");
    }
    if (token->host != host) return fail(ErrorCode::refused, "token: it is for another host");
    if (token->spent_at != 0)
        return fail(ErrorCode::refused, "token: it is spent; 'assay token HOST' makes one");
    if (service.now() >= token->expires_at) {
        return fail(ErrorCode::refused, "token: it has expired; 'assay token HOST' makes one");
    }
    return {};
}

Result<Response> create(const Request& request, Service& service) {
    JsonBody body(request);
    const auto token = sha256(as_view(body.text("token", kTokenText))).hex();
    auto host = body.host_name("host");
    auto ek_public = body.bytes("ek_public", limits::kPublicArea);
    auto certificates = body.list_of_bytes("ek_certificates", limits::kCertificates, limits::kCertificate);
    auto ak_public = body.bytes("ak_public", limits::kPublicArea);
    TRY_VOID(body.finish());

    TRY_VOID(check_token(service, token, host));
    auto applicant = TRY(examine_applicant(std::move(host), std::move(ek_public), std::move(certificates),
                                           std::move(ak_public)));
    TRY_VOID(service.store.check_identity(applicant.identity));

    const auto secret = TRY(random_bytes(kSecretSize));
    const auto credential = TRY(tcg::make_credential(applicant.ek, applicant.ak_name, secret));
    const auto now = service.now();
    const store::Enrolment enrolment{to_base64url(TRY(random_bytes(kIdSize))),
                                     token,
                                     std::move(applicant.identity),
                                     sha256(secret).hex(),
                                     now + kPending_s,
                                     0};
    TRY_VOID(service.store.add_enrolment(enrolment, now));
    const nlohmann::json answer = {{"enrolment", enrolment.id},
                                   {"id_object", to_base64url(credential.id_object)},
                                   {"encrypted_secret", to_base64url(credential.encrypted_secret)}};
    return json_response(answer.dump(), 201);
}

Result<Response> activate(const Request& request, Service& service) {
    JsonBody body(request);
    const auto secret = body.bytes("secret", 2 * kSecretSize);
    TRY_VOID(body.finish());

    const auto& id = request.parameters.at("id");
    const auto enrolment = TRY(service.store.enrolment(id));
    const auto now = service.now();
    if (now >= enrolment.expires_at)
        return fail(ErrorCode::not_found, "the enrolment has expired; begin again");
    const bool right = equal_secrets(as_view(sha256(secret).hex()), as_view(enrolment.secret_digest));
    if (!right) {
        // One guess for a credential.
        if (enrolment.activated_at == 0) TRY_VOID(service.store.drop_enrolment(id));
        return fail(ErrorCode::refused,
                    "this is not the credential's secret; the enrolment is void, begin again");
    }
    // The same right answer again is an agent that did not hear ours.
    if (enrolment.activated_at == 0) TRY_VOID(service.store.activate(enrolment, now));
    const nlohmann::json answer = {{"host", enrolment.identity.host}};
    return json_response(answer.dump(), 201);
}

}  // namespace

Endpoint create_enrolment() {
    return {.verb = Verb::post,
            .path = "/v1/enrolments",
            .role = Role::agent,
            .summary = "Begin to enrol: token and public keys for a credential",
            .handler = create,
            .accepts = "application/json"};
}

Endpoint activate_enrolment() {
    return {.verb = Verb::post,
            .path = "/v1/enrolments/{id}/activation",
            .role = Role::agent,
            .summary = "Finish to enrol: the credential's secret, which only the TPM could read",
            .handler = activate,
            .accepts = "application/json"};
}

}  // namespace assay::api
