#include <nlohmann/json.hpp>

#include "evidence/base/limits.h"
#include "verifier/cli/evidence_json.h"
#include "verifier/cli/inspect.h"
#include "verifier/cli/inspect_file.h"

namespace assay::cli {

void add_inspect_quote(CLI::App& parent, Context& context) {
    static constexpr FileKind kQuote{"quote", "A TPM quote (TPMS_ATTEST, as tpm2_quote -m writes it)",
                                     "assay inspect quote quote.attest --json", inspect_quote,
                                     limits::kQuote};
    add_file_inspector(parent, context, kQuote);
}

}  // namespace assay::cli
