#include "agent/devices/tpm/tpm_templates.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <tuple>

#include "evidence/base/digest.h"

namespace assay::agent {

namespace {

// EK Credential Profile, B.3: PolicyA, PolicySecret(TPM_RH_ENDORSEMENT) over SHA-256.
constexpr std::array<BYTE, 32> kPolicyA{0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc,
                                        0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52,
                                        0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa};
// B.6: PolicyB over SHA-384, PolicyOR(PolicyA, PolicyC).
constexpr std::array<BYTE, 48> kPolicyB384{
    0xb2, 0x6e, 0x7d, 0x28, 0xd1, 0x1a, 0x50, 0xbc, 0x53, 0xd8, 0x82, 0xbc, 0xf5, 0xfd, 0x3a, 0x1a,
    0x07, 0x41, 0x48, 0xbb, 0x35, 0xd3, 0xb4, 0xe4, 0xcb, 0x1c, 0x0a, 0xd9, 0xbd, 0xe4, 0x19, 0xca,
    0xcb, 0x47, 0xba, 0x09, 0x69, 0x96, 0x46, 0x15, 0x0f, 0x9f, 0xc0, 0x00, 0xf3, 0xf8, 0x0e, 0x12};

constexpr TPMA_OBJECT kEkLow = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                               TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_ADMINWITHPOLICY |
                               TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
constexpr TPMA_OBJECT kAk = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |
                            TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED |
                            TPMA_OBJECT_SIGN_ENCRYPT;
constexpr std::string_view kAkUnique = "assay attestation key, version 1";

template <std::size_t N>
void set_policy(TPMT_PUBLIC& area, const std::array<BYTE, N>& policy) {
    area.authPolicy.size = N;
    std::ranges::copy(policy, std::begin(area.authPolicy.buffer));
}

TPMT_PUBLIC ecc_area(TPM2_ECC_CURVE curve) {
    TPMT_PUBLIC area{};
    area.type = TPM2_ALG_ECC;
    area.nameAlg = TPM2_ALG_SHA256;
    area.parameters.eccDetail.symmetric.algorithm = TPM2_ALG_NULL;
    area.parameters.eccDetail.scheme.scheme = TPM2_ALG_NULL;
    area.parameters.eccDetail.curveID = curve;
    area.parameters.eccDetail.kdf.scheme = TPM2_ALG_NULL;
    return area;
}

TPMT_PUBLIC rsa_area() {
    constexpr TPM2_KEY_BITS kBits = 2048;
    TPMT_PUBLIC area{};
    area.type = TPM2_ALG_RSA;
    area.nameAlg = TPM2_ALG_SHA256;
    area.parameters.rsaDetail.symmetric.algorithm = TPM2_ALG_NULL;
    area.parameters.rsaDetail.scheme.scheme = TPM2_ALG_NULL;
    area.parameters.rsaDetail.keyBits = kBits;
    return area;
}

void set_aes(TPMT_SYM_DEF_OBJECT& symmetric, TPM2_KEY_BITS bits) {
    symmetric.algorithm = TPM2_ALG_AES;
    symmetric.keyBits.aes = bits;
    symmetric.mode.aes = TPM2_ALG_CFB;
}

TPMT_PUBLIC ek_p256() {  // B.3.4, template L-2
    auto area = ecc_area(TPM2_ECC_NIST_P256);
    area.objectAttributes = kEkLow;
    set_policy(area, kPolicyA);
    set_aes(area.parameters.eccDetail.symmetric, 128);
    area.unique.ecc.x.size = 32;
    area.unique.ecc.y.size = 32;
    return area;
}

TPMT_PUBLIC ek_rsa2048() {  // B.3.3, template L-1
    auto area = rsa_area();
    area.objectAttributes = kEkLow;
    set_policy(area, kPolicyA);
    set_aes(area.parameters.rsaDetail.symmetric, 128);
    area.unique.rsa.size = 256;
    return area;
}

TPMT_PUBLIC ek_p384() {  // B.4.5, template H-3
    auto area = ecc_area(TPM2_ECC_NIST_P384);
    area.nameAlg = TPM2_ALG_SHA384;
    area.objectAttributes = kEkLow | TPMA_OBJECT_USERWITHAUTH;
    set_policy(area, kPolicyB384);
    set_aes(area.parameters.eccDetail.symmetric, 256);
    return area;
}

/// Everything that the caller of a template decides, as comparable values.
auto decided(const TPMT_PUBLIC& area) {
    const bool rsa = area.type == TPM2_ALG_RSA;
    const auto& symmetric = rsa ? area.parameters.rsaDetail.symmetric : area.parameters.eccDetail.symmetric;
    const bool aes = symmetric.algorithm == TPM2_ALG_AES;
    return std::tuple(area.type, area.nameAlg, area.objectAttributes,
                      std::string_view(reinterpret_cast<const char*>(area.authPolicy.buffer),  // NOLINT
                                       area.authPolicy.size),
                      symmetric.algorithm, aes ? symmetric.keyBits.aes : 0, aes ? symmetric.mode.aes : 0,
                      rsa ? area.parameters.rsaDetail.scheme.scheme : area.parameters.eccDetail.scheme.scheme,
                      rsa ? area.parameters.rsaDetail.keyBits : area.parameters.eccDetail.curveID);
}

}  // namespace

std::span<const EkTemplate> ek_templates() {
    static const std::array<EkTemplate, 3> kTemplates{{
        {"L-2 ECC NIST P-256", 0x01c0'000a, 0x01c0'000b, 0x01c0'000c, 0x8101'0002, ek_p256()},
        {"L-1 RSA 2048", 0x01c0'0002, 0x01c0'0003, 0x01c0'0004, 0x8101'0001, ek_rsa2048()},
        {"H-3 ECC NIST P-384", 0x01c0'0016, 0, 0, 0x8101'0016, ek_p384()},
    }};
    return kTemplates;
}

TPMT_PUBLIC ak_template_ecc() {
    auto area = ecc_area(TPM2_ECC_NIST_P256);
    area.objectAttributes = kAk;
    area.parameters.eccDetail.scheme.scheme = TPM2_ALG_ECDSA;
    area.parameters.eccDetail.scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
    const auto unique = sha256(as_view(kAkUnique));
    area.unique.ecc.x.size = 32;
    std::memcpy(area.unique.ecc.x.buffer, unique.view().data(), unique.view().size());
    area.unique.ecc.y.size = 32;
    return area;
}

TPMT_PUBLIC ak_template_rsa() {
    auto area = rsa_area();
    area.objectAttributes = kAk;
    area.parameters.rsaDetail.scheme.scheme = TPM2_ALG_RSASSA;
    area.parameters.rsaDetail.scheme.details.rsassa.hashAlg = TPM2_ALG_SHA256;
    const auto unique = sha256(as_view(kAkUnique));
    area.unique.rsa.size = 256;
    std::memcpy(area.unique.rsa.buffer, unique.view().data(), unique.view().size());
    return area;
}

bool matches_template(const TPMT_PUBLIC& found, const TPMT_PUBLIC& wanted) {
    return decided(found) == decided(wanted);
}

}  // namespace assay::agent
