
#include "cli/inspect/evidence_json.h"
#include "cli/inspect/file.h"
#include "cli/inspect/inspect.h"
#include "evidence/base/limits.h"

namespace assay::cli {

void add_inspect_evidence(command_line::Command& parent, Context& context) {
    static constexpr FileKind kEvidence{"evidence", "Evidence or a saved bundle: manifest, sections, quote",
                                        "assay inspect evidence rack-7.bundle --json", inspect_evidence,
                                        2 * limits::kEvidenceBody};
    add_file_inspector(parent, context, kEvidence);
}

}  // namespace assay::cli
