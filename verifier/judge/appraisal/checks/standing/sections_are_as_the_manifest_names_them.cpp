#include <fmt/core.h>

#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

void judge_sections(const Examined& examined, Judge& judge) {
    using State = NamedSections::State;
    if (!examined.authentication.manifest)
        return judge.no_answer(NoAnswer::cannot_tell, "there is no manifest to compare with");
    const auto& entries = examined.sections.entries();
    judge.covered(examined.basis(), entries.size(),
                  fmt::format("{} sections compared with the manifest", entries.size()));
    for (const auto& [name, entry] : entries) {
        const auto about =
            judge.about(examined.basis(), "section " + shown(name), "manifest: " + shown(name));
        const auto hex = [](const std::optional<Digest>& digest) { return digest ? digest->hex() : "none"; };
        switch (entry.state) {
            case State::as_named:
                break;
            case State::altered:
                about.report(findings::section_digest, Tier::contraindicated, hex(entry.named),
                             fmt::format("{} ({} bytes)", hex(entry.actual), entry.length));
                break;
            case State::missing:
                about.report(findings::section_missing, Tier::contraindicated, hex(entry.named), "absent");
                break;
            case State::unlisted:
                about.report(findings::section_unlisted, Tier::contraindicated, "named in the manifest",
                             "not named");
                break;
            case State::malformed:
                about.report(findings::section_malformed, Tier::contraindicated, "decodable", entry.problem);
                break;
        }
    }
}

}  // namespace

const Check checks::sections_are_as_the_manifest_names_them{
    .claim = TrustClaim::sourced_data, .required = true, .judge = judge_sections};

}  // namespace assay::judge
