#include "verifier/judge/appraisal/facts/standing/gone_sections.h"

#include <algorithm>
#include <string_view>

#include <fmt/core.h>

#include "evidence/base/digest.h"
#include "evidence/wire/section/section_names.h"

namespace assay::judge {
namespace {

constexpr std::string_view kSubject = "section ";

Bytes named(std::string_view text) {
    return to_bytes(sha256(as_view(text)).view());
}

}  // namespace

bool has_section(const Manifest& manifest, std::string_view name) {
    if (manifest.find(name) != nullptr) return true;
    return (name == section::kImaLog && manifest.find(section::kImaLogPart) != nullptr) ||
           (name == section::kImaLogPart && manifest.find(section::kImaLog) != nullptr);
}

HostChange gone_section(std::string_view name, std::string_view why) {
    return {.kind = ChangeKind::section,
            .id = "section.gone",
            .subject = fmt::format("{}{}", kSubject, name),
            .expected = "as in the report before",
            .actual = fmt::format("absent: {}", why),
            .where = "manifest",
            .before = named(name),
            .after = named(fmt::format("no {}", name)),
            .planned = {}};
}

std::vector<HostChange> gone_sections(const KnownHost& known, const Manifest& manifest,
                                      std::vector<HostChange>& changes) {
    std::vector<HostChange> out;
    const auto planned = [&](const Bytes& after) {
        return known.news && std::ranges::find(known.news->planned, after) != known.news->planned.end();
    };
    for (const auto& matter : known.open.value_or(std::vector<OpenMatter>())) {
        if (!matter.change || matter.change->kind != ChangeKind::section ||
            !matter.subject.starts_with(kSubject))
            continue;
        if (planned(matter.change->after) || has_section(manifest, matter.subject.substr(kSubject.size())))
            continue;
        out.push_back({.kind = ChangeKind::section,
                       .id = matter.id,
                       .subject = matter.subject,
                       .expected = matter.expected,
                       .actual = matter.actual,
                       .where = matter.where,
                       .before = matter.change->before,
                       .after = matter.change->after,
                       .planned = {}});
    }
    std::erase_if(changes, [&](const HostChange& change) {
        if (change.kind != ChangeKind::section || !change.planned.empty()) return false;
        out.push_back(change);
        return true;
    });
    return out;
}

}  // namespace assay::judge
