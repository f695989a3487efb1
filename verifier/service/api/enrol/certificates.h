#pragma once

#include <vector>

#include "evidence/certificate/ek_certificate.h"

namespace assay::api {

/// Each of them, DER; the first that is none is the error.
Result<std::vector<tcg::Certificate>> parse_certificates(const std::vector<Bytes>& all);

}  // namespace assay::api
