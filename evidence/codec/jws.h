#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/es256.h"
#include "evidence/base/limits.h"
#include "evidence/base/result.h"

/// Signed tokens: the compact serialisation of RFC 7515, 3.1, in one form alone. docs/formats/token.md is the
/// page.
namespace assay {

inline constexpr std::size_t kMaxJwsHeader = 512;  ///< decoded, bytes
inline constexpr std::size_t kMaxJwsKeyId = 128;   ///< bytes
/// Decoded, bytes: one attestation result, and what stands around it.
inline constexpr std::size_t kMaxJwsPayload = limits::kAttestationResult + (64U << 10U);

/// Characters that `bytes` become in base64url without padding.
constexpr std::size_t base64url_size(std::size_t bytes) {
    return (bytes * 4 + 2) / 3;
}
inline constexpr std::size_t kMaxJws = base64url_size(kMaxJwsHeader) + 1 + base64url_size(kMaxJwsPayload) +
                                       1 + base64url_size(sizeof(Es256Signature));

/// A token that has the right form. Nobody has vouched for anything in it.
struct UnverifiedJws {
    std::string key_id;  ///< which key it says that it is signed by
    Bytes payload;
    Es256Signature signature;
    std::string_view
        signed_part;  ///< header and payload as they were sent; a view of the text that was parsed
};

/// Exactly three parts of base64url, none empty, two dots, nothing else: no padding, no white space. The
/// header is a JSON object with "alg", "kid", "typ" and no other member: "ES256", a text of 1 to 128 bytes,
/// "JWT". The signature is 64 bytes. `limit` above kMaxJws, before anything is decoded; `text` must outlive
/// the result.
Result<UnverifiedJws> parse_jws(std::string_view text);

/// The payload of a token whose signature this key made; `refused` otherwise.
Result<Bytes> verified_payload(UnverifiedJws token, const Es256PublicKey& key);

/// A token in this form, header members sorted. The payload's bytes are signed as they are.
Result<std::string> sign_jws(std::string_view payload, std::string_view key_id, const Es256PrivateKey& key);

}  // namespace assay
