#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

/// What a technician and an escort sign at a host. docs/formats/session-statement.md is the page.
namespace assay {

/// Every field is in the signed text. Fields that an action does not have are empty.
struct SessionStatement {
    std::string action;   ///< "open", "heartbeat", "close", "late"; "challenge": of the host, unsigned
    std::string role;     ///< "technician" or "escort"; empty for "challenge"
    std::string session;  ///< id of the session; empty for "late"
    std::string host;     ///< the host's name in the fleet
    std::string order;
    std::string order_digest;  ///< of the order's version, 64 hex digits
    std::string nonce;         ///< the verifier's, or the host's where there is no network
    std::string device;        ///< for "late": SHA-256 of the device's descriptors, 64 hex digits
    std::int64_t at = 0;       ///< Unix time, seconds: when it was signed
};

/// The bytes that are signed: "assay-session-v1" and one "name: value" a line, in the order above, each ended
/// by LF. `malformed` where a value has a control character, for then two statements could have one text.
Result<std::string> session_statement_text(const SessionStatement& statement);

/// The statement that has exactly this text. `malformed` for any other text, with the line.
Result<SessionStatement> parse_session_statement(std::string_view text);

/// SHA-256 of a SubjectPublicKeyInfo, in hex: a key's id in the directory.
std::string public_key_id(ByteView subject_public_key_info);

/// Whether `signature` over the text verifies with the key: Ed25519, or ECDSA P-256 with SHA-256 in DER.
/// `unsupported` for any other key, `malformed` for bytes that are no key. A signature that does not verify
/// is false, never an error.
Result<bool> session_signature_verifies(ByteView subject_public_key_info, std::string_view text,
                                        ByteView signature);

}  // namespace assay
