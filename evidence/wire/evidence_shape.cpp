#include "evidence/wire/evidence_shape.h"

#include <algorithm>

namespace assay::wire {

void Sections::encode(cbor::Writer& out, const Map& sections) const {
    std::vector<const Map::value_type*> sorted;
    sorted.reserve(sections.size());
    for (const auto& section : sections) sorted.push_back(&section);
    std::ranges::sort(sorted,
                      [](const auto* a, const auto* b) { return cbor::key_less(a->first, b->first); });
    out.map(sorted.size());
    for (const auto* section : sorted) out.text(section->first).bytes(section->second);
}

void Sections::decode(cbor::Reader& in, std::string_view what, Map& sections) const {
    in.map(what, [&](std::string_view name) {
        if (!is_section_name(name)) {
            in.input().fail_here(ErrorCode::malformed, "sections: a name that is not 1 to 64 of [a-z0-9-]");
        } else if (sections.size() == limits::kSections) {
            in.input().fail_here(ErrorCode::limit, "sections: too many");
        } else {
            const auto bytes = in.bytes(name, limits::kSection);
            sections.emplace(name, to_bytes(bytes));
        }
    });
}

}  // namespace assay::wire
