#include "cli/signed_exposure.h"

#include "cli/context.h"
#include "client/signing/signed_token.h"
#include "evidence/base/digest.h"

namespace assay::cli {
namespace {

constexpr std::string_view kNamesExposure = "assay.exposure";

}  // namespace

bool is_exposure(std::string_view token) {
    const auto parsed = parse_jws(token);
    if (!parsed) return false;
    JsonReader claims(as_text(parsed->payload), client::kClaims);
    return claims.has(kNamesExposure);
}

Result<VerifiedExposure> verify_exposure(std::string_view token, std::string_view keys,
                                         std::string_view document) {
    const auto signed_token = TRY(client::verify_signed_token(token, keys));
    JsonReader claims(signed_token.claims, client::kClaims);
    const auto digest = claims.text(kNamesExposure);
    VerifiedExposure out{
        .key_id = signed_token.key_id, .issued_at = claims.integer("iat", 0), .document = {}};
    TRY_VOID(claims.finish());
    if (document.empty())
        return fail(
            ErrorCode::usage,
            "the token is of an exposure, and names it by its digest: give the whole answer of `assay "
            "vendors exposure --json`");
    out.document = indented_json(document, -1);
    if (sha256(as_view(out.document)).hex() != digest)
        return fail(ErrorCode::refused,
                    "the exposure is not the one that the token names: it was changed, or belongs to another "
                    "token");
    return out;
}

}  // namespace assay::cli
