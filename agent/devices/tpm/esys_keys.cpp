#include "agent/devices/tpm/esys_keys.h"

#include <algorithm>

#include <fmt/core.h>
#include <tss2/tss2_mu.h>

#include "agent/devices/tpm/tpm.h"
#include "evidence/base/limits.h"

namespace assay::agent {

namespace {

using Key = EsysConnection::Key;
using Handles = std::vector<TPM2_HANDLE>;

bool holds(const Handles& handles, TPM2_HANDLE handle) {
    return std::ranges::binary_search(handles, handle);
}

/// The key at `handle` where there is one of this template; else made anew, and put there if it is to be kept
/// and the place is free.
Result<Key> key_at(EsysConnection& tpm, const Handles& persistent, TPM2_HANDLE handle,
                   const TPMT_PUBLIC& area, std::string_view what, bool keep) {
    const bool taken = holds(persistent, handle);
    if (taken) {
        auto found = TRY(tpm.persistent_key(handle));
        if (matches_template(found.area, area)) return found;
        spdlog::warn("TPM: the key at {:#010x} is no {}; it is left alone, and the key is made for each use",
                     handle, what);
    }
    auto made = TRY(tpm.create_endorsement_primary(area, what));
    if (taken || !keep) return made;
    if (auto persisted = tpm.persist(made.handle, handle)) {
        made.handle = std::move(*persisted);
    } else {
        spdlog::info("TPM: the {} could not be persisted and is made for each use: {}", what,
                     describe(persisted.error()));
    }
    return made;
}

/// EK Credential Profile, B.2: a template in NV replaces the profile's, a nonce in NV fills the unique field
/// from its start.
Result<TPMT_PUBLIC> effective_template(EsysConnection& tpm, const Handles& nv, const EkTemplate& ek) {
    TPMT_PUBLIC area = ek.area;
    if (ek.changed != 0 && holds(nv, ek.changed)) {
        const auto stored = TRY(tpm.nv_read(ek.changed, limits::kPublicArea));
        std::size_t offset = 0;
        area = {};
        if (::Tss2_MU_TPMT_PUBLIC_Unmarshal(as_uchar(stored), stored.size(), &offset, &area) !=
            TSS2_RC_SUCCESS) {
            return fail(ErrorCode::tpm, fmt::format("NV index {:#010x} holds no EK template", ek.changed));
        }
    }
    if (ek.nonce != 0 && holds(nv, ek.nonce)) {
        const bool rsa = area.type == TPM2_ALG_RSA;
        const auto unique =
            rsa ? std::span<BYTE>(area.unique.rsa.buffer) : std::span<BYTE>(area.unique.ecc.x.buffer);
        const auto nonce = TRY(tpm.nv_read(ek.nonce, std::min(unique.size(), limits::kText)));
        std::ranges::copy(std::span(as_uchar(nonce), nonce.size()), unique.begin());
    }
    return area;
}

/// A chain that cannot be read leaves the EK's own certificate, and the verifier says what is missing.
std::vector<Bytes> certificates_of(EsysConnection& tpm, const Handles& nv, const EkTemplate& ek) {
    std::vector<Bytes> certificates;
    if (!holds(nv, ek.certificate)) return certificates;
    auto own = tpm.nv_read(ek.certificate, limits::kCertificate);
    if (!own || own->empty()) {
        if (!own) spdlog::warn("TPM: the EK certificate cannot be read: {}", describe(own.error()));
        return certificates;
    }
    certificates.push_back(std::move(*own));
    Bytes chain;
    for (const auto index : nv) {
        if (index < kEkChainFirst || index > kEkChainLast) continue;
        const auto part = tpm.nv_read(index, limits::kCertificate);
        if (!part) {
            spdlog::warn("TPM: the EK's certificate chain cannot be read: {}", describe(part.error()));
            break;
        }
        chain.insert(chain.end(), part->begin(), part->end());
    }
    append_certificates(certificates, chain);
    return certificates;
}

Result<EndorsementKey> endorsement_key_of(EsysConnection& tpm, const Handles& nv, const Handles& persistent,
                                          const EkTemplate& ek, bool keep) {
    const auto area = TRY(effective_template(tpm, nv, ek));
    auto key =
        TRY(key_at(tpm, persistent, ek.handle, area, fmt::format("endorsement key {}", ek.name), keep));
    return EndorsementKey{std::move(key), certificates_of(tpm, nv, ek), &ek};
}

constexpr TPM2_HANDLE kEkIndices = 0x01c0'0000;

}  // namespace

void append_certificates(std::vector<Bytes>& certificates, ByteView chain) {
    constexpr std::size_t kHead = 4;  // 30 82 hi lo: every certificate has 256 to 65,535 bytes
    while (chain.size() > kHead && chain[0] == std::byte{0x30} && chain[1] == std::byte{0x82}) {
        const auto size =
            kHead + (std::to_integer<std::size_t>(chain[2]) << 8U | std::to_integer<std::size_t>(chain[3]));
        if (size > chain.size() || size > limits::kCertificate ||
            certificates.size() == limits::kCertificates)
            return;
        certificates.push_back(to_bytes(chain.first(size)));
        chain = chain.subspan(size);
    }
}

Result<EndorsementKey> find_endorsement_key(EsysConnection& tpm, bool keep) {
    const auto nv = TRY(tpm.handles(kEkIndices, kEkChainLast));
    const auto persistent = TRY(tpm.handles(TPM2_PERSISTENT_FIRST, TPM2_PERSISTENT_LAST));
    for (const auto& ek : ek_templates()) {
        if (holds(nv, ek.certificate)) return endorsement_key_of(tpm, nv, persistent, ek, keep);
    }
    Error first{ErrorCode::internal, "no endorsement key template", {}};
    for (const auto& ek : ek_templates()) {
        auto found = endorsement_key_of(tpm, nv, persistent, ek, keep);
        if (found) return found;
        if (found.error().code == ErrorCode::refused)
            return found;  // the next template would be refused alike
        if (first.code == ErrorCode::internal) first = found.error();
    }
    return std::unexpected(first);
}

Result<EndorsementKey> further_endorsement_key(EsysConnection& tpm, const EkTemplate& ek) {
    const auto nv = TRY(tpm.handles(kEkIndices, kEkChainLast));
    const auto persistent = TRY(tpm.handles(TPM2_PERSISTENT_FIRST, TPM2_PERSISTENT_LAST));
    const auto area = TRY(effective_template(tpm, nv, ek));
    if (holds(persistent, ek.handle)) {
        auto found = TRY(tpm.persistent_key(ek.handle));
        if (matches_template(found.area, area))
            return EndorsementKey{std::move(found), certificates_of(tpm, nv, ek), &ek};
    }
    auto made = TRY(tpm.create_endorsement_primary(area, fmt::format("endorsement key {}", ek.name)));
    return EndorsementKey{std::move(made), certificates_of(tpm, nv, ek), &ek};
}

Result<Key> find_attestation_key(EsysConnection& tpm, bool keep) {
    const auto persistent = TRY(tpm.handles(TPM2_PERSISTENT_FIRST, TPM2_PERSISTENT_LAST));
    const bool ecc = TRY(tpm.has_curve(TPM2_ECC_NIST_P256));
    return key_at(tpm, persistent, kAkHandle, ecc ? ak_template_ecc() : ak_template_rsa(), "attestation key",
                  keep);
}

}  // namespace assay::agent
