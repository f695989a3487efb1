#pragma once

#include <string>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/codec/jws.h"
#include "evidence/wire/statement/activation_statement.h"
#include "tests/support/appraisal/appraisal_case.h"
#include "tests/support/builders/token_builder.h"

namespace assay::test {

/// Half a day old, and good for a month.
inline ActivationStatement statement_about(const KnownHost& known) {
    return {.host = known.name,
            .ak = sha256(known.ak_public),
            .ek = sha256(known.ek_public),
            .build = "assay test",
            .activated_at = kNow - 86'400,
            .issued_at = kNow - 43'200,
            .expires_at = kNow + (30 * 86'400)};
}

/// A verifier's signing key.
struct StatementSigner {
    std::string key_id = "verifier-1";
    TokenKeys keys = TokenKeys::make();

    [[nodiscard]] std::string token(const ActivationStatement& statement) const {
        return signed_claims(activation_claims(statement));
    }
    [[nodiscard]] std::string signed_claims(const std::string& claims) const {
        return sign_jws(claims, key_id, key()).value();
    }
    /// As /v1/keys answers it.
    [[nodiscard]] std::string jwks() const {
        const auto of = key();
        return fmt::format(R"({{"keys":[{{"kty":"EC","crv":"P-256","kid":"{}","x":"{}","y":"{}"}}]}})",
                           key_id, to_base64url(of.x()), to_base64url(of.y()));
    }
    [[nodiscard]] Es256PrivateKey key() const { return Es256PrivateKey::from_pem(keys.private_pem).value(); }
};

/// The payload of a token with `from` written as `to`, under the signature that it had.
inline std::string token_with(const std::string& token, const std::string& from, const std::string& to) {
    const auto first = token.find('.');
    const auto second = token.rfind('.');
    auto payload = std::string(as_text(parse_jws(token).value().payload));
    const auto at = payload.find(from);
    require(at != std::string::npos, "the token has no such text");
    payload.replace(at, from.size(), to);
    return token.substr(0, first + 1) + to_base64url(as_view(payload)) + token.substr(second);
}

}  // namespace assay::test
