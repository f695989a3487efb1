// Real boot event logs, each held against the values that a TPM has which measured what it says.
#include <algorithm>
#include <iostream>
#include <map>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "tests/support/machine/corpus.h"
#include "tests/support/machine/skip.h"
#include "verifier/judge/appraisal/facts/boot/known_certificates.h"
#include "verifier/judge/appraisal/facts/boot/secure_boot_rollover.h"

using namespace assay;
using namespace assay::judge;

namespace {

struct RealBoot {
    std::string name;
    SecureBootSeen seen;
};

std::vector<RealBoot> real_boots() {
    std::vector<RealBoot> out;
    for (const auto& entry : corpus::manifests("eventlog")) {
        if (!std::filesystem::is_regular_file(entry.path)) continue;
        const auto bytes = corpus::read(entry.path);
        auto log = tcg::parse_event_log(bytes);
        if (!log || log->is_ccel() || !log->has_bank(HashAlgorithm::sha256)) continue;
        const auto values = tcg::replay(*log, HashAlgorithm::sha256).extended_values();
        out.push_back({entry.path.filename().string(), secure_boot_seen(tcg::ReplayedEventLog::against(
                                                           *std::move(log), HashAlgorithm::sha256, values))});
    }
    std::ranges::sort(out, {}, &RealBoot::name);
    return out;
}

bool names(const std::string& text, std::string_view common_name) {
    return text.starts_with(fmt::format("CN={},", common_name));
}

}  // namespace

TEST_CASE(
    "real logs tell Microsoft's certificates by their digests, with the names and issuers of the table") {
    if (!corpus::present("eventlog")) ASSAY_SKIP("no corpus of event logs");
    std::map<std::string_view, int> hosts;
    for (const auto& [name, seen] : real_boots()) {
        INFO(name);
        for (const auto& certificate : seen.facts.certificates) {
            const auto* known = known_certificate(certificate.sha256);
            const bool called_so = std::ranges::any_of(known_certificates(), [&](const auto& each) {
                return names(certificate.subject, each.name);
            });
            CHECK(called_so == (known != nullptr));
            if (known == nullptr) continue;
            ++hosts[known->name];
            CHECK(names(certificate.subject, known->name));
            CHECK(names(certificate.issuer, known->issuer));
            if (known->year == 2011) {
                CHECK(certificate.not_after > 1'780'000'000);  // all end between June and October 2026
                CHECK(certificate.not_after < 1'793'000'000);
            }
        }
    }
    for (const auto& [name, count] : hosts) std::cout << fmt::format("{:>4} {}\n", count, name);
    for (const auto* name : {"Microsoft Corporation KEK CA 2011", "Microsoft Windows Production PCA 2011",
                             "Microsoft Corporation UEFI CA 2011"})
        CHECK(hosts[name] >= 30);
}

TEST_CASE("real logs give facts that are kept in few bytes, and a revocation is answered for each of them") {
    if (!corpus::present("eventlog")) ASSAY_SKIP("no corpus of event logs");
    const auto uefi_ca = known_certificate_named("microsoft corporation uefi ca 2011");
    REQUIRE(uefi_ca != nullptr);
    const Revocation revocation{
        .sha256 = Digest::from_bytes(HashAlgorithm::sha256, from_hex(uefi_ca->sha256, 32).value()).value(),
        .certificate = true,
        .issuer = std::string(uefi_ca->issuer)};
    std::map<std::string_view, int> outcomes;
    std::map<std::string, int> whys;
    int on = 0;
    const auto boots = real_boots();
    for (const auto& [name, seen] : boots) {
        INFO(name);
        const auto& facts = seen.facts;
        CHECK(decode_secure_boot_facts(encode_secure_boot_facts(facts)).value() == facts);
        CHECK(decode_revoked_entries(encode_revoked_entries(seen.revoked)).value() == seen.revoked);
        CHECK(encode_secure_boot_facts(facts).size() < 16U << 10U);
        const auto outcome = after_revocation(facts, &seen.revoked, revocation);
        ++outcomes[to_string(outcome.outcome)];
        if (outcome.outcome == AfterRevocation::unknown) ++whys[outcome.why];
        if (facts.enabled != true) continue;
        ++on;
        const bool let_in = std::ranges::find(facts.authorities, revocation.sha256, &BootAuthority::sha256) !=
                            facts.authorities.end();
        CHECK(let_in == (outcome.outcome == AfterRevocation::stops));
        if (facts.authorities.empty()) CHECK(outcome.outcome == AfterRevocation::unknown);
    }
    std::cout << fmt::format("{} logs, Secure Boot on in {}\n", boots.size(), on);
    for (const auto& [outcome, count] : outcomes) std::cout << fmt::format("{:>4} {}\n", count, outcome);
    for (const auto& [why, count] : whys) std::cout << fmt::format("{:>4} {}\n", count, why);
    CHECK(outcomes["stops"] > 0);
    CHECK(outcomes["unknown"] > 0);
}
