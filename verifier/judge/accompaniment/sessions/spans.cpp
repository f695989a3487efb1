#include "verifier/judge/accompaniment/sessions/spans.h"

#include <algorithm>

namespace assay::accompaniment {

std::vector<Span> without(const Span& from, std::vector<Span> covered) {
    std::ranges::sort(covered, {}, &Span::from);
    std::vector<Span> out;
    auto at = from.from;
    for (const auto& span : covered) {
        if (span.to < at) continue;
        if (span.from > from.to) break;
        if (span.from > at) out.push_back({at, span.from});
        at = std::max(at, span.to);
    }
    if (at < from.to) out.push_back({at, from.to});
    return out;
}

std::vector<Span> joined(std::vector<Span> spans) {
    std::ranges::sort(spans, {}, &Span::from);
    std::vector<Span> out;
    for (const auto& span : spans) {
        if (!out.empty() && span.from <= out.back().to)
            out.back().to = std::max(out.back().to, span.to);
        else
            out.push_back(span);
    }
    return out;
}

}  // namespace assay::accompaniment
