#pragma once

#include <string>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

/// What a journal record of kind `session` carries. docs/formats/journal.md, "Session document", is the page.
namespace assay {

struct SessionDocument {
    std::string text;  ///< of a statement: session_statement_text. Whether it is one, its reader sees
    Bytes public_key;  ///< SubjectPublicKeyInfo, DER; empty for a challenge, which the host makes
    Bytes signature;   ///< over `text`; empty for a challenge
    bool operator==(const SessionDocument&) const = default;
};

Bytes encode_session_document(const SessionDocument& document);
Result<SessionDocument> decode_session_document(ByteView bytes);

}  // namespace assay
