#include <nlohmann/json.hpp>

#include "evidence/base/limits.h"
#include "verifier/cli/evidence_json.h"
#include "verifier/cli/inspect.h"
#include "verifier/cli/inspect_file.h"

namespace assay::cli {

void add_inspect_evidence(CLI::App& parent, Context& context) {
    static constexpr FileKind kEvidence{"evidence", "Evidence or a saved bundle: manifest, sections, quote",
                                        "assay inspect evidence rack-7.bundle --json", inspect_evidence,
                                        2 * limits::kEvidenceBody};
    add_file_inspector(parent, context, kEvidence);
}

}  // namespace assay::cli
