#include "verifier/service/api/enrol/activation.h"

#include <algorithm>

#include "evidence/wire/statement/activation_statement.h"

namespace assay::api {
namespace {

Result<std::string> sign_statement(const Service& service, ActivationStatement statement) {
    statement.build = service.build;
    statement.issued_at = service.now();
    statement.activated_at = std::min(statement.activated_at, statement.issued_at);
    statement.expires_at = statement.issued_at + kActivationValidity_s;
    return service.signer.sign(activation_claims(statement));
}

}  // namespace

Result<std::string> signed_activation(const Service& service, const store::Identity& identity,
                                      std::int64_t activated_at) {
    return sign_statement(service, {.host = identity.host,
                                    .ak = sha256(identity.ak_public),
                                    .ek = sha256(identity.ek_public),
                                    .build = {},
                                    .activated_at = activated_at});
}

Result<std::string> signed_activation(const Service& service, const KnownHost& known) {
    return sign_statement(service, {.host = known.name,
                                    .ak = sha256(known.ak_public),
                                    .ek = sha256(known.ek_public),
                                    .build = {},
                                    .activated_at = known.enrolled_at});
}

}  // namespace assay::api
