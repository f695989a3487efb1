#include "client/signing/signed_statement.h"

#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/codec/json_door.h"

namespace assay {

std::string encode_signed_statement(const SessionDocument& document) {
    const nlohmann::json out{{"text", document.text},
                             {"public_key", to_base64url(document.public_key)},
                             {"signature", to_base64url(document.signature)}};
    return out.dump(2) + "\n";
}

Result<SessionDocument> decode_signed_statement(std::string_view json) {
    constexpr std::size_t kKey = 512, kSignature = 256;
    const auto in = TRY(parse_json(json));
    for (const auto* key : {"text", "public_key", "signature"}) {
        if (!in.is_object() || !in.contains(key) || !in[key].is_string())
            return fail(
                ErrorCode::malformed,
                std::string("\"") + key +
                    "\": expected a text, got none; take the file as `assay session sign-text` writes it");
    }
    if (in.size() != 3)
        return fail(ErrorCode::malformed,
                    "expected text, public_key and signature and nothing else, got other members too; take "
                    "the file as `assay session sign-text` writes it");
    SessionDocument out;
    out.text = in["text"].get<std::string>();
    out.public_key =
        TRY(with_context(from_base64url(in["public_key"].get<std::string>(), kKey), "public_key"));
    out.signature =
        TRY(with_context(from_base64url(in["signature"].get<std::string>(), kSignature), "signature"));
    return out;
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

}  // namespace assay
