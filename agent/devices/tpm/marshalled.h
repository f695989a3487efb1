#pragma once

#include <tss2/tss2_mu.h>

#include "agent/devices/tpm/tss.h"
#include "evidence/base/bytes.h"

namespace assay::agent {

/// `marshal` is one of Tss2_MU_*_Marshal; `limit` the most that may come out.
template <typename T, typename Marshal>
Result<Bytes> marshalled(const T& value, Marshal marshal, std::size_t limit) {
    Bytes bytes(limit);
    std::size_t used = 0;
    if (const TSS2_RC code = marshal(&value, as_writable_uchar(bytes), bytes.size(), &used);
        code != TSS2_RC_SUCCESS) {
        return std::unexpected(tss_error(code, "marshalling"));
    }
    bytes.resize(used);
    return bytes;
}

}  // namespace assay::agent
