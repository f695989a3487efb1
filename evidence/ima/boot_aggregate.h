#pragma once

#include <cstdint>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/eventlog/replay/replay.h"

namespace assay::tcg {

enum class AggregateAgreement : std::uint8_t {
    agrees,
    differs,
    other_bank,  ///< made with another hash than the bank's: nothing to compare with
    not_quoted,  ///< a PCR that it is made of has no value
};

/// The boot PCRs as IMA hashes them when it starts: 0 to 7, with `long_form` 0 to 9.
/// (security/integrity/ima/ima_crypto.c, ima_calc_boot_aggregate_tfm)
Digest boot_aggregate_of(const QuotedBank& values, HashAlgorithm bank, bool long_form);

/// `hash_name`, `file_hash`: of the list's first entry (ima_log.h, boot_aggregate). Linux hashes PCRs 0 to 7,
/// from 5.8 on 0 to 9 too, but never in the SHA-1 bank.
AggregateAgreement boot_aggregate_agrees(std::string_view hash_name, ByteView file_hash, HashAlgorithm bank,
                                         const QuotedBank& values);

}  // namespace assay::tcg
