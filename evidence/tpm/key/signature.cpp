#include "evidence/tpm/key/signature.h"

#include <string>

#include "evidence/base/byte_reader.h"
#include "evidence/base/byte_writer.h"
#include "evidence/base/limits.h"

namespace assay::tcg {
namespace {

constexpr std::size_t kRsaValue = 512;   // RSA-4096
constexpr std::size_t kEcdsaValue = 66;  // P-521

Signature read_signature(ByteReader& in) {
    Signature signature;
    signature.scheme = static_cast<Scheme>(in.u16be("sigAlg"));
    if (!in.ok()) return signature;
    const bool ecdsa = signature.scheme == Scheme::ecdsa;
    if (!ecdsa && signature.scheme != Scheme::rsassa && signature.scheme != Scheme::rsapss) {
        in.fail_at(0, ErrorCode::unsupported,
                   "sigAlg id " + std::to_string(static_cast<std::uint16_t>(signature.scheme)) +
                       " is none of RSASSA, RSAPSS, ECDSA");
        return signature;
    }
    const std::size_t hash_at = in.offset();
    const std::uint16_t hash_id = in.u16be("hash");
    if (!in.ok()) return signature;
    if (const auto hash = hash_algorithm_from_id(hash_id)) {
        signature.hash = *hash;
    } else {
        in.fail_at(hash_at, hash.error().code, "signature hash: " + hash.error().context);
    }
    if (ecdsa) {
        signature.r = to_bytes(in.tpm2b(kEcdsaValue, "signatureR"));
        signature.s = to_bytes(in.tpm2b(kEcdsaValue, "signatureS"));
    } else {
        signature.rsa = to_bytes(in.tpm2b(kRsaValue, "sig"));
    }
    return signature;
}

}  // namespace

Result<Signature> parse_signature(ByteView bytes) {
    if (bytes.size() > limits::kSignature) {
        return fail(ErrorCode::limit, "TPMT_SIGNATURE of " + std::to_string(bytes.size()) + " bytes");
    }
    return parse_exact(bytes, "TPMT_SIGNATURE", read_signature);
}

Bytes encode_signature(const Signature& signature) {
    ByteWriter out;
    out.u16be(static_cast<std::uint16_t>(signature.scheme)).u16be(static_cast<std::uint16_t>(signature.hash));
    if (signature.scheme == Scheme::ecdsa) {
        out.tpm2b(signature.r).tpm2b(signature.s);
    } else {
        out.tpm2b(signature.rsa);
    }
    return out.take();
}

std::string_view to_string(SignatureVerdict verdict) {
    switch (verdict) {
        case SignatureVerdict::valid:
            return "valid";
        case SignatureVerdict::invalid:
            return "invalid";
        case SignatureVerdict::scheme_not_the_keys:
            return "scheme_not_the_keys";
        case SignatureVerdict::hash_not_allowed:
            return "hash_not_allowed";
        case SignatureVerdict::malformed_value:
            return "malformed_value";
    }
    return "invalid";
}

}  // namespace assay::tcg
