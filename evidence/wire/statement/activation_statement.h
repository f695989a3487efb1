#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"

/// The verifier's word that a host's TPM answered a credential: what an appraisal without network believes
/// the attestation key by. docs/formats/activation.md.
namespace assay {

struct ActivationStatement {
    std::string host;               ///< its name in the fleet
    Digest ak;                      ///< SHA-256 of the attestation key's TPMT_PUBLIC
    Digest ek;                      ///< SHA-256 of the endorsement key's TPMT_PUBLIC
    std::string build;              ///< of the verifier that says it: "assay 0.1.0"
    std::int64_t activated_at = 0;  ///< Unix time, seconds: the TPM with this EK answered for this AK
    std::int64_t issued_at = 0;     ///< "iat": when it was signed; not before `activated_at`
    std::int64_t expires_at = 0;    ///< "exp": it says nothing from then on; after `issued_at`
    bool operator==(const ActivationStatement&) const = default;
};

/// A token of it, characters: what the agent keeps, and a bundle holds.
inline constexpr std::size_t kMaxActivation = 4096;

/// The claims of its token (JSON): "iat", "exp" and the member "assay.activation".
std::string activation_claims(const ActivationStatement& statement);

/// From a token's claims. `malformed` where one is missing, odd, beyond its limit, or the times are in no
/// order; `unsupported` where it is of another version.
Result<ActivationStatement> activation_of(std::string_view claims);

/// Of a token that nobody has checked: for whoever has it from the verifier itself, or only shows it.
Result<ActivationStatement> unverified_activation(std::string_view token);

/// What such a statement would say of these keys.
bool is_about(const ActivationStatement& statement, std::string_view host, ByteView ak_public,
              ByteView ek_public);

}  // namespace assay
