// What a key must be for its role: judgements over a parsed public area.
#include "evidence/tpm/key/credential.h"
#include "evidence/tpm/key/tpm_public.h"

namespace assay::tcg {
namespace {

struct Rule {
    std::uint32_t attribute;
    bool wanted;
    std::string_view violation;
};

template <std::size_t N>
void check_attributes(const TpmPublic& key, const Rule (&rules)[N], std::vector<std::string>& violations) {
    for (const auto& rule : rules) {
        if (key.attributes.has(rule.attribute) != rule.wanted) violations.emplace_back(rule.violation);
    }
}

void check_rsa(const RsaPublic& rsa, std::vector<std::string>& violations) {
    if (rsa.key_bits < 2048)
        violations.push_back("RSA key of " + std::to_string(rsa.key_bits) + " bits, under 2048");
    if (rsa.exponent < 65537)
        violations.push_back("RSA exponent " + std::to_string(rsa.exponent) + ", under 65537");
}

}  // namespace

std::vector<std::string> restricted_signing_key_violations(const TpmPublic& key) {
    using A = ObjectAttributes;
    static constexpr Rule kRules[] = {
        {A::kRestricted, true, "not restricted: the key signs whatever it is given"},
        {A::kFixedTpm, true, "not fixedTPM: the key can be duplicated to another TPM"},
        {A::kFixedParent, true, "not fixedParent: the key can be moved under another parent"},
        {A::kSensitiveDataOrigin, true,
         "not sensitiveDataOrigin: the private part came from outside the TPM"},
        {A::kSign, true, "not sign: the key is no signing key"},
        {A::kDecrypt, false, "decrypt: the key is not for signing alone"},
    };
    std::vector<std::string> violations;
    check_attributes(key, kRules, violations);
    if (const auto* rsa = std::get_if<RsaPublic>(&key.key)) check_rsa(*rsa, violations);
    const Scheme scheme = key.scheme.scheme;
    if (scheme != Scheme::rsassa && scheme != Scheme::rsapss && scheme != Scheme::ecdsa) {
        violations.emplace_back("no signing scheme in the public area");
    } else if (key.scheme.hash == HashAlgorithm::sha1) {
        violations.emplace_back("the signing scheme's hash is SHA-1");
    }
    if (key.symmetric.algorithm != kAlgorithmNull) {
        violations.emplace_back("a symmetric algorithm: the public area is a storage key's");
    }
    return violations;
}

std::vector<std::string> ek_template_violations(const TpmPublic& ek) {
    using A = ObjectAttributes;
    static constexpr Rule kRules[] = {
        {A::kRestricted, true, "not restricted: the key decrypts for anybody who may use it"},
        {A::kDecrypt, true, "not decrypt: the key cannot take a credential"},
        {A::kSign, false, "sign: the key is not for decryption alone"},
        {A::kFixedTpm, true, "not fixedTPM: the key can be duplicated to another TPM"},
        {A::kFixedParent, true, "not fixedParent: the key can be moved under another parent"},
        {A::kSensitiveDataOrigin, true,
         "not sensitiveDataOrigin: the private part came from outside the TPM"},
    };
    std::vector<std::string> violations;
    check_attributes(ek, kRules, violations);
    const auto& symmetric = ek.symmetric;
    if (ek.name_algorithm == HashAlgorithm::sha1) violations.emplace_back("the name algorithm is SHA-1");
    if (symmetric.algorithm != kAlgorithmAes || symmetric.mode != kAlgorithmCfb ||
        (symmetric.key_bits != 128 && symmetric.key_bits != 256)) {
        violations.emplace_back("the symmetric algorithm is not AES-CFB of 128 or 256 bits");
    }
    if (const auto* rsa = std::get_if<RsaPublic>(&ek.key)) check_rsa(*rsa, violations);
    if (const auto* ecc = std::get_if<EccPublic>(&ek.key); ecc != nullptr && ecc->curve == EccCurve::p521) {
        violations.emplace_back("the curve is neither P-256 nor P-384");
    }
    return violations;
}

}  // namespace assay::tcg
