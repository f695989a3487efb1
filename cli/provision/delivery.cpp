#include "cli/provision/delivery.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/core.h>

#include "client/command_line/result_text.h"
#include "evidence/base/text.h"

namespace assay::cli {
namespace {

constexpr auto kNothingCounts = std::numeric_limits<std::int64_t>::max();

/// Keeps the newer of two under a name.
template <typename Seen>
void keep_newest(std::map<std::string, Seen>& kept, const std::string& name, const Seen& seen,
                 std::int64_t Seen::* at) {
    if (name.empty()) return;
    const auto [place, added] = kept.try_emplace(name, seen);
    if (!added && place->second.*at < seen.*at) place->second = seen;
}

template <typename Seen>
const Seen* find(const std::map<std::string, Seen>& kept, const std::string& name) {
    const auto found = kept.find(name);
    return found == kept.end() ? nullptr : &found->second;
}

std::vector<Finding> against(const AttestationResult& result) {
    auto findings = command_line::by_severity(result.findings);
    std::erase_if(findings, [](const Finding& each) { return each.tier == Tier::affirming; });
    return findings;
}

std::string in_short(const Finding& finding) {
    auto text = finding.id + ": " + finding.subject;
    if (!finding.actual.empty()) text += ": " + finding.actual;
    return kept_printable(text);
}

}  // namespace

std::string_view to_string(Stage stage) {
    switch (stage) {
        case Stage::expected:
            return "expected";
        case Stage::refused:
            return "refused";
        case Stage::enrolled:
            return "enrolled";
        case Stage::attested:
            return "attested";
    }
    return "";
}

bool DeliveryRow::reads_as(const DeliveryRow& other) const {
    return stage == other.stage && verdict == other.verdict && reason == other.reason;
}

Delivery::Delivery(std::vector<PurchasedHost> list) : since_(kNothingCounts) {
    for (auto& bought : list) {
        listed_.insert(bought.host);
        auto& row = rows_.emplace_back();
        row.bought = std::move(bought);
    }
}

Result<Delivery> Delivery::of(std::vector<PurchasedHost> list) {
    if (list.empty())
        return fail(ErrorCode::usage,
                    "the purchase list names no server, and of none nothing can be affirmed");
    return Delivery(std::move(list));
}

void Delivery::count_from(std::int64_t since) {
    since_ = since;
    for (auto& row : rows_) row.since = since;
    judge();
}

void Delivery::hear(Answers answers) {
    is_current_ = true;
    hosts_.clear();
    tpms_.clear();
    strangers_.clear();
    for (auto& each : answers.hosts) {
        if (!each.ek_digest.empty()) ++tpms_[each.ek_digest];
        if (listed_.contains(each.host)) {
            once_enrolled_.insert(each.host);
            hosts_.emplace(each.host, std::move(each));
        } else if (each.enrolled_at >= since_) {
            strangers_.push_back(kept_printable(each.host));
        }
    }
    std::ranges::sort(strangers_);
    refusals_.clear();
    for (const auto& each : answers.refusals) {
        keep_newest(refusals_, each.host, each, &RefusalSeen::last_at);
        keep_newest(refusals_, each.asked_name, each, &RefusalSeen::last_at);
    }
    unproven_.clear();
    for (const auto& each : answers.unproven) keep_newest(unproven_, each.host, each, &UnprovenSeen::last_at);
    if (answers.papers) {
        has_papers_ = true;
        registered_.clear();
        exchanges_.clear();
        for (auto& each : answers.papers->registered)
            if (listed_.contains(each.host)) registered_.emplace(each.host, std::move(each));
        for (const auto& each : answers.papers->exchanges)
            if (each.done_at != 0) keep_newest(exchanges_, each.host, each, &ExchangeSeen::done_at);
    }
    judge();
}

void Delivery::hear(std::vector<ResultSeen> results) {
    for (auto& each : results) {
        const auto host = each.result.host;
        if (listed_.contains(host)) results_.insert_or_assign(host, std::move(each));
    }
    judge();
}

bool Delivery::counts(const HostSeen& seen) const {
    return !seen.result_id.empty() && seen.appraised_at >= since_;
}

// A host that goes on as it is has a new result with each report; the one that was read stands for it.
bool Delivery::is_read(const HostSeen& seen) const {
    const auto* read = find(results_, seen.host);
    if (read == nullptr || read->result.appraised_at < since_) return false;
    return read->result.tier == seen.tier || read->result.appraised_at > seen.appraised_at;
}

std::vector<std::string> Delivery::wanted(std::size_t most) const {
    std::vector<std::string> out;
    for (const auto& row : rows_) {
        if (out.size() == most) break;
        const auto* seen = find(hosts_, row.bought.host);
        if (seen != nullptr && counts(*seen) && !is_read(*seen)) out.push_back(row.bought.host);
    }
    return out;
}

bool Delivery::wants_papers() const {
    return !has_papers_ || std::ranges::any_of(rows_, [&](const DeliveryRow& row) {
        const auto* line = find(registered_, row.bought.host);
        return line == nullptr || line->tpm_digest != row.bought.tpm_digest;
    });
}

/// Why the TPM that attested may be another one than that of the list; empty: it is that one. The verifier
/// lets in under a registered name no other TPM than the registered one, and registers none beside one that
/// is enrolled; an order of exchange stands above it.
std::string Delivery::doubt(const DeliveryRow& row, const HostSeen& seen) const {
    if (const auto same = tpms_.find(seen.ek_digest); same != tpms_.end() && same->second > 1)
        return fmt::format("another host has the same TPM (EK {}): one TPM is one host", seen.ek_digest);
    if (row.bought.tpm_digest == seen.ek_digest) return "";
    const auto* line = find(registered_, seen.host);
    if (line == nullptr)
        return "the verifier does not have this line of the list, so any TPM may have enrolled: assay hosts "
               "register --purchase FILE";
    if (line->tpm_digest != row.bought.tpm_digest)
        return fmt::format(
            "the verifier has another TPM for it than this list ({}...): see assay hosts "
            "registered, and register the list that is right",
            line->tpm_digest.substr(0, 16));
    const auto* exchange = find(exchanges_, seen.host);
    if (exchange != nullptr && exchange->done_at >= line->registered_at)
        return fmt::format(
            "its TPM is not that of the list: it was exchanged at {} ({}); register the new "
            "one's digest",
            utc_text(exchange->done_at), exchange->reason);
    return "";
}

void Delivery::judge_refused(DeliveryRow& row) const {
    const auto* refusal = find(refusals_, row.bought.host);
    if (refusal != nullptr && refusal->last_at >= since_) {
        row.stage = Stage::refused;
        row.since = refusal->last_at;
        row.reason = kept_printable(refusal->id + ": " + refusal->actual);
    } else if (once_enrolled_.contains(row.bought.host)) {
        row.reason = "it was enrolled, and the verifier has it no more";
    }
}

void Delivery::judge_enrolled(DeliveryRow& row, const HostSeen& seen) const {
    row.stage = Stage::enrolled;
    row.since = seen.enrolled_at;
    const auto* unproven = find(unproven_, seen.host);
    if (counts(seen))
        row.reason = "its result is being read";
    else if (unproven != nullptr && unproven->last_at >= since_)
        row.reason =
            kept_printable(fmt::format("evidence came in its name that its TPM did not prove ({}, {} times)",
                                       unproven->reason, unproven->times));
    else if (!seen.result_id.empty())
        row.reason =
            fmt::format("its verdict of {} is from before this watch and does not count: let it attest again",
                        utc_text(seen.appraised_at));
    else
        row.reason = "it has not attested yet";
}

void Delivery::judge_attested(DeliveryRow& row, const HostSeen& seen) const {
    const auto& [id, result] = results_.at(seen.host);
    row.stage = Stage::attested;
    row.since = row.appraised_at = result.appraised_at;
    row.result_id = id;
    if (const auto policy = result.inputs.find("policy"); policy != result.inputs.end())
        row.policy = policy->second;
    row.policy_choice = result.policy_choice.value_or("");
    row.findings = against(result);
    row.reason = kept_printable(doubt(row, seen));
    row.verdict = row.reason.empty() ? result.tier : Tier::none;
    if (!row.reason.empty()) return;
    const auto* refusal = find(refusals_, seen.host);
    if (!row.findings.empty())
        row.reason = in_short(row.findings.front());
    else if (refusal != nullptr && refusal->last_at >= std::max(since_, seen.enrolled_at))
        row.reason = kept_printable("somebody else was refused its name or TPM: " + refusal->id);
    else if (seen.silent)
        row.reason = "silent since";
}

DeliveryRow Delivery::judged(const DeliveryRow& before) const {
    DeliveryRow row;
    row.bought = before.bought;
    row.since = since_;
    if (const auto* seen = find(hosts_, row.bought.host); seen == nullptr)
        judge_refused(row);
    else if (counts(*seen) && is_read(*seen))
        judge_attested(row, *seen);
    else
        judge_enrolled(row, *seen);
    if (row.stage == before.stage && row.verdict == before.verdict) row.since = before.since;
    return row;
}

void Delivery::judge() {
    for (auto& row : rows_) row = judged(row);
}

bool Delivery::finished() const {
    return is_current_ && !rows_.empty() &&
           std::ranges::all_of(rows_, [](const DeliveryRow& row) { return row.verdict.has_value(); });
}

Tier Delivery::tier() const {
    auto tier = is_current_ && !rows_.empty() ? Tier::affirming : Tier::none;
    for (const auto& row : rows_) tier = worst(tier, row.verdict.value_or(Tier::none));
    return tier;
}

}  // namespace assay::cli
