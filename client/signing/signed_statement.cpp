#include "client/signing/signed_statement.h"

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"

namespace assay::client {

std::string encode_signed_statement(const SessionDocument& document) {
    const Json out{{"text", document.text},
                   {"public_key", to_base64url(document.public_key)},
                   {"signature", to_base64url(document.signature)}};
    return out.dump(2) + "\n";
}

Result<SessionDocument> decode_signed_statement(std::string_view json) {
    constexpr std::size_t kKey = 512, kSignature = 256;
    JsonReader in(json, {.name = "signed statement"});
    SessionDocument out;
    out.text = in.text("text", limits::kJsonBody, 0);
    out.public_key = in.bytes("public_key", kKey);
    out.signature = in.bytes("signature", kSignature);
    if (in.finish()) return out;
    return with_context(Result<SessionDocument>(std::unexpected(in.finish().error())),
                        "expected the file that `assay session sign-text` writes");
}

Result<SessionDocument> sign_statement(const SigningKey& key, std::string text) {
    const auto statement = TRY(parse_session_statement(text));
    if (statement.action == "challenge")
        return fail(ErrorCode::usage, "a challenge is not signed: sign the text that the host makes from it");
    SessionDocument out;
    out.public_key = TRY(key.public_key());
    out.signature = TRY(key.sign(text));
    out.text = std::move(text);
    return out;
}

}  // namespace assay::client
