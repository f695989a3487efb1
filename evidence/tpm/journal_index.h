#pragma once

#include "evidence/base/digest.h"
#include "evidence/tpm/nv.h"

/// The two NV indices in which a TPM vouches for a device journal: docs/formats/journal.md.
namespace assay::tcg {

/// Both with empty authorisation: whoever can use the TPM can add a record. Nobody can take one out: an
/// EXTEND index cannot be set, and a counter that is defined anew starts above every value it ever had.
inline constexpr std::uint32_t kJournalAttributes =
    kNvOwnerWrite | kNvAuthWrite | kNvOwnerRead | kNvAuthRead | kNvNoDa;

/// SHA-256, extended with the digest of each record. In the range for the owner's indices (TCG registry of
/// reserved TPM 2.0 handles, 2.2).
inline constexpr NvPublic kJournalValueIndex{.index = 0x0180'a5a1,
                                             .name_algorithm = HashAlgorithm::sha256,
                                             .attributes = kJournalAttributes | kNvExtend,
                                             .size = 32};
/// 8 bytes, big-endian: incremented with each record.
inline constexpr NvPublic kJournalCounterIndex{.index = 0x0180'a5a2,
                                               .name_algorithm = HashAlgorithm::sha256,
                                               .attributes = kJournalAttributes | kNvCounter,
                                               .size = 8};

/// As the TPM names it once it was written to.
inline Bytes written_name(NvPublic area) {
    area.attributes |= kNvWritten;
    return nv_name(area);
}

/// What TPM2_NV_Extend makes of the index: H(value || digest), from 32 zeros on (TPM 2.0 Part 3, 31.9).
inline Digest extended(const Digest& value, const Digest& record) {
    Hasher hasher(HashAlgorithm::sha256);
    hasher.update(value.view());
    hasher.update(record.view());
    return hasher.finish();
}

}  // namespace assay::tcg
