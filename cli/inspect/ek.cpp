#include "cli/inspect/tpm_certificate.h"

namespace assay::cli {

void add_inspect_ek(command_line::Command& parent, Context& context) {
    add_tpm_certificate_inspection(
        parent, context,
        {.role = tcg::TpmKeyRole::ek,
         .name = "ek",
         .description =
             "A TPM's endorsement key certificate: whether it leads to a pinned root, with every reason",
         .examples =
             "assay inspect ek ek.der intermediate.der --roots tpm-roots  # valid, invalid or undecided\n"
             "assay inspect ek ek.pem --roots tpm-roots --crl maker.crl --at 2026-11-22 --json"});
}

}  // namespace assay::cli
