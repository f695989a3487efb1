#include <algorithm>
#include <array>

#include "agent/devices/tpm/tpm_templates.h"

namespace assay::agent {
namespace {

using Role = tcg::TpmKeyRole;

// Policies of the specification, by the hash of the name algorithm.
constexpr std::array<BYTE, 32> kIak256{0x54, 0x37, 0x18, 0x23, 0x26, 0xe4, 0x14, 0xfc, 0xa7, 0x97, 0xd5,
                                       0xf1, 0x74, 0x61, 0x5a, 0x16, 0x41, 0xf6, 0x12, 0x55, 0x79, 0x7c,
                                       0x3a, 0x2b, 0x22, 0xc2, 0x1d, 0x12, 0x0b, 0x2d, 0x1e, 0x07};
constexpr std::array<BYTE, 48> kIak384{
    0x12, 0x9d, 0x94, 0xeb, 0xf8, 0x45, 0x56, 0x65, 0x2c, 0x6e, 0xef, 0x43, 0xbb, 0xb7, 0x57, 0x51,
    0x2a, 0xc8, 0x7e, 0x52, 0xbe, 0x7b, 0x34, 0x9c, 0xa6, 0xce, 0x4d, 0x82, 0x6f, 0x74, 0x9f, 0xcf,
    0x67, 0x2f, 0x51, 0x71, 0x6c, 0x5c, 0xbb, 0x60, 0x5f, 0x31, 0x3b, 0xf3, 0x45, 0xaa, 0xb3, 0x12};
constexpr std::array<BYTE, 32> kIdevid256{0xad, 0x6b, 0x3a, 0x22, 0x84, 0xfd, 0x69, 0x8a, 0x07, 0x10, 0xbf,
                                          0x5c, 0xc1, 0xb9, 0xbd, 0xf1, 0x5e, 0x25, 0x32, 0xe3, 0xf6, 0x01,
                                          0xfa, 0x4b, 0x93, 0xa6, 0xa8, 0xfa, 0x8d, 0xe5, 0x79, 0xea};
constexpr std::array<BYTE, 48> kIdevid384{
    0x4d, 0xb1, 0xaa, 0x83, 0x6d, 0x0b, 0x56, 0x15, 0xdf, 0x6e, 0xe5, 0x3a, 0x40, 0xef, 0x70, 0xc6,
    0x1c, 0x21, 0x7f, 0x43, 0x03, 0xd4, 0x46, 0x95, 0x92, 0x59, 0x72, 0xbc, 0x92, 0x70, 0x06, 0xcf,
    0xa5, 0xcb, 0xdf, 0x6d, 0xc1, 0x8c, 0x4d, 0xbe, 0x32, 0x9b, 0x2f, 0x15, 0x42, 0xc3, 0xdd, 0x33};

TPMT_PUBLIC common(Role role, TPMI_ALG_HASH hash) {
    TPMT_PUBLIC area{};
    area.nameAlg = hash;
    area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |
                            TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_ADMINWITHPOLICY | TPMA_OBJECT_SIGN_ENCRYPT;
    if (role == Role::iak) area.objectAttributes |= TPMA_OBJECT_RESTRICTED;
    const auto set = [&area](const auto& policy) {
        area.authPolicy.size = static_cast<UINT16>(policy.size());
        std::ranges::copy(policy, std::begin(area.authPolicy.buffer));
    };
    if (hash == TPM2_ALG_SHA384) {
        set(role == Role::iak ? kIak384 : kIdevid384);
    } else {
        set(role == Role::iak ? kIak256 : kIdevid256);
    }
    return area;
}

template <typename Field>
void set_unique(Field& field, Role role) {
    const std::string_view text = role == Role::iak ? "IAK" : "IDEVID";
    field.size = static_cast<UINT16>(text.size());
    std::ranges::copy(text, std::begin(field.buffer));
}

TPMT_PUBLIC rsa_key(Role role) {
    constexpr TPM2_KEY_BITS kBits = 2048;
    auto area = common(role, TPM2_ALG_SHA256);
    area.type = TPM2_ALG_RSA;
    auto& rsa = area.parameters.rsaDetail;
    rsa.symmetric.algorithm = TPM2_ALG_NULL;
    rsa.keyBits = kBits;
    rsa.scheme.scheme = role == Role::iak ? TPM2_ALG_RSAPSS : TPM2_ALG_NULL;
    if (role == Role::iak) rsa.scheme.details.rsapss.hashAlg = TPM2_ALG_SHA256;
    set_unique(area.unique.rsa, role);
    return area;
}

TPMT_PUBLIC ecc_key(Role role, TPM2_ECC_CURVE curve, TPMI_ALG_HASH hash) {
    auto area = common(role, hash);
    area.type = TPM2_ALG_ECC;
    auto& ecc = area.parameters.eccDetail;
    ecc.symmetric.algorithm = TPM2_ALG_NULL;
    ecc.scheme.scheme = TPM2_ALG_ECDSA;
    ecc.scheme.details.ecdsa.hashAlg = hash;
    ecc.curveID = curve;
    ecc.kdf.scheme = TPM2_ALG_NULL;
    set_unique(area.unique.ecc.x, role);
    set_unique(area.unique.ecc.y, role);
    return area;
}

}  // namespace

std::span<const DeviceKeyTemplate> device_key_templates() {
    static const std::array<DeviceKeyTemplate, 6> kTemplates{{
        {Role::iak, "H-1", rsa_key(Role::iak)},
        {Role::iak, "H-2", ecc_key(Role::iak, TPM2_ECC_NIST_P256, TPM2_ALG_SHA256)},
        {Role::iak, "H-3", ecc_key(Role::iak, TPM2_ECC_NIST_P384, TPM2_ALG_SHA384)},
        {Role::idevid, "H-1", rsa_key(Role::idevid)},
        {Role::idevid, "H-2", ecc_key(Role::idevid, TPM2_ECC_NIST_P256, TPM2_ALG_SHA256)},
        {Role::idevid, "H-3", ecc_key(Role::idevid, TPM2_ECC_NIST_P384, TPM2_ALG_SHA384)},
    }};
    return kTemplates;
}

}  // namespace assay::agent
