#include "agent/collectors/collectors.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"

namespace assay::agent {

void GapLog::add(std::string_view section, std::string_view source, const Error& error) {
    const auto text = [](std::string_view raw) { return shortened(printable(raw), limits::kText); };
    add({std::string(section), text(source), std::string(to_string(error.code)), text(error.context)});
}

void GapLog::add(const Gap& gap) {
    auto count = std::ranges::find(counts_, gap.section, &Count::section);
    if (count == counts_.end()) count = counts_.insert(count, {gap.section, 0, 0});
    if (count->kept == kPerSection) {
        ++count->dropped;
        return;
    }
    ++count->kept;
    gaps_.push_back(gap);
}

std::vector<Gap> GapLog::gaps() const {
    auto all = gaps_;
    for (const auto& count : counts_) {
        if (count.dropped == 0) continue;
        all.push_back({count.section, "(others)", std::string(to_string(ErrorCode::limit)),
                       fmt::format("{} more gaps are not listed one by one", count.dropped)});
    }
    return all;
}

std::span<const Collector> collectors() {
    static constexpr std::array kCollectors{
#define COLLECTOR(name, section) Collector{section, collect_##name},
#include "agent/collectors/collectors.inc"
#undef COLLECTOR
    };
    return kCollectors;
}

}  // namespace assay::agent
