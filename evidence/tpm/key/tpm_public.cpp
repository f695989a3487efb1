#include "evidence/tpm/key/tpm_public.h"

#include <array>

#include "evidence/base/byte_reader.h"
#include "evidence/base/byte_writer.h"
#include "evidence/base/limits.h"

namespace assay::tcg {
namespace {

struct AttributeName {
    std::uint32_t bit;
    std::string_view name;
};
constexpr std::array kAttributeNames{
    AttributeName{ObjectAttributes::kFixedTpm, "fixedTPM"},
    AttributeName{ObjectAttributes::kStClear, "stClear"},
    AttributeName{ObjectAttributes::kFixedParent, "fixedParent"},
    AttributeName{ObjectAttributes::kSensitiveDataOrigin, "sensitiveDataOrigin"},
    AttributeName{ObjectAttributes::kUserWithAuth, "userWithAuth"},
    AttributeName{ObjectAttributes::kAdminWithPolicy, "adminWithPolicy"},
    AttributeName{ObjectAttributes::kFirmwareLimited, "firmwareLimited"},
    AttributeName{ObjectAttributes::kSvnLimited, "svnLimited"},
    AttributeName{ObjectAttributes::kNoDa, "noDA"},
    AttributeName{ObjectAttributes::kEncryptedDuplication, "encryptedDuplication"},
    AttributeName{ObjectAttributes::kRestricted, "restricted"},
    AttributeName{ObjectAttributes::kDecrypt, "decrypt"},
    AttributeName{ObjectAttributes::kSign, "sign"},
    AttributeName{ObjectAttributes::kX509Sign, "x509sign"},
};

constexpr std::uint32_t kDefaultExponent = 65537;

/// Turns a refused value into the reader's sticky error, at the offset of the field.
template <typename T>
T or_fail(ByteReader& in, std::size_t offset, std::string_view field, Result<T> value) {
    if (value) return *value;
    if (in.ok()) in.fail_at(offset, value.error().code, std::string(field) + ": " + value.error().context);
    return T{};
}

HashAlgorithm read_hash(ByteReader& in, std::string_view field) {
    const std::size_t at = in.offset();
    const std::uint16_t id = in.u16be(field);
    if (!in.ok()) return HashAlgorithm::sha256;
    return or_fail(in, at, field, hash_algorithm_from_id(id));
}

HashAlgorithm read_name_algorithm(ByteReader& in) {
    const std::size_t at = in.offset();
    const HashAlgorithm algorithm = read_hash(in, "nameAlg");
    if (in.ok() && algorithm == HashAlgorithm::sha1) {
        in.fail_at(at, ErrorCode::unsupported, "nameAlg: SHA-1 does not identify a key");
    }
    return algorithm;
}

ObjectAttributes read_attributes(ByteReader& in) {
    const std::size_t at = in.offset();
    const std::uint32_t bits = in.u32be("objectAttributes");
    if ((bits & ~ObjectAttributes::kKnown) != 0) {
        in.fail_at(at, ErrorCode::malformed, "objectAttributes: a reserved bit is set");
    }
    return ObjectAttributes(bits);
}

Bytes read_auth_policy(ByteReader& in, HashAlgorithm name_algorithm) {
    const std::size_t at = in.offset();
    const ByteView policy = in.tpm2b(Digest::kMaxSize, "authPolicy");
    if (!policy.empty() && policy.size() != digest_size(name_algorithm)) {
        in.fail_at(at, ErrorCode::malformed, "authPolicy is neither empty nor a digest of nameAlg");
    }
    return to_bytes(policy);
}

SymmetricDefinition read_symmetric(ByteReader& in) {
    SymmetricDefinition symmetric;
    const std::size_t at = in.offset();
    symmetric.algorithm = in.u16be("symmetric algorithm");
    if (symmetric.algorithm == kAlgorithmNull || !in.ok()) return symmetric;
    // Every block cipher has these two fields (Part 2, 11.1.3 and 11.1.4); only AES is processed.
    if (symmetric.algorithm != kAlgorithmAes) {
        in.fail_at(at, ErrorCode::unsupported, "symmetric algorithm is neither null nor AES");
    }
    symmetric.key_bits = in.u16be("symmetric keyBits");
    symmetric.mode = in.u16be("symmetric mode");
    return symmetric;
}

bool scheme_fits(KeyType type, Scheme scheme) {
    switch (scheme) {
        case Scheme::null:
            return true;
        case Scheme::rsassa:
        case Scheme::rsaes:
        case Scheme::rsapss:
        case Scheme::oaep:
            return type == KeyType::rsa;
        case Scheme::ecdsa:
        case Scheme::ecdh:
            return type == KeyType::ecc;
    }
    return false;
}

bool scheme_has_hash(Scheme scheme) {
    return scheme != Scheme::null && scheme != Scheme::rsaes;
}

KeyScheme read_scheme(ByteReader& in, KeyType type) {
    KeyScheme scheme;
    const std::size_t at = in.offset();
    scheme.scheme = static_cast<Scheme>(in.u16be("scheme"));
    if (!in.ok()) return scheme;
    if (!scheme_fits(type, scheme.scheme)) {
        in.fail_at(at, ErrorCode::unsupported,
                   "scheme id " + std::to_string(static_cast<std::uint16_t>(scheme.scheme)) +
                       " for this type of key");
        return scheme;
    }
    if (scheme_has_hash(scheme.scheme)) scheme.hash = read_hash(in, "scheme hash");
    return scheme;
}

KdfScheme read_kdf(ByteReader& in) {
    KdfScheme kdf;
    kdf.algorithm = in.u16be("kdf scheme");
    if (kdf.algorithm != kAlgorithmNull && in.ok()) kdf.hash = read_hash(in, "kdf hash");
    return kdf;
}

RsaPublic read_rsa(ByteReader& in) {
    RsaPublic rsa;
    const std::size_t at = in.offset();
    rsa.key_bits = in.u16be("keyBits");
    if (in.ok() && rsa.key_bits != 1024 && rsa.key_bits != 2048 && rsa.key_bits != 3072 &&
        rsa.key_bits != 4096) {
        in.fail_at(at, ErrorCode::unsupported, "RSA keyBits " + std::to_string(rsa.key_bits));
    }
    const std::size_t exponent_at = in.offset();
    const std::uint32_t exponent = in.u32be("exponent");
    rsa.exponent = exponent == 0 ? kDefaultExponent : exponent;
    if (rsa.exponent % 2 == 0 || rsa.exponent == 1) {
        in.fail_at(exponent_at, ErrorCode::malformed, "exponent is not an odd number above 1");
    }
    const std::size_t modulus_at = in.offset();
    const ByteView modulus = in.tpm2b(512, "modulus");
    if (!in.ok()) return rsa;
    if (modulus.size() != rsa.key_bits / 8U || (modulus.front() & std::byte{0x80}) == std::byte{0} ||
        (modulus.back() & std::byte{1}) == std::byte{0}) {
        in.fail_at(modulus_at, ErrorCode::malformed, "modulus is not an odd number of keyBits bits");
    }
    rsa.modulus = to_bytes(modulus);
    return rsa;
}

Result<EccCurve> curve_from_id(std::uint16_t id) {
    switch (static_cast<EccCurve>(id)) {
        case EccCurve::p256:
        case EccCurve::p384:
        case EccCurve::p521:
            return static_cast<EccCurve>(id);
    }
    return fail(ErrorCode::unsupported, "curve id " + std::to_string(id));
}

Bytes read_coordinate(ByteReader& in, EccCurve curve, std::string_view what) {
    const std::size_t at = in.offset();
    const ByteView coordinate = in.tpm2b(coordinate_size(curve), what);
    if (in.ok() && coordinate.empty()) in.fail_at(at, ErrorCode::malformed, std::string(what) + " is empty");
    return to_bytes(coordinate);
}

EccPublic read_ecc(ByteReader& in) {
    EccPublic ecc;
    const std::size_t at = in.offset();
    const std::uint16_t curve = in.u16be("curveID");
    if (!in.ok()) return ecc;
    ecc.curve = EccCurve::p256;
    if (const auto known = curve_from_id(curve)) {
        ecc.curve = *known;
    } else {
        in.fail_at(at, known.error().code, known.error().context);
    }
    ecc.kdf = read_kdf(in);
    ecc.x = read_coordinate(in, ecc.curve, "unique x");
    ecc.y = read_coordinate(in, ecc.curve, "unique y");
    return ecc;
}

TpmPublic read_public(ByteReader& in) {
    TpmPublic key;
    const auto type = static_cast<KeyType>(in.u16be("type"));
    if (in.ok() && type != KeyType::rsa && type != KeyType::ecc) {
        in.fail_at(
            0, ErrorCode::unsupported,
            "object type id " + std::to_string(static_cast<std::uint16_t>(type)) + " is neither RSA nor ECC");
    }
    key.name_algorithm = read_name_algorithm(in);
    key.attributes = read_attributes(in);
    key.auth_policy = read_auth_policy(in, key.name_algorithm);
    key.symmetric = read_symmetric(in);
    key.scheme = read_scheme(in, type);
    if (type == KeyType::rsa) {
        key.key = read_rsa(in);
    } else {
        key.key = read_ecc(in);
    }
    return key;
}

void write_optional_hash(ByteWriter& out, const std::optional<HashAlgorithm>& hash) {
    if (hash) out.u16be(static_cast<std::uint16_t>(*hash));
}

}  // namespace

std::vector<std::string_view> ObjectAttributes::names() const {
    std::vector<std::string_view> names;
    for (const auto& [bit, name] : kAttributeNames) {
        if (has(bit)) names.push_back(name);
    }
    return names;
}

Result<TpmPublic> parse_tpm_public(ByteView public_area) {
    if (public_area.size() > limits::kPublicArea) {
        return fail(ErrorCode::limit, "TPMT_PUBLIC of " + std::to_string(public_area.size()) + " bytes");
    }
    return parse_exact(public_area, "TPMT_PUBLIC", read_public);
}

Bytes encode_tpm_public(const TpmPublic& key) {
    ByteWriter out;
    out.u16be(static_cast<std::uint16_t>(key.type()));
    out.u16be(static_cast<std::uint16_t>(key.name_algorithm));
    out.u32be(key.attributes.bits());
    out.tpm2b(key.auth_policy);
    out.u16be(key.symmetric.algorithm);
    if (key.symmetric.algorithm != kAlgorithmNull)
        out.u16be(key.symmetric.key_bits).u16be(key.symmetric.mode);
    out.u16be(static_cast<std::uint16_t>(key.scheme.scheme));
    write_optional_hash(out, key.scheme.hash);
    if (const auto* rsa = std::get_if<RsaPublic>(&key.key)) {
        // 0 is how TPMs write the usual exponent (Part 2, 12.2.3.5), and the Name covers it.
        out.u16be(rsa->key_bits)
            .u32be(rsa->exponent == kDefaultExponent ? 0 : rsa->exponent)
            .tpm2b(rsa->modulus);
    } else if (const auto* ecc = std::get_if<EccPublic>(&key.key)) {
        out.u16be(static_cast<std::uint16_t>(ecc->curve)).u16be(ecc->kdf.algorithm);
        write_optional_hash(out, ecc->kdf.hash);
        out.tpm2b(ecc->x).tpm2b(ecc->y);
    }
    return out.take();
}

Result<Bytes> compute_name(ByteView public_area) {
    const TpmPublic key = TRY(parse_tpm_public(public_area));
    ByteWriter name;
    name.u16be(static_cast<std::uint16_t>(key.name_algorithm));
    name.bytes(hash(key.name_algorithm, {public_area}).view());
    return name.take();
}

}  // namespace assay::tcg
