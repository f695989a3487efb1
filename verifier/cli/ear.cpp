#include "verifier/cli/ear.h"

#include <cstdlib>
#include <memory>

#include <fmt/core.h>
#include <jwt.h>
#include <nlohmann/json.hpp>

#include "evidence/base/c_handle.h"
#include "evidence/base/hex.h"
#include "evidence/base/json_door.h"
#include "evidence/base/text.h"
#include "verifier/cli/context.h"
#include "verifier/cli/jwk.h"

namespace assay::cli {
namespace {

constexpr std::string_view kProfile = "tag:ietf.org,2026:rats/ear#05";
constexpr std::size_t kTokenLimit = 8U << 20U;

std::unexpected<Error> refused(std::string_view why) {
    return fail(ErrorCode::refused, fmt::format("the token is not believed: {}", why));
}

Result<nlohmann::json> header_of(std::string_view token) {
    const auto dot = token.find('.');
    if (dot == std::string_view::npos || dot > 4096)
        return fail(ErrorCode::malformed, "not a JWT: no header");
    const auto bytes = TRY(with_context(from_base64url(token.substr(0, dot), 4096), "JWT header"));
    return with_context(parse_json(as_text(bytes)), "JWT header");
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
    token = trimmed(token);
    if (token.size() > kTokenLimit) return fail(ErrorCode::limit, "the token is larger than 8 MiB");
    const auto header = TRY(header_of(token));
    // Before any library sees it: a token may not choose its own algorithm.
    if (text_of(header, "alg") != "ES256") return refused("its algorithm is not ES256");
    const auto key_id = text_of(header, "kid");
    const auto pem = TRY(public_key_pem(keys, key_id));

    jwt_t* raw = nullptr;
    const std::string text(token);
    if (jwt_decode(&raw, text.c_str(),
                   reinterpret_cast<const unsigned char*>(pem.data()),  // NOLINT: libjwt's type
                   static_cast<int>(pem.size())) != 0) {
        return refused("the signature does not verify under the verifier's key");
    }
    const CHandle<jwt_t, jwt_free> decoded(raw);
    if (jwt_get_alg(decoded.get()) != JWT_ALG_ES256) return refused("its algorithm is not ES256");
    const CHandle<char, std::free> grants(jwt_get_grants_json(decoded.get(), nullptr));
    if (!grants) return fail(ErrorCode::malformed, "the token has no claims");
    const auto claims = TRY(parse_answer(grants.get()));

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
