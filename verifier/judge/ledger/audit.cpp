#include "verifier/judge/ledger/audit.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/rfc3339.h"
#include "evidence/base/text.h"

namespace assay::judge {
namespace {

constexpr std::int64_t kSecond_ms = 1000;

Digest digest_of(std::string_view hex) {
    return Digest::from_bytes(HashAlgorithm::sha256, from_hex(hex, hex.size()).value_or(Bytes()))
        .value_or(empty_chain());
}

std::string of_result(std::string_view host, std::int64_t revision) {
    return fmt::format("{}: result {}", printable(host), revision);
}

}  // namespace

Json to_json(const Contradiction& contradiction) {
    Json out{{"what", contradiction.what}, {"at", nullptr}};
    if (contradiction.at_ms != 0) out["at"] = rfc3339_text_of_ms(contradiction.at_ms);
    return out;
}

std::optional<Contradiction> ChainWalk::next(const ChainedAct& act, std::string_view head) {
    const auto expected = head_after(head_.head, entry_of(act)).hex();
    const auto number = head_.number + 1;
    const auto before_ms = std::exchange(at_ms_, act.at_ms);
    head_ = {act.number, digest_of(head)};
    if (act.number != number)
        return Contradiction{fmt::format("act {} is missing: act {} follows", number, act.number), act.at_ms};
    if (act.at_ms < before_ms)
        return Contradiction{
            fmt::format("act {}: expected a time at or after that of act {}, got {} before it", number,
                        number - 1, utc_text(act.at_ms / kSecond_ms)),
            act.at_ms};
    if (head != expected)
        return Contradiction{
            fmt::format("act {}: expected head {}, got {}: it, or an act before it, was changed", number,
                        expected, printable(head)),
            act.at_ms};
    return std::nullopt;
}

std::vector<Contradiction> result_contradictions(std::string_view host, const std::vector<ResultLink>& links,
                                                 const std::vector<NamedResult>& named, std::int64_t newest) {
    std::vector<Contradiction> out;
    std::set<std::string_view> ids;
    for (const auto& link : links) ids.insert(link.id);
    const ResultLink* before = nullptr;
    for (const auto& link : links) {
        const auto at_ms = link.appraised_at * kSecond_ms;
        if (!link.previous.empty() && (before == nullptr || before->id != link.previous))
            out.push_back(
                {fmt::format("{} is {}: result {} of {} names it", of_result(host, link.revision - 1),
                             ids.contains(link.previous) ? "another" : "missing", link.revision,
                             utc_text(link.appraised_at)),
                 at_ms});
        before = &link;
    }
    for (const auto& each : named) {
        if (!ids.contains(each.id))
            out.push_back({fmt::format("{}: result {} is missing: act {} of {} names it", printable(host),
                                       each.id, each.act, utc_text(each.at_ms / kSecond_ms)),
                           each.at_ms});
    }
    if (before != nullptr && before->revision > newest)
        out.push_back({fmt::format("{}: expected at least revision {}, as its newest result has, got {}",
                                   printable(host), before->revision, newest),
                       before->appraised_at * kSecond_ms});
    return out;
}

std::optional<Contradiction> row_contradiction(const ActedRow& row) {
    if (row.stands == row.acted) return std::nullopt;
    const auto what = printable(row.what);
    if (row.acted.empty()) return Contradiction{fmt::format("{}: no act says so", what), 0};
    return Contradiction{
        fmt::format("{}: expected what act {} of {} says, got {}", what, row.act,
                    utc_text(row.at_ms / kSecond_ms), row.stands.empty() ? "nothing" : "something else"),
        row.at_ms};
}

}  // namespace assay::judge
