#pragma once

#include <filesystem>
#include <vector>

#include "evidence/certificate/ek_certificate.h"

/// Files of certificates and revocation lists, as vendors, TPMs and administrators have them.
namespace assay::inputs {

/// The certificates of a PEM or DER file, in its order. Errors name the file.
Result<std::vector<tcg::Certificate>> read_certificates(const std::filesystem::path& file);
/// The revocation lists of a PEM or DER file.
Result<std::vector<tcg::RevocationList>> read_revocation_lists(const std::filesystem::path& file);

}  // namespace assay::inputs
