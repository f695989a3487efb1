#pragma once

#include <string>
#include <vector>

#include "agent/devices/tpm/esys_connection.h"
#include "agent/devices/tpm/tpm.h"
#include "agent/devices/tpm/tpm_templates.h"

namespace assay::agent {

/// A key of a certificate in NV, and where the TPM has it: a transient handle would take one of its few
/// places.
struct FoundDeviceKey {
    DeviceKey shown;
    TPM2_HANDLE persistent = 0;                    ///< or
    const DeviceKeyTemplate* made_from = nullptr;  ///< where it is at no persistent handle
};
struct FoundDeviceKeys {
    std::vector<FoundDeviceKey> keys;  ///< at most one of each role
    std::string trouble;               ///< as in DeviceKeys
};

/// The certificates in the NV range for device identities (at most 16 indices and 8 certificates are read),
/// and for each that is no CA's the key that it is about: at a persistent handle, or made from the template
/// of its kind. What cannot be read, or whose key this TPM does not have, is `trouble` and no error.
Result<FoundDeviceKeys> find_device_keys(EsysConnection& tpm);

/// The key itself, for a moment.
Result<EsysConnection::Key> load_device_key(EsysConnection& tpm, const FoundDeviceKey& found);

/// The key's own scheme (null); for a key without one RSASSA, or ECDSA, with SHA-256.
TPMT_SIG_SCHEME certify_scheme(const TPMT_PUBLIC& key);

}  // namespace assay::agent
