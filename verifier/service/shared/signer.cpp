#include "verifier/service/shared/signer.h"

#include <utility>

#include <fmt/core.h>

#include "evidence/base/digest.h"
#include "evidence/base/hex.h"
#include "evidence/codec/jws.h"

namespace assay::api {

Signer::Signer(Es256PrivateKey key)
    : key_(std::move(key)), x_(to_base64url(key_.x())), y_(to_base64url(key_.y())) {
    // RFC 7638, 3.2: the required members in lexicographic order, no white space.
    const auto canonical = fmt::format(R"({{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}})", x_, y_);
    key_id_ = to_base64url(sha256(as_view(canonical)).view());
}

Result<Signer> Signer::from_pem(std::string_view pem) {
    return Signer(TRY(Es256PrivateKey::from_pem(pem)));
}

Result<std::string> Signer::sign(std::string_view payload) const {
    return sign_jws(payload, key_id_, key_);
}

std::string Signer::jwks() const {
    return fmt::format(
        R"({{"keys":[{{"alg":"ES256","crv":"P-256","kid":"{}","kty":"EC","use":"sig","x":"{}","y":"{}"}}]}})",
        key_id_, x_, y_);
}

}  // namespace assay::api
