// Input: a token. What parses has one spelling alone, says what its parts decode to, and is signed by nobody.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "evidence/base/hex.h"
#include "evidence/codec/jws.h"

using namespace assay;

namespace {

/// The base point of P-256 (SEC 2, 2.4.2): a public key whose private part is 1, so a fuzzer could sign, but
/// not by chance.
Es256PublicKey fixed_key() {
    return Es256PublicKey::from_point(
               from_hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296", 32).value(),
               from_hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5", 32).value())
        .value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto key = fixed_key();
    const auto text = as_text(std::as_bytes(std::span(data, size)));
    auto token = parse_jws(text);
    if (!token) {
        if (token.error().context.empty()) std::abort();
        return 0;
    }
    const std::string signed_part(token->signed_part);
    const auto payload = signed_part.substr(signed_part.find('.') + 1);
    if (signed_part + "." + to_base64url(token->signature) != text) std::abort();
    if (payload.empty() || payload != to_base64url(token->payload)) std::abort();
    if (token->key_id.empty() || token->key_id.size() > kMaxJwsKeyId) std::abort();
    if (verified_payload(*std::move(token), key)) std::abort();
    return 0;
}
