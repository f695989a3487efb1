#pragma once

#include <functional>
#include <string>

#include "tests/attacks/attack.h"
#include "tests/support/certificates/ek_path_builder.h"

/// Attacks on EK certificates: a host that is honest but for the path that its TPM shows.
namespace assay::test {

using PathChange = std::function<void(EkPathBuilder&)>;
using PathTamper = std::function<void(const EkPathBuilder::Made&, AppraisalCase&)>;

/// Appraises an honest server whose TPM shows the path. The reasons are the findings' ids, and the ids of the
/// reasons that the finding about the certificate gives.
inline Outcome shows_path(const PathChange& change, const PathTamper& tamper) {
    EkPathBuilder path;
    change(path);
    const auto made = path.make();
    auto host = EvidenceBuilder().build();
    host.roots = {made.root.der()};
    host.bundle.known_host.ek_certificates = {made.leaf.der(), made.intermediate.der()};
    host.bundle.known_host.ek_public = encode_tpm_public(ek_public(path.leaf_key));
    tamper(made, host);
    const auto result = host.appraise().result;
    auto outcome = outcome_of(result);
    for (const auto& finding : result.findings) {
        for (const auto& row : tcg::kEkReasons) {
            const std::string id(row.id);
            if (finding.actual.find(id + ":") != std::string::npos) outcome.reasons.push_back(id);
        }
    }
    return outcome;
}

}  // namespace assay::test
