#include "agent/devices/tpm/device_keys.h"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

#include "agent/devices/tpm/esys_keys.h"
#include "agent/devices/tpm/marshalled.h"
#include "agent/devices/tpm/tpm.h"
#include "evidence/base/limits.h"
#include "evidence/certificate/iak_certificate.h"

namespace assay::agent {
namespace {

using Key = EsysConnection::Key;
using Role = tcg::TpmKeyRole;

constexpr std::size_t kIndices = 16;

void note(std::string& trouble, const std::string& what) {
    trouble += (trouble.empty() ? "" : "; ") + what;
}

std::vector<tcg::Certificate> certificates_in_nv(EsysConnection& tpm, const std::vector<TPM2_HANDLE>& indices,
                                                 std::string& trouble) {
    std::vector<Bytes> der;
    if (indices.size() > kIndices) note(trouble, fmt::format("{} NV indices, 16 are read", indices.size()));
    for (const auto index : std::span(indices).first(std::min(indices.size(), kIndices))) {
        const auto content = tpm.nv_read(index, limits::kCertificate);
        if (content) {
            append_certificates(der, *content);
        } else {
            note(trouble, describe(content.error()));
        }
    }
    std::vector<tcg::Certificate> out;
    for (const auto& each : der) {
        if (auto certificate = tcg::Certificate::parse(each)) {
            out.push_back(std::move(*certificate));
        } else {
            note(trouble, "in NV: " + describe(certificate.error()));
        }
    }
    return out;
}

/// Which key it is for this certificate; nothing where it is another, or none that signs.
std::optional<Role> role_of(const Bytes& public_area, const tcg::Certificate& certificate) {
    using A = tcg::ObjectAttributes;
    const auto key = tcg::parse_tpm_public(public_area);
    if (!key || !tcg::certificate_key_equals(certificate, *key) || !key->attributes.has(A::kSign))
        return std::nullopt;
    return key->attributes.has(A::kRestricted) ? Role::iak : Role::idevid;
}

Result<std::optional<FoundDeviceKey>> examined(const Key& key, const tcg::Certificate& certificate) {
    auto area = TRY(marshalled(key.area, ::Tss2_MU_TPMT_PUBLIC_Marshal, limits::kPublicArea));
    const auto role = role_of(area, certificate);
    if (!role) return std::nullopt;
    return FoundDeviceKey{{*role, std::move(area), {certificate.der()}}, 0, nullptr};
}

/// The AK's and the EKs' own handles may be open, and ESYS gives one object for a handle: closing it here
/// would close theirs.
bool is_of_the_agent(TPM2_HANDLE handle) {
    return handle == kAkHandle || std::ranges::any_of(ek_templates(), [handle](const EkTemplate& each) {
               return each.handle == handle;
           });
}

std::optional<FoundDeviceKey> at_persistent_handle(EsysConnection& tpm,
                                                   const std::vector<TPM2_HANDLE>& persistent,
                                                   const tcg::Certificate& certificate) {
    for (const auto handle : persistent) {
        if (is_of_the_agent(handle)) continue;
        const auto key = tpm.persistent_key(handle);
        if (!key) continue;
        auto found = examined(*key, certificate);
        if (!found || !*found) continue;
        (*found)->persistent = handle;
        return *std::move(found);
    }
    return std::nullopt;
}

/// Only templates of the certificate's kind of key are tried: making an RSA key takes seconds.
bool is_of_kind(const TPMT_PUBLIC& area, const tcg::Certificate& certificate) {
    const auto& key = certificate.key();
    if (!key) return false;
    if (const auto* ecc = std::get_if<tcg::EccPublic>(&*key)) {
        return area.type == TPM2_ALG_ECC &&
               area.parameters.eccDetail.curveID == static_cast<TPM2_ECC_CURVE>(ecc->curve);
    }
    return area.type == TPM2_ALG_RSA &&
           area.parameters.rsaDetail.keyBits == std::get<tcg::RsaPublic>(*key).key_bits;
}

std::optional<FoundDeviceKey> made_from_template(EsysConnection& tpm, const tcg::Certificate& certificate,
                                                 std::string& trouble) {
    for (const auto& each : device_key_templates()) {
        if (!is_of_kind(each.area, certificate)) continue;
        const auto key =
            tpm.create_endorsement_primary(each.area, fmt::format("{} {}", to_string(each.role), each.name));
        if (!key) {
            note(trouble, describe(key.error()));
            continue;
        }
        auto found = examined(*key, certificate);
        if (!found || !*found) continue;
        (*found)->made_from = &each;
        return *std::move(found);
    }
    return std::nullopt;
}

}  // namespace

Result<FoundDeviceKeys> find_device_keys(EsysConnection& tpm) {
    FoundDeviceKeys out;
    const auto indices = TRY(tpm.handles(kDeviceCertificateFirst, kDeviceCertificateLast));
    if (indices.empty()) return out;
    const auto persistent = TRY(tpm.handles(TPM2_PERSISTENT_FIRST, TPM2_PERSISTENT_LAST));
    const auto certificates = certificates_in_nv(tpm, indices, out.trouble);
    std::vector<Bytes> authorities;
    for (const auto& certificate : certificates) {
        auto found = at_persistent_handle(tpm, persistent, certificate);
        if (!found && certificate.is_a_ca()) {
            authorities.push_back(certificate.der());
            continue;
        }
        if (!found) found = made_from_template(tpm, certificate, out.trouble);
        const auto taken = [&](const FoundDeviceKey& each) { return each.shown.role == found->shown.role; };
        if (!found) {
            note(out.trouble,
                 fmt::format("the certificate of '{}' in NV is about a key that this TPM does not "
                             "have",
                             certificate.subject()));
        } else if (std::ranges::any_of(out.keys, taken)) {
            note(out.trouble, fmt::format("a second {} in NV is left alone", to_string(found->shown.role)));
        } else {
            out.keys.push_back(*std::move(found));
        }
    }
    for (auto& key : out.keys) {
        for (const auto& each : authorities) {
            if (key.shown.certificates.size() < limits::kCertificates) key.shown.certificates.push_back(each);
        }
    }
    return out;
}

Result<Key> load_device_key(EsysConnection& tpm, const FoundDeviceKey& found) {
    if (found.made_from == nullptr) return tpm.persistent_key(found.persistent);
    return tpm.create_endorsement_primary(
        found.made_from->area, fmt::format("{} {}", to_string(found.shown.role), found.made_from->name));
}

TPMT_SIG_SCHEME certify_scheme(const TPMT_PUBLIC& key) {
    TPMT_SIG_SCHEME scheme{};
    const bool rsa = key.type == TPM2_ALG_RSA;
    const auto own = rsa ? key.parameters.rsaDetail.scheme.scheme : key.parameters.eccDetail.scheme.scheme;
    scheme.scheme = TPM2_ALG_NULL;
    if (own != TPM2_ALG_NULL) return scheme;
    scheme.scheme = rsa ? TPM2_ALG_RSASSA : TPM2_ALG_ECDSA;
    scheme.details.any.hashAlg = TPM2_ALG_SHA256;
    return scheme;
}

}  // namespace assay::agent
