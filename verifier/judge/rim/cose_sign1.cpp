#include "verifier/judge/rim/cose_sign1.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "evidence/codec/cbor.h"
#include "verifier/judge/rim/signer_path.h"

namespace assay::rim {
namespace {

using cbor::fail_at;
using cbor::Item;
using cbor::Type;

// Header parameters (RFC 9052, 3.1; RFC 9360, 2).
constexpr std::int64_t kAlgorithm = 1;
constexpr std::int64_t kCritical = 2;
constexpr std::int64_t kX5Chain = 33;

enum class Kind : std::uint8_t { ecdsa, pss, pkcs1, eddsa };

// RFC 9053, 2; RFC 8812, 2.
struct Algorithm {
    std::int64_t id;
    Kind kind;
    const char* hash;  // null: the algorithm has its own
    int curve_bits;    // ECDSA: COSE pairs hash and curve (RFC 9053, 2.1, its advice taken as a rule)
    std::string_view name;
};
constexpr std::array kAlgorithms{
    Algorithm{-7, Kind::ecdsa, "SHA256", 256, "ES256"},  Algorithm{-35, Kind::ecdsa, "SHA384", 384, "ES384"},
    Algorithm{-36, Kind::ecdsa, "SHA512", 521, "ES512"}, Algorithm{-37, Kind::pss, "SHA256", 0, "PS256"},
    Algorithm{-38, Kind::pss, "SHA384", 0, "PS384"},     Algorithm{-39, Kind::pss, "SHA512", 0, "PS512"},
    Algorithm{-257, Kind::pkcs1, "SHA256", 0, "RS256"},  Algorithm{-258, Kind::pkcs1, "SHA384", 0, "RS384"},
    Algorithm{-259, Kind::pkcs1, "SHA512", 0, "RS512"},  Algorithm{-8, Kind::eddsa, nullptr, 0, "EdDSA"},
};

bool fits(const Algorithm& algorithm, const EVP_PKEY* key) {
    const int id = EVP_PKEY_get_base_id(key);
    switch (algorithm.kind) {
        case Kind::ecdsa:
            return id == EVP_PKEY_EC && EVP_PKEY_get_bits(key) == algorithm.curve_bits;
        case Kind::pss:
        case Kind::pkcs1:
            return id == EVP_PKEY_RSA;
        case Kind::eddsa:
            return id == EVP_PKEY_ED25519 || id == EVP_PKEY_ED448;
    }
    return false;
}

// r and s side by side, each of the curve's size (RFC 9053, 2.1), as OpenSSL wants it.
Bytes ecdsa_der(const Algorithm& algorithm, ByteView signature) {
    const auto half = (static_cast<std::size_t>(algorithm.curve_bits) + 7) / 8;
    if (signature.size() != 2 * half) return {};
    const CHandle<ECDSA_SIG, ECDSA_SIG_free> made(ECDSA_SIG_new());
    const auto number = [&](ByteView bytes) {
        return BN_bin2bn(as_uchar(bytes), static_cast<int>(bytes.size()), nullptr);
    };
    if (!made ||
        ECDSA_SIG_set0(made.get(), number(signature.first(half)), number(signature.subspan(half))) != 1)
        return {};
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(made.get(), &der);
    Bytes out = to_bytes(std::as_bytes(std::span(der, size > 0 ? static_cast<std::size_t>(size) : 0)));
    OPENSSL_free(der);
    return out;
}

bool verifies(const Algorithm& algorithm, EVP_PKEY* key, ByteView message, ByteView signature) {
    const CHandle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr;  // owned by `context`
    bool ok = context != nullptr && EVP_DigestVerifyInit_ex(context.get(), &options, algorithm.hash, nullptr,
                                                            nullptr, key, nullptr) == 1;
    if (ok && algorithm.kind == Kind::pss)
        ok = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
    const Bytes der = algorithm.kind == Kind::ecdsa ? ecdsa_der(algorithm, signature) : to_bytes(signature);
    ok = ok && !der.empty() &&
         EVP_DigestVerify(context.get(), as_uchar(der), der.size(), as_uchar(message), message.size()) == 1;
    ERR_clear_error();
    return ok;
}

Result<const Algorithm*> algorithm_of(const CoseSign1& message) {
    const auto* id = message.protected_header.find(kAlgorithm);
    if (id == nullptr)
        return fail(ErrorCode::refused,
                    "the signature's algorithm is not in the protected header, where nobody can "
                    "change it; sign it again",
                    message.offset);
    const auto found =
        std::ranges::find_if(kAlgorithms, [&](const auto& each) { return id->integer() == each.id; });
    if (found == kAlgorithms.end())
        return fail_at(*id, ErrorCode::refused,
                       "this COSE algorithm is not accepted; sign with ES256, ES384, PS256, RS256 or EdDSA");
    return &*found;
}

Result<> check_critical(const CoseSign1& message) {
    if (message.unprotected_header.find(kCritical) != nullptr)
        return fail(ErrorCode::malformed, "crit in the unprotected header", message.offset);
    const auto* critical = message.protected_header.find(kCritical);
    if (critical == nullptr) return {};
    // RFC 9052, 3.1: all of the parameters that it lists must be understood.
    TRY_VOID(cbor::expect(*critical, Type::array, "crit"));
    for (const auto& each : critical->children) {
        const auto label = each.integer();
        if (label != kAlgorithm && label != kX5Chain)
            return fail_at(each, ErrorCode::refused, "a critical header parameter that is not understood");
    }
    return {};
}

// One certificate as a byte string, or an array of them, the signer's first (RFC 9360, 2).
Result<std::vector<Bytes>> chain_of(const CoseSign1& message) {
    const auto* inside = message.protected_header.find(kX5Chain);
    const auto* outside = message.unprotected_header.find(kX5Chain);
    if (inside != nullptr && outside != nullptr)
        return fail_at(*outside, ErrorCode::malformed, "x5chain in both headers");
    const auto* chain = inside != nullptr ? inside : outside;
    std::vector<Bytes> out;
    if (chain == nullptr) return out;
    if (chain->is(Type::bytes)) {
        out.push_back(to_bytes(chain->bytes));
        return out;
    }
    TRY_VOID(cbor::expect(*chain, Type::array, "x5chain"));
    if (chain->children.size() > limits::kSignerCertificates)
        return fail_at(*chain, ErrorCode::limit, "too many certificates in x5chain");
    for (const auto& each : chain->children)
        out.push_back(to_bytes(TRY(cbor::expect(each, Type::bytes, "x5chain certificate"))->bytes));
    return out;
}

}  // namespace

Result<CoseSign1> read_cose_sign1(const Item& item) {
    TRY_VOID(cbor::expect(item, Type::array, "COSE_Sign1"));
    if (item.children.size() != 4)
        return fail_at(item, ErrorCode::malformed, "COSE_Sign1: not an array of four");
    CoseSign1 out;
    out.offset = item.offset;
    const auto* header = TRY(cbor::expect(item.children[0], Type::bytes, "protected header"));
    out.protected_bytes = header->bytes;
    // An empty map may be written as no bytes at all (RFC 9052, 3).
    out.protected_header.type = Type::map;
    const auto inside = header->offset + (header->encoded.size() - header->bytes.size());
    if (!header->bytes.empty())
        out.protected_header = TRY(with_context(cbor::parse(header->bytes, inside), "protected header"));
    TRY_VOID(cbor::expect(out.protected_header, Type::map, "protected header"));
    out.unprotected_header = *TRY(cbor::expect(item.children[1], Type::map, "unprotected header"));
    const auto& payload = item.children[2];
    if (!payload.is(Type::bytes))
        return fail_at(payload, ErrorCode::refused,
                       "COSE_Sign1 without its payload: a detached one is not read");
    out.payload = payload.bytes;
    out.payload_offset = payload.offset + (payload.encoded.size() - payload.bytes.size());
    out.signature = TRY(cbor::expect(item.children[3], Type::bytes, "signature"))->bytes;
    return out;
}

Bytes sig_structure(ByteView protected_bytes, ByteView payload) {
    return assay::cbor::Writer()
        .array(4)
        .text("Signature1")
        .bytes(protected_bytes)
        .bytes({})
        .bytes(payload)
        .take();
}

Result<RimSigner> verify_cose_sign1(const CoseSign1& message, const RimTrust& trust) {
    const auto* algorithm = TRY(algorithm_of(message));
    TRY_VOID(check_critical(message));
    if (trust.certificates.size() + trust.keys.size() > limits::kTrusted)
        return fail(ErrorCode::limit,
                    fmt::format("more than {} trusted certificates and keys", limits::kTrusted));
    const auto chain = TRY(chain_of(message));
    std::vector<Candidate> candidates;
    if (!chain.empty()) candidates.push_back({chain.front(), {}});
    for (const auto& each : trust.keys) candidates.push_back({{}, each});
    for (const auto& each : trust.certificates) candidates.push_back({each.der(), {}});
    // RFC 9052, 3: a protected header that is an empty map is signed as an empty byte string.
    const bool empty = message.protected_header.children.empty();
    const auto signed_bytes = sig_structure(empty ? ByteView() : message.protected_bytes, message.payload);
    std::optional<Error> not_trusted;
    for (const auto& candidate : candidates) {
        const auto key = public_key(candidate);
        if (!key || !fits(*algorithm, key->get())) continue;
        if (!verifies(*algorithm, key->get(), signed_bytes, message.signature)) continue;
        auto signer = trusted_signer(candidate, chain, trust);
        if (signer) {
            signer->algorithm = algorithm->name;
            return signer;
        }
        if (!not_trusted) not_trusted = signer.error();  // another certificate of the same key may be
    }
    if (not_trusted) return std::unexpected(*not_trusted);
    return fail(ErrorCode::refused,
                candidates.empty()
                    ? "nobody is trusted: give the signer's key with --key, or the root of its "
                      "certificate with --roots"
                    : "changed after it was signed, or signed by another key than those in its "
                      "x5chain or given with --key or --roots",
                message.offset);
}

}  // namespace assay::rim
