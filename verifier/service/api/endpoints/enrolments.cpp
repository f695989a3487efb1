#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/tpm/key/credential.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/enrol/activation.h"
#include "verifier/service/api/enrol/admission.h"
#include "verifier/service/api/enrol/device_keys.h"
#include "verifier/service/api/enrol/identity.h"
#include "verifier/service/api/nonce.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/store/hosts/admission.h"

/// Admission: a token or the purchase list says that the name is wanted, and the TPM shows that its EKs and
/// the AK live in it together.
namespace assay::api {
namespace {

constexpr std::int64_t kPending_s = 300;  // a TPM answers in seconds
constexpr std::size_t kSecretSize = 32;
constexpr std::size_t kEnrolmentId = 16;
constexpr std::size_t kTokenText = 128;
constexpr std::size_t kOtherEks = 4;

/// One credential for each EK that the TPM showed, so that none can be shown that is not its own.
struct Credentials {
    Bytes secrets;  // of all of them, one after the other
    nlohmann::json answer;
};

Result<Credentials> make_credentials(const Applicant& applicant) {
    Credentials made{{}, {{"others", nlohmann::json::array()}}};
    for (const auto& ek : applicant.eks) {
        const auto secret = TRY(random_bytes(kSecretSize));
        const auto credential = TRY(tcg::make_credential(ek, applicant.ak_name, secret));
        const nlohmann::json part = {{"id_object", to_base64url(credential.id_object)},
                                     {"encrypted_secret", to_base64url(credential.encrypted_secret)}};
        if (made.secrets.empty()) {
            made.answer.update(part);
        } else {
            made.answer["others"].push_back(part);
        }
        made.secrets.insert(made.secrets.end(), secret.begin(), secret.end());
    }
    return made;
}

store::DeviceKey device_key(JsonReader& body, const std::string& role) {
    return {.public_area = body.bytes_or_none(role + "_public", limits::kPublicArea),
            .certificates =
                body.list_of_bytes(role + "_certificates", limits::kCertificates, limits::kCertificate)};
}

KeyProof key_proof(JsonReader& body, const std::string& role) {
    return {.attest = body.bytes_or_none(role + "_attest", limits::kQuote),
            .signature = body.bytes_or_none(role + "_signature", limits::kSignature)};
}

struct Begun {
    Applicant applicant;
    Admission admission;
    Credentials credentials;
};

/// Why not is the operator's to read; what cannot be parsed, or what failed here, is told.
Result<Begun> begin(Service& service, std::string host, Claim claim, const std::string& token) {
    const auto is_unsound = [](ErrorCode code) {
        return code == ErrorCode::refused || code == ErrorCode::crypto || code == ErrorCode::unsupported;
    };
    const auto name = host;
    auto applicant = examine_applicant(std::move(host), std::move(claim));
    if (!applicant && is_unsound(applicant.error().code)) {
        report_unsound(service, name, applicant.error().context);
        return refused_enrolment();
    }
    if (!applicant) return std::unexpected(applicant.error());
    auto admission = admit(service, *applicant, token);
    if (!admission &&
        (admission.error().code == ErrorCode::refused || admission.error().code == ErrorCode::conflict))
        return refused_enrolment();
    if (!admission) return std::unexpected(admission.error());
    auto credentials = make_credentials(*applicant);
    if (!credentials && is_unsound(credentials.error().code)) {
        report_unsound(service, name, credentials.error().context);
        return refused_enrolment();
    }
    if (!credentials) return std::unexpected(credentials.error());
    return Begun{*std::move(applicant), *std::move(admission), *std::move(credentials)};
}

Result<Response> answer_enrolment(const Request& request, Service& service) {
    JsonReader body(request.body, kBody);
    const auto token = plain_text_or_none(body, "token", kTokenText);
    auto host = host_name(body, "host");
    Claim claim;
    claim.ek_public = body.bytes("ek_public", limits::kPublicArea);
    if (body.need("ek_certificates"))
        claim.ek_certificates =
            body.list_of_bytes("ek_certificates", limits::kCertificates, limits::kCertificate);
    claim.ak_public = body.bytes("ak_public", limits::kPublicArea);
    claim.other_eks = body.list_of_bytes("other_eks", kOtherEks, limits::kPublicArea);
    claim.other_certificates = body.list_of_bytes("other_ek_certificates", kOtherEks, limits::kCertificate);
    claim.iak = device_key(body, "iak");
    claim.idevid = device_key(body, "idevid");
    TRY_VOID(body.finish());

    auto begun = TRY(begin(service, std::move(host), std::move(claim), token));
    auto& [applicant, admission, credentials] = begun;
    const auto now = service.now();
    const auto id = TRY(random_bytes(kEnrolmentId));
    const store::Enrolment enrolment{to_base64url(id),
                                     std::move(admission.token_digest),
                                     std::move(applicant.identity),
                                     sha256(credentials.secrets).hex(),
                                     now + kPending_s,
                                     0,
                                     std::move(admission.replacement)};
    TRY_VOID(store::Enrolments(service.store).add(enrolment, now));
    credentials.answer["enrolment"] = enrolment.id;
    return json_response(credentials.answer.dump(), 201);
}

Result<Response> activate(const Request& request, Service& service) {
    JsonReader body(request.body, kBody);
    const auto secret = body.bytes("secret", (1 + kOtherEks) * kSecretSize);
    const KeyProofs proofs{.iak = key_proof(body, "iak"), .idevid = key_proof(body, "idevid")};
    TRY_VOID(body.finish());

    const auto& id = request.parameters.at("id");
    const auto enrolment = TRY(store::Enrolments(service.store).find(id));
    const auto now = service.now();
    if (now >= enrolment.expires_at)
        return fail(ErrorCode::not_found, "the enrolment has expired; begin again");
    const bool right = equal_secrets(as_view(sha256(secret).hex()), as_view(enrolment.secret_digest));
    if (!right) {
        // One guess for a credential.
        if (enrolment.activated_at == 0) TRY_VOID(store::Enrolments(service.store).drop(id));
        return fail(ErrorCode::refused,
                    "this is not the credential's secret; the enrolment is void, begin again");
    }
    // From here on the TPM has spoken, and is told why. The secret is the challenge: only who opened the
    // credential can have it certified.
    auto proven = examine_device_keys(service, enrolment.identity);
    if (proven) proven = check_device_proofs(enrolment.identity, secret, proofs);
    if (!proven) {
        if (enrolment.activated_at == 0) TRY_VOID(store::Enrolments(service.store).drop(id));
        return std::unexpected(proven.error());
    }
    // The same right answer again is an agent that did not hear ours.
    if (enrolment.activated_at == 0) {
        const auto activated = store::Enrolments(service.store).activate(enrolment, now);
        if (!activated && activated.error().code == ErrorCode::conflict)
            report_conflicts(service, enrolment.identity);
        TRY_VOID(activated);
    }
    const auto statement = TRY(signed_activation(service, enrolment.identity,
                                                 enrolment.activated_at == 0 ? now : enrolment.activated_at));
    const nlohmann::json answer = {{"host", enrolment.identity.host}, {"activation", statement}};
    return json_response(answer.dump(), 201);
}

}  // namespace

Endpoint create_enrolment() {
    return {.verb = Verb::post,
            .path = "/v1/enrolments",
            .role = Role::agent,
            .summary = "Begin to enrol: public keys, and a token where no purchase list names the host",
            .handler = answer_enrolment,
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
