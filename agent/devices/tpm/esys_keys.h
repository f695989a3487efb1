#pragma once

#include "agent/devices/tpm/esys_connection.h"
#include "agent/devices/tpm/tpm_templates.h"

namespace assay::agent {

/// The endorsement key and what the manufacturer says of it.
struct EndorsementKey {
    EsysConnection::Key key;
    std::vector<Bytes> certificates;  ///< DER as in NV: the key's, then intermediates
    const EkTemplate* origin = nullptr;
};

/// The first of ek_templates() that has a certificate in NV; where none has, the first that the TPM can make.
/// The key is taken from its handle if it is there, else made and, if it is to be kept, persisted (where the
/// owner's authorisation is empty).
Result<EndorsementKey> find_endorsement_key(EsysConnection& tpm, bool keep);

/// The key of another template than the one that is used, for a moment: from its handle, or made and not
/// persisted.
Result<EndorsementKey> further_endorsement_key(EsysConnection& tpm, const EkTemplate& ek);

/// The AK, from kAkHandle or made from its template; see Tpm.
Result<EsysConnection::Key> find_attestation_key(EsysConnection& tpm, bool keep);

/// Splits concatenated DER SEQUENCEs; what does not begin one, padding for instance, ends the chain. At most
/// limits::kCertificates in all.
void append_certificates(std::vector<Bytes>& certificates, ByteView chain);

}  // namespace assay::agent
