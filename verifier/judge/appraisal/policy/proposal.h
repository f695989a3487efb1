#pragma once

#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "vendor-db/model/vendor_db.h"

/// What a rehearsal is asked about: docs/formats/proposal.md. Nobody has signed it, and nothing of it is
/// stored. PURE.
namespace assay::judge {

struct Proposal {
    std::vector<vendors::SourceFile> policies;    ///< all policies; none: those that are in force
    std::vector<vendors::SourceFile> references;  ///< beside those in force; one of the same name replaces it
    Bytes bundle;                                 ///< a vendor bundle; empty: the one in force

    [[nodiscard]] bool empty() const { return policies.empty() && references.empty() && bundle.empty(); }
};

Bytes encode_proposal(const Proposal& proposal);
Result<Proposal> decode_proposal(ByteView bytes);

}  // namespace assay::judge
