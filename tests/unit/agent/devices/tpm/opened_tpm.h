#pragma once

#include <memory>

#include "agent/devices/tpm/tpm.h"
#include "tests/support/machine/value.h"
#include "tests/support/tpm/swtpm.h"

namespace assay::test {

inline std::unique_ptr<agent::Tpm> opened(const Swtpm& swtpm) {
    return value(agent::Tpm::open(swtpm.tcti()));
}

}  // namespace assay::test
