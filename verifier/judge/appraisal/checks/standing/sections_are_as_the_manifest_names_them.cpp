#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

// What decodes, and of which something inside could be read in part alone. Its sound structures are judged by
// the checks of what they tell.
void judge_partial(const Examined& examined, Judge& judge) {
    const auto& claims = examined.claims;
    if (const auto* unread = claims.tables ? claims.tables->unread() : nullptr) {
        judge.report(
            findings::section_partial, Tier::warning, examined.basis(),
            {.subject = "section smbios",
             .expected = "structures up to the table's end",
             .actual = fmt::format("{} read, then {}", claims.tables->structures.size(),
                                   smbios::to_string(unread->quirk)),
             .evidence = fmt::format("{}: offset {:#x} of the table", section::kSmbios, unread->offset)});
    }
    for (const auto& part : examined.parts.list()) {
        if (part.unread.empty()) continue;
        judge.report(findings::section_partial, Tier::warning, examined.basis(),
                     {.subject = "USB port " + shown(part.place),
                      .expected = "whole descriptors",
                      .actual = part.unread,
                      .evidence = fmt::format("{}: port {}", section::kUsb, shown(part.place))});
    }
}

void judge_sections(const Examined& examined, Judge& judge) {
    using State = NamedSections::State;
    if (!examined.authentication.manifest)
        return judge.no_answer(NoAnswer::cannot_tell, "there is no manifest to compare with");
    const auto& entries = examined.sections.entries();
    judge.covered(examined.basis(), entries.size(),
                  fmt::format("{} sections compared with the manifest", entries.size()));
    judge_partial(examined, judge);
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
