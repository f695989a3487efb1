#pragma once

#include <vector>

#include "agent/commands/doctor.h"
#include "agent/opened_machine.h"

namespace assay::agent {

/// What an attestation and an enrolment ask of the TPM, tried: EK and AK, a quote over the PCRs that are
/// asked for, the credential that proves the two are of one TPM, the certification of the journal and by the
/// maker's keys. Nothing is left in the TPM. Of a recording only what it is. `usage` where the endorsement
/// hierarchy's authorisation value cannot be read.
Result<std::vector<Ailment>> examine_tpm(OpenedMachine& opened, const Settings& settings, bool enrolled);

}  // namespace assay::agent
