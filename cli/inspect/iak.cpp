#include "cli/inspect/tpm_certificate.h"

namespace assay::cli {

void add_inspect_iak(command_line::Command& parent, Context& context) {
    add_tpm_certificate_inspection(
        parent, context,
        {.role = tcg::TpmKeyRole::iak,
         .name = "iak",
         .description = "A TPM's initial attestation key certificate (IAK, or IDevID): whether it leads to a "
                        "pinned root, with every reason",
         .examples = "assay inspect iak iak.der issuer.pem --roots tpm-roots  # valid, invalid or undecided\n"
                     "assay inspect iak idevid.pem --idevid --roots tpm-roots --at 2026-11-22 --json"});
}

}  // namespace assay::cli
