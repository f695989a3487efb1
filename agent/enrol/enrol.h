#pragma once

#include <string>

#include "agent/devices/tpm/tpm.h"
#include "agent/settings.h"
#include "client/https_client.h"

namespace assay::agent {

struct Enrolled {
    std::string host;
    bool already = false;  ///< it was enrolled before, with this TPM
};

/// Proves to the verifier that AK and EK live in this TPM, and writes host.json. Idempotent: a host that is
/// enrolled with this TPM and known to the verifier stays as it is, and an enrolment that was cut off is
/// ended. `conflict` where host.json or the verifier knows this host as another. `turned_away`, where given,
/// becomes true where the verifier refused before the TPM had answered: there is no right to come in.
Result<Enrolled> enrol(client::HttpsClient& client, Tpm& tpm, const Settings& settings,
                       const std::string& token, const std::string& name, bool* turned_away = nullptr);

}  // namespace assay::agent
