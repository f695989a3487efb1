// Whatever parses as a signature is written back as the same bytes, and no such bytes verify under a fixed
// key.
#include <cstdint>
#include <cstdlib>

#include "evidence/base/hex.h"
#include "evidence/tpm/key/signature.h"

using namespace assay;
using namespace assay::tcg;

namespace {

/// The base point of P-256 (SEC 2, 2.4.2): a public key whose private part is 1, so a fuzzer could sign, but
/// not by chance.
VerifyKey fixed_key() {
    TpmPublic key;
    key.key =
        EccPublic{EccCurve::p256,
                  {},
                  from_hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296", 32).value(),
                  from_hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5", 32).value()};
    return VerifyKey::from(key).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const VerifyKey key = fixed_key();
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto signature = parse_signature(bytes);
    if (!signature) return 0;
    if (!equal(encode_signature(*signature), bytes)) std::abort();
    if (key.verify(as_view("a message that nobody signed"), *signature) == SignatureVerdict::valid)
        std::abort();
    return 0;
}
