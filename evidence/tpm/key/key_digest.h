#pragma once

#include <string>

#include "evidence/tpm/key/tpm_public.h"

namespace assay::tcg {

/// Hex SHA-256 of the key itself, whatever its attributes and however its numbers are padded: "rsa", exponent
/// and modulus, or "ecc", curve and coordinates at full length. So one key is one digest in every encoding;
/// of an EK it is what a purchase list may name a TPM by.
std::string key_digest(const TpmPublic& key);

}  // namespace assay::tcg
