#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/provision/delivery.h"
#include "evidence/base/digest.h"

/// Deliveries for tests, and what a verifier answers of them.
namespace assay::cli::deliveries {

inline constexpr std::int64_t kStart = 1'795'344'145;  // 2026-11-22 10:42:25Z

inline bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// The digest of its EK's certificate, say: not that of the EK as Assay names it.
inline std::string bought_digest(const std::string& host) {
    return sha256(as_view("bought " + host)).hex();
}

inline PurchasedHost line_of(const std::string& host, std::size_t line) {
    return {.line = line,
            .host = host,
            .site = "fra1",
            .rack = "r12",
            .unit = "7",
            .tpm_digest = bought_digest(host),
            .chassis_serial = ""};
}

/// A list of these hosts, watched from kStart on.
inline Delivery watched(const std::vector<std::string>& hosts) {
    std::vector<PurchasedHost> list;
    for (const auto& host : hosts) list.push_back(line_of(host, list.size() + 2));
    auto delivery = Delivery::of(list).value();
    delivery.count_from(kStart);
    return delivery;
}

inline HostSeen enrolled(const std::string& host) {
    return {.host = host,
            .ek_digest = sha256(as_view("EK " + host)).hex(),
            .result_id = "",
            .tier = Tier::none,
            .enrolled_at = kStart + 1,
            .appraised_at = 0,
            .silent = false};
}

inline ResultSeen result_of(const std::string& host, Tier tier, std::int64_t at = kStart + 2) {
    ResultSeen out;
    out.result.host = host;
    out.result.tier = tier;
    out.result.appraised_at = at;
    out.result.inputs = {{"policy", std::string(64, 'b')}};
    out.id = attestation_result_id(out.result);
    return out;
}

inline HostSeen attested(const std::string& host, Tier tier, std::int64_t at = kStart + 2) {
    auto seen = enrolled(host);
    seen.tier = tier;
    seen.appraised_at = at;
    seen.result_id = result_of(host, tier, at).id;
    return seen;
}

inline Finding finding(const std::string& id, Tier tier) {
    return {.id = id,
            .tier = tier,
            .basis = Basis::bound,
            .subject = "system",
            .expected = "an approved maker",
            .actual = "Langchao",
            .evidence = "smbios: handle 0x0100",
            .remedy = "Ask."};
}

/// Of these hosts, each registered with the TPM that was bought.
inline Answers look(const std::vector<HostSeen>& hosts) {
    Answers out;
    out.hosts = hosts;
    out.papers = Papers{};
    for (const auto& host : hosts)
        out.papers->registered.push_back({host.host, bought_digest(host.host), kStart - 100});
    return out;
}

/// A look, and the results that it asks for.
inline void hear(Delivery& delivery, const Answers& answers) {
    delivery.hear(answers);
    std::vector<ResultSeen> results;
    for (const auto& host : delivery.wanted(1000))
        for (const auto& seen : answers.hosts)
            if (seen.host == host) results.push_back(result_of(host, seen.tier, seen.appraised_at));
    delivery.hear(std::move(results));
}

}  // namespace assay::cli::deliveries
