#include "verifier/cli/ear.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "client/signed_token.h"
#include "verifier/cli/context.h"

namespace assay::cli {
namespace {

constexpr std::string_view kProfile = "tag:ietf.org,2026:rats/ear#05";

std::unexpected<Error> refused(std::string_view why) {
    return fail(ErrorCode::refused, fmt::format("the token is not believed: {}", why));
}

// The tiers of AR4SI stand for the numbers -1..1 none, 2..31 affirming, 32..95 warning, 96..127
// contraindicated.
Result<void> same_verdict(const nlohmann::json& claims, const AttestationResult& result) {
    const auto submods = claims.find("submods");
    if (submods == claims.end() || !submods->is_object() || !submods->contains(result.host)) {
        return refused("its EAR part says nothing of the host in its result");
    }
    const auto status = text_of((*submods)[result.host], "ear.status");
    if (status != to_string(result.tier)) return refused("its EAR part and its result differ in the verdict");
    return {};
}

}  // namespace

Result<VerifiedToken> verify_token(std::string_view token, std::string_view keys) {
    const auto [key_id, claims] = TRY(verify_signed_token(token, keys));
    if (text_of(claims, "eat_profile") != kProfile)
        return refused(fmt::format("its profile is not {}", kProfile));
    const auto found = claims.find("assay.result");
    if (found == claims.end() || !found->is_object()) return refused("it holds no result");
    auto result = TRY(decode_attestation_result(found->dump()));
    if (attestation_result_id(result) != text_of(claims, "assay.result-id"))
        return refused("its result is not the one that it names");
    TRY_VOID(same_verdict(claims, result));
    return VerifiedToken{key_id, std::move(result)};
}

}  // namespace assay::cli
