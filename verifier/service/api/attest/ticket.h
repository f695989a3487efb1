#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"

/// The right of a proven host to send the sections that its manifest names. Needs no state on the verifier:
/// base64url of expiry (4, Unix seconds, big-endian) || bytes (4) || nonce (32) || SHA-256 of the manifest
/// (32)
/// || host || the first 16 bytes of HMAC-SHA256(key, "assay-ticket-v1" || 0 || all before).
namespace assay::api {

inline constexpr std::int64_t kTicketLifetime_s = 120;

struct Ticket {
    std::string host;
    Bytes nonce;      ///< 32 bytes
    Digest manifest;  ///< SHA-256 of the manifest's bytes
    std::int64_t expires_at = 0;
    std::uint32_t bytes = 0;  ///< of the body that may be sent with it, at most
};

Result<std::string> make_ticket(ByteView key, const Ticket& ticket);
/// Nothing for what this verifier did not make, or what has expired at `now`.
std::optional<Ticket> read_ticket(ByteView key, std::string_view text, std::int64_t now);

}  // namespace assay::api
