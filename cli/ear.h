#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "evidence/base/result.h"
#include "evidence/wire/act_head.h"
#include "evidence/wire/attestation_result.h"

namespace assay::cli {

/// An Attestation Result token that verified: what it says, and under which key.
struct VerifiedToken {
    std::string key_id;
    std::string host;
    Tier tier = Tier::none;
    std::int64_t issued_at = 0;              ///< "iat", Unix time, seconds
    std::optional<std::int64_t> expires_at;  ///< "exp"; absent in tokens of older verifiers
    ResultNames names;
    std::optional<ActHead> acts = {};  ///< of the verifier's chain; absent in tokens of older verifiers
    std::string document;  ///< the result, where an older verifier put it into the token; else empty
};

/// Checks a token (evidence/codec/jws.h) against the verifier's public keys: a JWKS document, or one PEM
/// public key. The key is chosen by the token's `kid`; the algorithm never by the token. Also refused:
/// another EAR profile, a token that does not speak of exactly one host or names no result, an end that is
/// not after the beginning. Whether it is still valid is not asked here.
Result<VerifiedToken> verify_token(std::string_view token, std::string_view keys);

/// A result as one flat document, or a conclusion (then without what its occasion says). `refused` where it
/// is not the one that the token names, or differs from it in host, verdict or time.
Result<AttestationResult> named_document(const VerifiedToken& token, std::string_view json);

/// The time at which a token is judged, and whose it is.
struct JudgedAt {
    std::int64_t time = 0;  ///< Unix time, seconds
    bool asked = false;     ///< by --at; else this machine's clock
};

/// How far a verifier's clock may be ahead of this machine's, seconds.
inline constexpr std::int64_t kClockSkew_s = 60;

/// Whether a token says anything about a time.
struct Validity {
    bool holds = false;
    std::string_view name;  ///< "valid", "expired", "without_end", "issued_later"
    std::string words;      ///< one line, with every time, and by which clock
};

/// From the moment of issue until before the expiry (RFC 7519, 4.1.4). A token without expiry holds only for
/// a time that was asked for. `refused` for one from the future of this machine's clock, beyond kClockSkew_s.
Result<Validity> validity_of(const VerifiedToken& token, JudgedAt at);

}  // namespace assay::cli
