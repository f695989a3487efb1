#include "verifier/judge/appraisal/checks/findings.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/core.h>

namespace assay::judge {
namespace {

constexpr std::array kKinds{
#define FINDING(identifier, id, claim, sentence, explanation, remedy) &findings::identifier,
#include "verifier/judge/appraisal/checks/findings.inc"
#undef FINDING
};

consteval bool ids_are_unique() {
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        for (std::size_t j = i + 1; j < kKinds.size(); ++j) {
            if (kKinds[i]->id == kKinds[j]->id) return false;
        }
    }
    return true;
}
static_assert(ids_are_unique(), "a finding's id is declared once");

}  // namespace

std::span<const FindingKind* const> finding_kinds() {
    return kKinds;
}

const FindingKind* find_finding(std::string_view id) {
    const auto found = std::ranges::find(kKinds, id, [](const FindingKind* kind) { return kind->id; });
    return found == kKinds.end() ? nullptr : *found;
}

std::string findings_markdown() {
    std::string out =
        "# Findings\n\n"
        "What an appraisal can find, one section for each id: `assay explain ID` prints it. An id never "
        "changes its meaning.\n"
        "The tier of a finding (affirming, warning, contraindicated, none) is in each result, since a policy "
        "has a say in some.\n"
        "A result names at most 32 findings of one id, the worst, and one more that counts the others "
        "(docs/formats/attestation-result.md).\n\n"
        "Printed from `verifier/judge/appraisal/checks/findings.inc`; do not edit here.\n";
    for (const auto* kind : kKinds) {
        fmt::format_to(std::back_inserter(out), "\n## {}\n\n{}\n\n{}\n\n- Claim: {}\n- What to do: {}\n",
                       kind->id, kind->sentence, kind->explanation, to_string(kind->claim), kind->remedy);
    }
    return out;
}

}  // namespace assay::judge
