#pragma once

#include <string_view>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::tcg {

inline constexpr std::size_t kPemFile = 4U << 20U;  ///< one file, bytes
inline constexpr std::size_t kPemBlocks = 4096;     ///< blocks of one file

/// The blocks of one type ("CERTIFICATE", "X509 CRL") in a PEM file, or, where there is no PEM in it, the
/// whole content: DER, perhaps with a TPM's padding around it. At least one. Not parsed.
Result<std::vector<Bytes>> pem_or_der(ByteView content, std::string_view type);

}  // namespace assay::tcg
