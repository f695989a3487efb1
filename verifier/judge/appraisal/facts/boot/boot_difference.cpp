#include "verifier/judge/appraisal/facts/boot/boot_difference.h"

#include <algorithm>
#include <cstddef>
#include <map>

#include "evidence/base/stable_sort.h"

namespace assay::judge {
namespace {

using Row = std::vector<const BootMeasurement*>;

constexpr std::size_t kLongest = 4096;  // of the parts that differ: the table below has their product

std::map<std::uint32_t, Row> by_pcr(const BootChain& chain) {
    std::map<std::uint32_t, Row> out;
    for (const auto& each : chain.measurements) out[each.pcr].push_back(&each);
    return out;
}

bool same(const BootMeasurement* a, const BootMeasurement* b) {
    return a->digest == b->digest;
}

/// Those that are not in a longest common subsequence.
std::pair<Row, Row> without_common(const Row& a, const Row& b) {
    auto first_a = a.begin();
    auto first_b = b.begin();
    auto last_a = a.end();
    auto last_b = b.end();
    while (first_a != last_a && first_b != last_b && same(*first_a, *first_b)) ++first_a, ++first_b;
    while (first_a != last_a && first_b != last_b && same(*(last_a - 1), *(last_b - 1))) --last_a, --last_b;
    Row left_a(first_a, last_a);
    Row left_b(first_b, last_b);
    if (left_a.size() > kLongest || left_b.size() > kLongest) return {left_a, left_b};
    const auto width = left_b.size() + 1;
    std::vector<std::uint16_t> length((left_a.size() + 1) * width);  // of the rest from here on
    for (auto i = left_a.size(); i-- > 0;) {
        for (auto j = left_b.size(); j-- > 0;) {
            const auto at = i * width + j;
            length[at] = same(left_a[i], left_b[j]) ? static_cast<std::uint16_t>(length[at + width + 1] + 1)
                                                    : std::max(length[at + width], length[at + 1]);
        }
    }
    Row only_a;
    Row only_b;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < left_a.size() || j < left_b.size()) {
        if (i < left_a.size() && j < left_b.size() && same(left_a[i], left_b[j])) {
            ++i, ++j;
        } else if (j == left_b.size() ||
                   (i < left_a.size() && length[(i + 1) * width + j] >= length[i * width + j + 1])) {
            only_a.push_back(left_a[i++]);
        } else {
            only_b.push_back(left_b[j++]);
        }
    }
    return {only_a, only_b};
}

/// Takes what is alike out of both rows.
template <typename Alike>
void pair_up(Row& before, Row& after, std::vector<BootPair>& pairs, Alike alike) {
    for (auto& a : before) {
        const auto found = std::ranges::find_if(after, [&](const auto* b) { return b && alike(*a, *b); });
        if (found == after.end()) continue;
        pairs.push_back({a, *found});
        *found = nullptr;
        a = nullptr;
    }
    std::erase(before, nullptr);
    std::erase(after, nullptr);
}

std::vector<BootPair> differing(const Row& a, const Row& b) {
    auto [before, after] = without_common(a, b);
    std::vector<BootPair> pairs;
    pair_up(before, after, pairs, [](const auto& x, const auto& y) { return x.digest == y.digest; });
    pair_up(before, after, pairs, [](const auto& x, const auto& y) { return x.what == y.what; });
    pair_up(before, after, pairs,
            [](const auto& x, const auto& y) { return likeness_of(x) == likeness_of(y); });
    for (const auto* each : before) pairs.push_back({each, nullptr});
    for (const auto* each : after) pairs.push_back({nullptr, each});
    const auto place = [](const BootPair& pair) {
        return pair.after != nullptr ? pair.after->event : pair.before->event;
    };
    sort_stably(pairs, {}, place);
    return pairs;
}

bool has_events(const BootChain& chain, std::uint32_t pcr) {
    return std::ranges::find(chain.measurements, pcr, &BootMeasurement::pcr) != chain.measurements.end();
}

// A value that no event explains is not compared: nobody knows what it is of.
bool is_explained(const BootChain& chain, std::uint32_t pcr) {
    if (has_events(chain, pcr)) return true;  // those of a PCR that does not replay are not in the chain
    const auto& value = chain.values.at(pcr);
    return value && (value->is_filled_with(std::byte{0}) || value->is_filled_with(std::byte{0xff})) &&
           std::ranges::find(chain.unexplained, pcr) == chain.unexplained.end();
}

}  // namespace

ComparedPcrs compared_pcrs(const BootChain& before, const BootChain& after) {
    ComparedPcrs out;
    for (const auto* chain : {&before, &after}) {
        out.left_out.insert(chain->unexplained.begin(), chain->unexplained.end());
        for (const auto& each : chain->measurements) out.left_out.insert(each.pcr);
    }
    std::erase_if(out.left_out, [&](std::uint32_t pcr) {
        const bool both = is_explained(before, pcr) && is_explained(after, pcr);
        if (both) out.compared.insert(pcr);
        return both;
    });
    return out;
}

std::vector<BootDifference> boot_difference(const BootChain& before, const BootChain& after) {
    auto rows_before = by_pcr(before);
    auto rows_after = by_pcr(after);
    for (const auto& [pcr, row] : rows_after) rows_before[pcr];  // every PCR of either
    std::vector<BootDifference> out;
    for (const auto& [pcr, row] : rows_before) {
        for (const auto& pair : differing(row, rows_after[pcr])) {
            for (auto& words : words_of(pair)) {
                auto told = std::ranges::find(out, words, &BootDifference::words);
                if (told == out.end()) told = out.insert(out.end(), {std::move(words), {}});
                told->shown_by.push_back(pair);
            }
        }
    }
    return out;
}

}  // namespace assay::judge
