#pragma once

#include "cli/inspect/inspect.h"
#include "evidence/certificate/ek_reason.h"

namespace assay::cli {

/// A kind of `assay inspect` that judges the certificate of a TPM's key.
struct TpmCertificateInspection {
    tcg::TpmKeyRole role;
    const char* name;  ///< of the kind: "ek"
    const char* description;
    const char* examples;  ///< one a line
};

/// Adds it: FILE.., --roots, --crl, --key, --at; for an IAK also --idevid.
void add_tpm_certificate_inspection(command_line::Command& parent, Context& context,
                                    const TpmCertificateInspection& kind);

}  // namespace assay::cli
