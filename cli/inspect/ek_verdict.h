#pragma once

#include <optional>
#include <vector>

#include "cli/inspect/verdict.h"
#include "evidence/certificate/ek_certificate.h"
#include "evidence/certificate/public_key_file.h"

namespace assay::cli {

/// The certificate of a TPM's key by itself: an EK's, or by `role` an IAK's or IDevID's; with what else is
/// known. What is absent leaves the verdict undecided, or is a remark.
struct EkCertificateQuestion {
    Bytes leaf;                                   ///< as it was read: DER, perhaps with quirks around it
    std::vector<tcg::Certificate> intermediates;  ///< untrusted
    std::optional<std::vector<tcg::Certificate>> roots;  ///< pinned
    std::vector<tcg::RevocationList> revocation_lists;
    std::vector<tcg::RootMakers> makers;  ///< of the pins
    std::optional<tcg::TpmPublic> key;    ///< the key that it should be about
    std::int64_t at_unix_time = 0;
    tcg::TpmKeyRole role = tcg::TpmKeyRole::ek;
};

/// Every reason that there is, by id; docs/formats/ek-verdict.md and iak-verdict.md have the rules.
/// Pure.
InspectVerdict judge_ek_certificate(const EkCertificateQuestion& question);

}  // namespace assay::cli
