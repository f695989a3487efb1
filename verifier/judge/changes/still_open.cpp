#include "verifier/judge/changes/still_open.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "verifier/judge/changes/part_news.h"

namespace assay::judge {
namespace {

/// As boot_news wrote them: "PCR 8, 9; between ...".
std::vector<std::uint32_t> pcrs_of(std::string_view where) {
    constexpr std::string_view kBegin = "PCR ";
    std::vector<std::uint32_t> out;
    if (!where.starts_with(kBegin)) return out;
    where.remove_prefix(kBegin.size());
    while (true) {
        std::uint32_t pcr = 0;
        const auto [end, error] = std::from_chars(where.data(), where.data() + where.size(), pcr);
        if (error != std::errc() || pcr >= tcg::kPcrCount) return {};
        out.push_back(pcr);
        where.remove_prefix(static_cast<std::size_t>(end - where.data()));
        if (!where.starts_with(", ")) return out;
        where.remove_prefix(2);
    }
}

}  // namespace

void add_expected_by_now(const KnownHost& known, const Expectations& all, HostNews& news) {
    auto by = all;
    by.orders.clear();  // an order that came after what it would allow clears nothing
    for (const auto& matter : known.open.value_or(std::vector<OpenMatter>())) {
        if (!matter.change || matter.change->after.empty() || matter.change->kind == ChangeKind::watch)
            continue;
        const auto& [kind, before, after] = *matter.change;
        SeenChange change{.told = {.kind = kind,
                                   .id = matter.id,
                                   .subject = matter.subject,
                                   .expected = matter.expected,
                                   .actual = matter.actual,
                                   .where = matter.where,
                                   .before = before,
                                   .after = after,
                                   .planned = {}}};
        if (kind == ChangeKind::boot || kind == ChangeKind::keys) change.pcrs = pcrs_of(matter.where);
        if (kind == ChangeKind::part || kind == ChangeKind::firmware) {
            const auto found = std::ranges::find(by.parts, after, part_digest);
            if (found == by.parts.end()) continue;
            change.after = *found;
        }
        change.told.planned = expected_by(change, by);
        if (change.told.planned.empty()) continue;
        news.planned.push_back(after);
        news.changes.push_back(std::move(change.told));
    }
}

}  // namespace assay::judge
