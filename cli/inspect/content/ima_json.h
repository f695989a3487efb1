#pragma once

#include "cli/context.h"
#include "evidence/ima/ima_log.h"

namespace assay::cli {

/// A list as the kernel gives it, in whichever of its forms: binary_runtime_measurements (also the newer ones
/// with a template digest of another algorithm, _sha256 and so on), or ascii_runtime_measurements. Borrows.
struct ImaFile {
    bool is_text = false;
    tcg::ParsedImaLog list;
};
/// By its first bytes. The error of the commonest form where none fits.
Result<ImaFile> read_ima_file(ByteView bytes);

/// Every entry, what its digest covers, and the PCRs after replay in each bank. Nothing in it is verified: no
/// quote is here. Texts are printable.
Json ima_json(const tcg::ParsedImaLog& list);
/// The same, a line an entry.
void print_ima(const tcg::ParsedImaLog& list);

/// What `assay inspect ima FILE --json` prints.
Result<Json> inspect_ima(ByteView bytes);

}  // namespace assay::cli
