#include "client/ear_claims.h"

#include "client/signing/signed_token.h"
#include "evidence/base/hex.h"
#include "evidence/codec/jws.h"

namespace assay::client {

Result<EarClaims> ear_claims(JsonReader& claims) {
    EarClaims out;
    const auto digest = [&](std::string_view name) {
        auto text = claims.text_or(name, {}, kSha256Digits);
        if (!text.empty() && !(text.size() == kSha256Digits && from_hex(text, kSha256Digits)))
            claims.wrong(name, "a SHA-256 in hexadecimal");
        return text;
    };
    out.names = {digest("assay.result-id"), digest("assay.conclusion")};
    if (claims.has("assay.acts")) out.acts = claims.text_as("assay.acts", act_head_from);
    return claims.finish(std::move(out));
}

Result<EarClaims> unverified_ear_claims(std::string_view token) {
    const auto parsed = TRY(parse_jws(token));
    const std::string text(as_text(parsed.payload));
    JsonReader claims(text, kClaims);
    return ear_claims(claims);
}

}  // namespace assay::client
