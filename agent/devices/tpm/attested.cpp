#include "agent/devices/tpm/attested.h"

#include <algorithm>
#include <span>

#include "agent/devices/tpm/marshalled.h"
#include "evidence/base/limits.h"

namespace assay::agent {

Result<TPM2B_DATA> qualifying(ByteView bytes) {
    TPM2B_DATA data{};
    if (bytes.size() > sizeof(data.buffer))
        return fail(ErrorCode::usage, "qualifying data of an attestation: at most 64 bytes");
    data.size = static_cast<UINT16>(bytes.size());
    std::ranges::copy(std::span(as_uchar(bytes), bytes.size()), std::begin(data.buffer));
    return data;
}

Result<TpmQuote> attested(const TPM2B_ATTEST& attest, const TPMT_SIGNATURE& signature) {
    auto signed_by = TRY(marshalled(signature, ::Tss2_MU_TPMT_SIGNATURE_Marshal, limits::kSignature));
    return TpmQuote{to_bytes(std::as_bytes(std::span(attest.attestationData).first(attest.size))),
                    std::move(signed_by)};
}

}  // namespace assay::agent
