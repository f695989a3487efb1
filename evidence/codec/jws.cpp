#include "evidence/codec/jws.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"

namespace assay {
namespace {

constexpr std::string_view kAlgorithm = "ES256";
constexpr std::string_view kType = "JWT";

Result<std::string> key_id_of(ByteView header) {
    JsonReader in(
        as_text(header),
        {.name = "token header", .limits = {.bytes = kMaxJwsHeader, .depth = 4, .values = 64}, .open = true});
    // RFC 8725, 3.1: a token does not choose its algorithm.
    if (in.peek("alg") != kAlgorithm)
        in.refuse("", {ErrorCode::refused, fmt::format("expected alg {}", kAlgorithm), {}});
    if (in.peek("typ") != kType)
        in.refuse("", {ErrorCode::refused, fmt::format("expected typ {}", kType), {}});
    auto key_id = in.text("kid", kMaxJwsKeyId);
    // RFC 7515, 4.1.11: "crit" would ask for what is not done here; the others ("jku", "jwk", "x5c") would
    // have the token bring its own key.
    if (!in.failed() && in.value().size() != 3)
        in.refuse("", {ErrorCode::refused, "expected alg, kid, typ and no other member", {}});
    return in.finish(std::move(key_id));
}

}  // namespace

Result<UnverifiedJws> parse_jws(std::string_view text) {
    if (text.size() > kMaxJws)
        return fail(ErrorCode::limit,
                    fmt::format("token: expected at most {} bytes, got {}", kMaxJws, text.size()));
    const auto dots = std::ranges::count(text, '.');
    if (dots != 2)
        return fail(ErrorCode::malformed, fmt::format("token: expected three parts, got {}", dots + 1));
    const auto first = text.find('.');
    const auto second = text.rfind('.');
    const auto header = text.substr(0, first);
    const auto payload = text.substr(first + 1, second - first - 1);
    const auto signature = text.substr(second + 1);
    if (header.empty() || payload.empty() || signature.empty())
        return fail(ErrorCode::malformed, "token: a part is empty");

    UnverifiedJws out;
    const auto head = TRY(with_context(from_base64url(header, kMaxJwsHeader), "token header"));
    out.key_id = TRY(key_id_of(head));
    if (signature.size() != base64url_size(out.signature.size()))
        return fail(ErrorCode::malformed,
                    fmt::format("token signature: expected {} characters, got {}",
                                base64url_size(out.signature.size()), signature.size()));
    const auto signed_by =
        TRY(with_context(from_base64url(signature, out.signature.size()), "token signature"));
    std::ranges::copy(signed_by, out.signature.begin());
    out.payload = TRY(with_context(from_base64url(payload, kMaxJwsPayload), "token payload"));
    out.signed_part = text.substr(0, second);
    return out;
}

Result<Bytes> verified_payload(UnverifiedJws token, const Es256PublicKey& key) {
    if (!key.verifies(token.signed_part, token.signature))
        return fail(ErrorCode::refused, "the token's signature does not verify under the key that it names");
    return std::move(token.payload);
}

Result<std::string> sign_jws(std::string_view payload, std::string_view key_id, const Es256PrivateKey& key) {
    if (payload.empty() || payload.size() > kMaxJwsPayload)
        return fail(ErrorCode::limit, fmt::format("token: expected a payload of 1 to {} bytes, got {}",
                                                  kMaxJwsPayload, payload.size()));
    if (key_id.empty() || key_id.size() > kMaxJwsKeyId)
        return fail(ErrorCode::usage, fmt::format("token: expected a key id of 1 to {} bytes", kMaxJwsKeyId));
    const Json members = {{"alg", kAlgorithm}, {"kid", key_id}, {"typ", kType}};
    const auto header = members.dump();
    if (header.size() > kMaxJwsHeader) return fail(ErrorCode::usage, "token: the key id is no plain text");
    std::string out;
    out.reserve(kMaxJws - base64url_size(kMaxJwsPayload) + base64url_size(payload.size()));
    out += to_base64url(as_view(header));
    out += '.';
    out += to_base64url(as_view(payload));
    const auto signature = TRY(key.sign(out));
    out += '.';
    out += to_base64url(signature);
    return out;
}

}  // namespace assay
