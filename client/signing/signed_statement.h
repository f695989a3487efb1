#pragma once

#include <string>

#include "client/signing/signing_key.h"
#include "evidence/wire/statement/session_document.h"
#include "evidence/wire/statement/session_statement.h"

namespace assay::client {

/// A statement with its signature as a file that goes from the signer's machine to the host:
/// docs/formats/session-statement.md, "Signed file".
std::string encode_signed_statement(const SessionDocument& document);
/// `text`, `public_key` and `signature`, each wanted. Nothing is verified.
Result<SessionDocument> decode_signed_statement(std::string_view json);

/// Signs a statement's text; `malformed` where it is none: a key signs nothing else here.
Result<SessionDocument> sign_statement(const SigningKey& key, std::string text);

}  // namespace assay::client
