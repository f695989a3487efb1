#pragma once

#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "evidence/tpm/key/tpm_public.h"

namespace assay::tcg {

/// The public part of a key as a file has it.
struct PublicKeyFile {
    TpmPublic key;                ///< from a PEM file: the numbers alone, no attributes, no scheme
    bool is_public_area = false;  ///< the file is what the TPM made: attributes and scheme are known
    std::string_view form;        ///< "PEM", "TPMT_PUBLIC" or "TPM2B_PUBLIC"
};

/// PEM (`BEGIN PUBLIC KEY`, as `tpm2_readpublic -f pem` writes it), TPMT_PUBLIC, or TPM2B_PUBLIC (the same
/// with its 16-bit size in front, as `tpm2_readpublic -o` writes it). All of the file; of PEM, one key.
/// Errors: `unsupported` for another kind of key, else as `parse_tpm_public`.
Result<PublicKeyFile> parse_public_key_file(ByteView bytes);

}  // namespace assay::tcg
