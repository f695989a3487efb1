#pragma once

#include <filesystem>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::agent {

/// The certificates in a file for a TPM that has none in NV, as its maker's service gave them: PEM or DER,
/// the EK's first, then those above it; at most limits::kCertificates. `usage`, with the file, where it holds
/// none, or one about another key than `ek_public` (TPMT_PUBLIC).
Result<std::vector<Bytes>> read_ek_certificates(const std::filesystem::path& file, ByteView ek_public);

}  // namespace assay::agent
