#pragma once

#include <memory>

#include "agent/devices/tpm/esys_tpm.h"
#include "tests/support/swtpm.h"
#include "tests/support/value.h"

namespace assay::test {

inline std::unique_ptr<EsysTpm> opened(const Swtpm& swtpm) {
    return value(EsysTpm::open(swtpm.tcti()));
}

}  // namespace assay::test
