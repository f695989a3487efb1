#include "verifier/judge/changes/boot_news.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/text.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/boot/boot_difference.h"
#include "verifier/judge/appraisal/steps/open_evidence.h"

namespace assay::judge {
namespace {

constexpr std::uint32_t kIma = 10;
constexpr std::size_t kMarkDigits = 32;
constexpr std::size_t kWords = 1000;  // of the 1024 that a change's text may have
// Secure Boot's state and keys, and shim's: TCG PC Client Platform Firmware Profile 3.3.4, shim's README.tpm.
constexpr std::array<std::uint32_t, 2> kOfKeys{7, 14};

bool has_events(const BootChain& chain, std::uint32_t pcr) {
    return std::ranges::find(chain.measurements, pcr, &BootMeasurement::pcr) != chain.measurements.end();
}

bool is_explained(const BootChain& chain, std::uint32_t pcr) {
    const auto& value = chain.values.at(pcr);
    if (!value || std::ranges::find(chain.unexplained, pcr) != chain.unexplained.end()) return false;
    return has_events(chain, pcr) || value->is_filled_with(std::byte{0}) ||
           value->is_filled_with(std::byte{0xff});
}

BootChain only(BootChain chain, const std::set<std::uint32_t>& pcrs) {
    std::erase_if(chain.measurements, [&](const auto& each) { return !pcrs.contains(each.pcr); });
    return chain;
}

Bytes digest_over(const std::set<Digest>& digests) {
    if (digests.empty()) return {};
    Hasher hasher(HashAlgorithm::sha256);
    for (const auto& each : digests) hasher.update(each.view());
    return to_bytes(hasher.finish().view());
}

SeenChange change_of(const BootDifference& difference, const ChangeSpan& when) {
    SeenChange out;
    std::set<std::uint32_t> pcrs;
    std::set<Digest> before;
    std::set<Digest> after;
    for (const auto& pair : difference.shown_by) {
        if (pair.before != nullptr) before.insert(pair.before->digest);
        if (pair.after != nullptr && after.insert(pair.after->digest).second)
            out.measured.push_back({pair.after->pcr, pair.after->digest});
        pcrs.insert((pair.after != nullptr ? pair.after : pair.before)->pcr);
    }
    const bool of_keys = std::ranges::any_of(kOfKeys, [&](auto pcr) { return pcrs.contains(pcr); });
    out.told = {.kind = of_keys ? ChangeKind::keys : ChangeKind::boot,
                .id = of_keys ? "boot.keys_changed" : "boot.changed",
                .subject = of_keys ? "Secure Boot" : "boot",
                .expected = "as attested before",
                .actual = difference.words,
                .where = fmt::format("PCR {}; {}", fmt::join(pcrs, ", "), when.text()),
                .before = digest_over(before),
                .after = digest_over(after),
                .planned = {}};
    out.pcrs.assign(pcrs.begin(), pcrs.end());
    return out;
}

SeenChange other_bank(const BootChain& before, const BootChain& after, const ChangeSpan& when) {
    const auto named = [](HashAlgorithm bank) { return to_bytes(sha256(as_view(to_string(bank))).view()); };
    return {.told = {.kind = ChangeKind::boot,
                     .id = "boot.changed",
                     .subject = "boot",
                     .expected = fmt::format("quoted in {}", to_string(before.bank)),
                     .actual = fmt::format("quoted in {}", to_string(after.bank)),
                     .where = when.text(),
                     .before = named(before.bank),
                     .after = named(after.bank),
                     .planned = {}}};
}

}  // namespace

UncomparedPcrs uncompared_pcrs(const std::set<std::uint32_t>& unlogged) {
    auto out = unlogged;
    out.insert(kIma);
    return out;
}

BootNews boot_news(const BootChain& before, const BootChain& after, const UncomparedPcrs& uncompared,
                   const ChangeSpan& when) {
    BootNews out;
    if (before.bank != after.bank) {
        out.changes.push_back(other_bank(before, after, when));
        return out;
    }
    std::set<std::uint32_t> compared;
    std::set<std::uint32_t> left_out;
    for (std::uint32_t pcr = 0; pcr < tcg::kPcrCount; ++pcr) {
        if (uncompared.contains(pcr)) continue;
        const bool any = has_events(before, pcr) || has_events(after, pcr);
        if (is_explained(before, pcr) && is_explained(after, pcr)) {
            if (any) compared.insert(pcr);
        } else if (any) {
            left_out.insert(pcr);
        }
    }
    if (compared.empty()) {
        out.not_compared = left_out.empty()
                               ? "no PCR has events: nothing of this boot was compared"
                               : fmt::format("PCRs {} do not replay: nothing of this boot was compared",
                                             fmt::join(left_out, ", "));
        return out;
    }
    const auto was = only(before, compared);
    const auto is = only(after, compared);
    // What the same measurements show is one change, in however many words.
    std::map<std::pair<Bytes, Bytes>, std::size_t> places;
    for (const auto& difference : boot_difference(was, is)) {
        auto change = change_of(difference, when);
        const auto [place, first] =
            places.try_emplace({change.told.before, change.told.after}, out.changes.size());
        if (first) {
            out.changes.push_back(std::move(change));
        } else {
            out.changes[place->second].told.actual += "; " + change.told.actual;
        }
    }
    for (auto& change : out.changes) change.told.actual = shortened(change.told.actual, kWords);
    out.changes = bounded(std::move(out.changes));
    return out;
}

bool is_whole(const BootChain& boot, const BootChain* before, const UncomparedPcrs& uncompared) {
    if (boot.measurements.empty()) return false;
    for (const auto pcr : boot.unexplained) {
        if (!uncompared.contains(pcr)) return false;
    }
    for (std::uint32_t pcr = 0; before != nullptr && pcr < tcg::kPcrCount; ++pcr) {
        if (boot.values.at(pcr) && has_events(*before, pcr) && !uncompared.contains(pcr) &&
            !is_explained(boot, pcr))
            return false;
    }
    return true;
}

std::string boot_mark(const OpenedEvidence& opened, const UncomparedPcrs& uncompared) {
    const auto& logs = opened.logs();
    const auto& manifest = opened.authentication().manifest;
    const auto* entry = manifest ? manifest->find(section::kBootEventLog) : nullptr;
    if (logs.basis != Basis::quoted || !logs.boot || entry == nullptr) return {};
    Hasher hasher(HashAlgorithm::sha256);
    hasher.update(to_string(logs.bank)).update(entry->digest.view());
    for (const auto& comparison : logs.boot->comparisons()) {
        const auto pcr = comparison.pcr;
        if (comparison.events == 0 || uncompared.contains(pcr)) continue;
        const auto& value = logs.values.at(pcr);
        hasher.update(fmt::format(" {}:{}", pcr, value ? value->hex() : "-"));
    }
    return hasher.finish().hex().substr(0, kMarkDigits);
}

}  // namespace assay::judge
