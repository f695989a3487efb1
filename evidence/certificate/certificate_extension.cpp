#include "evidence/certificate/certificate_extension.h"

#include <array>

namespace assay::tcg {
namespace {

using ExtendedKeyUsage = CHandle<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;
using Policies = CHandle<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free>;

}  // namespace

bool has_oid(const ASN1_OBJECT* object, std::string_view oid) {
    std::array<char, 64> text{};
    const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
    return size > 0 && static_cast<std::size_t>(size) < text.size() && oid == text.data();
}

Result<bool> has_key_usage(const X509* certificate, std::string_view oid) {
    const auto usages = TRY(extension<ExtendedKeyUsage>(certificate, NID_ext_key_usage, "extKeyUsage"));
    for (int i = 0; i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
        if (has_oid(sk_ASN1_OBJECT_value(usages.get(), i), oid)) return true;
    }
    return false;
}

Result<bool> has_policy(const X509* certificate, std::string_view oid) {
    const auto policies =
        TRY(extension<Policies>(certificate, NID_certificate_policies, "certificatePolicies"));
    for (int i = 0; i < sk_POLICYINFO_num(policies.get()); ++i) {
        if (has_oid(sk_POLICYINFO_value(policies.get(), i)->policyid, oid)) return true;
    }
    return false;
}

}  // namespace assay::tcg
