#include "verifier/service/shared/unproven.h"

#include <algorithm>
#include <array>
#include <set>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/text.h"
#include "verifier/judge/appraisal/checks/check.h"

namespace assay::api {
namespace {

using Ipv6 = std::array<unsigned char, sizeof(in6_addr)>;

/// An address as it is counted: written anew, so that no text of a client becomes a key.
std::string source_line(std::string_view source) {
    if (source.ends_with("/64")) source.remove_suffix(3);
    const std::string text(source.substr(0, INET6_ADDRSTRLEN));
    std::array<char, INET6_ADDRSTRLEN> out{};
    in_addr v4{};
    if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return inet_ntop(AF_INET, &v4, out.data(), out.size());
    Ipv6 v6{};
    if (inet_pton(AF_INET6, text.c_str(), v6.data()) != 1) return store::kOtherSources;
    constexpr Ipv6 kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // RFC 4291, 2.5.5.2
    constexpr std::size_t kPrefix = 12;
    if (std::equal(v6.begin(), v6.begin() + kPrefix, kMapped.begin()))
        return inet_ntop(AF_INET, &v6[kPrefix], out.data(), out.size());
    std::fill(v6.begin() + 8, v6.end(), 0);
    return std::string(inet_ntop(AF_INET6, v6.data(), out.data(), out.size())) + "/64";
}

}  // namespace

void UnprovenCounter::add(const Key& key, const Count& count) {
    auto found = pending_.find(key);
    if (found == pending_.end() && pending_.size() >= kMostPending) {
        // Sprayed from many addresses, or over many hosts: what was not seen since the last write is counted
        // on the few lines that are always there.
        found = pending_.find({"", store::kOtherSources, std::get<2>(key)});
        if (found == pending_.end()) {
            pending_.emplace(Key{"", store::kOtherSources, std::get<2>(key)}, count);
            return;
        }
    }
    if (found == pending_.end()) {
        pending_.emplace(key, count);
        return;
    }
    auto& there = found->second;
    there.times += count.times;
    there.first_at = std::min(there.first_at, count.first_at);
    there.last_at = std::max(there.last_at, count.last_at);
}

void UnprovenCounter::count(std::string_view host, bool is_known, std::string_view source,
                            judge::Unproven reason, std::int64_t now) {
    metrics_.evidence_unproven(reason);
    Key key{is_known ? std::string(host) : std::string(), source_line(source), reason};
    const std::lock_guard lock(mutex_);
    add(key, {1, now, now});
}

Result<> UnprovenCounter::flush(std::int64_t now) {
    const std::lock_guard writing(writing_);
    Counts taken;
    {
        const std::lock_guard lock(mutex_);
        taken.swap(pending_);
    }
    if (taken.empty()) return {};
    std::vector<store::UnprovenRow> rows;
    rows.reserve(taken.size());
    for (const auto& [key, count] : taken) {
        const auto& [host, source, reason] = key;
        rows.push_back(
            {host, source, std::string(to_string(reason)), count.times, count.first_at, count.last_at});
    }
    auto written = store::Unproven(store_).add(rows, now);
    if (written) return {};
    const std::lock_guard lock(mutex_);
    for (const auto& [key, count] : taken) add(key, count);
    return written;
}

std::vector<store::UnprovenRow> UnprovenCounter::pending(std::string_view host) const {
    const std::lock_guard lock(mutex_);
    std::vector<store::UnprovenRow> rows;
    for (auto at = pending_.lower_bound({std::string(host), "", judge::Unproven::malformed});
         at != pending_.end() && std::get<0>(at->first) == host; ++at) {
        const auto& [name, source, reason] = at->first;
        rows.push_back({name, source, std::string(to_string(reason)), at->second.times, at->second.first_at,
                        at->second.last_at});
    }
    return rows;
}

bool speaks_for_host(const store::UnprovenRow& row) {
    return !row.host.empty() && (row.reason == to_string(judge::Unproven::signature) ||
                                 row.reason == to_string(judge::Unproven::binding));
}

Result<std::vector<std::string>> unproven_of(store::Store& store, const UnprovenCounter& counter,
                                             const store::Host& host, std::int64_t now) {
    const auto& known = host.known;
    const auto since =
        std::max({now - kUnprovenLately_s, known.enrolled_at, known.replaced ? known.replaced->at : 0});
    std::set<std::string> reasons;
    const auto take = [&](const std::vector<store::UnprovenRow>& rows) {
        for (const auto& row : rows) {
            if (row.last_at >= since && speaks_for_host(row)) reasons.insert(row.reason);
        }
    };
    if (!host.none.unproven) take(TRY(store::Unproven(store).list({.host = known.name, .since = since})));
    take(counter.pending(known.name));
    return std::vector<std::string>(reasons.begin(), reasons.end());
}

std::optional<Finding> unproven_finding(const std::vector<store::UnprovenRow>& rows) {
    std::int64_t times = 0;
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::set<std::string> sources;
    std::set<std::string> reasons;
    for (const auto& row : rows) {
        if (!speaks_for_host(row)) continue;
        first = times == 0 ? row.first_at : std::min(first, row.first_at);
        last = std::max(last, row.last_at);
        times += row.times;
        sources.insert(row.source);
        reasons.insert(row.reason);
    }
    if (times == 0) return std::nullopt;
    std::vector<Finding> findings;
    judge::Judge(findings).report(
        judge::findings::host_unproven_evidence, Tier::warning, Basis::self_reported,
        {.subject = "attestation",
         .expected = "no evidence in this host's name that its TPM did not sign",
         .actual = fmt::format("{} times between {} and {}, from {}: {} wrong", times, utc_text(first),
                               utc_text(last), fmt::join(sources, ", "), fmt::join(reasons, " and ")),
         .evidence = "the verifier's counts"});
    return findings.front();
}

}  // namespace assay::api
