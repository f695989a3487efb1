#include "evidence/wire/statement/activation_statement.h"

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"
#include "evidence/codec/jws.h"

namespace assay {
namespace {

constexpr std::string_view kMember = "assay.activation";
constexpr std::size_t kBuild = 256;  // bytes

Result<Digest> sha256_of(std::string_view text) {
    if (text.size() != kSha256Digits) return fail(ErrorCode::malformed, "expected a SHA-256 in hexadecimal");
    return Digest::from_bytes(HashAlgorithm::sha256, TRY(from_hex(text, kSha256Digits / 2)));
}

}  // namespace

std::string activation_claims(const ActivationStatement& statement) {
    const Json claims{{"iat", statement.issued_at},
                      {"exp", statement.expires_at},
                      {std::string(kMember),
                       {{"v", 1},
                        {"host", statement.host},
                        {"ak", statement.ak.hex()},
                        {"ek", statement.ek.hex()},
                        {"build", statement.build},
                        {"activated_at", statement.activated_at}}}};
    return claims.dump();
}

Result<ActivationStatement> activation_of(std::string_view text) {
    JsonReader claims(text, {.name = "claims", .limits = {.bytes = kMaxActivation}, .open = true});
    ActivationStatement out;
    out.issued_at = claims.integer("iat", 0);
    out.expires_at = claims.integer("exp", 0);
    if (!claims.failed() && out.expires_at <= out.issued_at) claims.wrong("exp", "a time after iat");
    const auto* said = claims.need(kMember) ? claims.raw(kMember) : nullptr;
    TRY_VOID(claims.finish());
    JsonReader in(*said, {.name = "claims/assay.activation"});
    if (in.count("v") != 1) in.refuse("v", {ErrorCode::unsupported, "of another version", {}});
    out.host = in.text("host", limits::kHostName);
    out.ak = in.text_as("ak", sha256_of, kSha256Digits);
    out.ek = in.text_as("ek", sha256_of, kSha256Digits);
    out.build = in.text("build", kBuild);
    out.activated_at = in.integer("activated_at", 0);
    if (!in.failed() && out.activated_at > out.issued_at) in.wrong("activated_at", "a time not after iat");
    return in.finish(std::move(out));
}

Result<ActivationStatement> unverified_activation(std::string_view token) {
    if (token.size() > kMaxActivation)
        return fail(ErrorCode::limit, fmt::format("activation: expected a token of at most {} bytes, got {}",
                                                  kMaxActivation, token.size()));
    const auto parsed = TRY(parse_jws(token));
    return activation_of(as_text(parsed.payload));
}

bool is_about(const ActivationStatement& statement, std::string_view host, ByteView ak_public,
              ByteView ek_public) {
    return statement.host == host && statement.ak == sha256(ak_public) && statement.ek == sha256(ek_public);
}

}  // namespace assay
