#pragma once

#include <optional>
#include <span>

#include "cli/inspect/verdict.h"
#include "evidence/certificate/public_key_file.h"
#include "evidence/tpm/pcr.h"

namespace assay::cli {

/// A quote on its own, with what else is known. What is absent leaves the verdict undecided.
struct QuoteParts {
    Bytes attest;                    ///< TPMS_ATTEST
    std::optional<Bytes> signature;  ///< TPMT_SIGNATURE, or a bare RSASSA value
    std::optional<tcg::PublicKeyFile> key;
    std::optional<Bytes> nonce;          ///< what was asked with: extraData must be these very bytes
    std::optional<tcg::PcrValues> pcrs;  ///< the values that the quote is said to be about
};

/// Every reason that there is, by id; docs/formats/quote-verdict.md has the rules. Pure.
InspectVerdict quote_verdict(const QuoteParts& parts);

/// The kinds of reason, in the order of the page.
std::span<const ReasonRow> quote_reasons();

}  // namespace assay::cli
