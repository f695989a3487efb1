#include "verifier/judge/appraisal/facts/boot/secure_boot_rollover.h"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "evidence/base/hex.h"
#include "verifier/judge/appraisal/facts/boot/known_certificates.h"

// Where a host stands between 2011 and 2023, and what a revocation would stop on it.
using namespace assay;
using namespace assay::judge;

namespace {

Digest digest_of(std::string_view name) {
    const auto* known = known_certificate_named(name);
    return known == nullptr
               ? sha256(as_view(name))
               : Digest::from_bytes(HashAlgorithm::sha256, from_hex(known->sha256, 32).value()).value();
}

constexpr std::string_view kPca2011 = "Microsoft Windows Production PCA 2011";
constexpr std::string_view kUefiCa2011 = "Microsoft Corporation UEFI CA 2011";
constexpr std::string_view kKek2011 = "Microsoft Corporation KEK CA 2011";
constexpr std::string_view kWindows2023 = "Windows UEFI CA 2023";

BootCertificate certificate(std::string_view name) {
    const auto* known = known_certificate_named(name);
    return {.sha256 = digest_of(name),
            .subject = "CN=" + std::string(name) + ",O=Microsoft Corporation",
            .issuer = known == nullptr ? "CN=Somebody" : "CN=" + std::string(known->issuer) + ",O=Microsoft"};
}

/// Booted Windows, under Secure Boot, with the certificates of 2011.
SecureBootFacts host() {
    SecureBootFacts out;
    out.known = BootKnown::quoted;
    out.enabled = true;
    out.db = {.measured = true, .certificates = {digest_of(kPca2011), digest_of(kUefiCa2011)}};
    out.kek = {.measured = true, .certificates = {digest_of(kKek2011)}};
    out.certificates = {certificate(kPca2011), certificate(kUefiCa2011), certificate(kKek2011)};
    std::ranges::sort(out.certificates, {}, &BootCertificate::sha256);
    out.authorities = {{"db", "certificate", digest_of(kPca2011)}};
    out.authorities_whole = out.applications_whole = out.drivers_whole = true;
    out.images = {{.pcr = 4,
                   .digest = to_bytes(sha256(as_view("bootmgfw")).view()),
                   .what = "\\EFI\\Microsoft\\Boot\\bootmgfw.efi",
                   .authority = 0}};
    return out;
}

Revocation revocation_of(std::string_view name) {
    const auto* known = known_certificate_named(name);
    return {.sha256 = digest_of(name),
            .certificate = true,
            .issuer = known == nullptr ? std::string() : std::string(known->issuer)};
}

AfterRevocation outcome(const SecureBootFacts& facts, const Revocation& revocation) {
    return after_revocation(facts, nullptr, revocation).outcome;
}

}  // namespace

TEST_CASE(
    "the table has seven certificates, each with a digest of its own, and what replaces what is in it") {
    std::set<std::string_view> digests;
    for (const auto& each : known_certificates()) {
        INFO(each.name);
        CHECK(digests.insert(each.sha256).second);
        CHECK(known_certificate(digest_of(each.name)) == &each);
        CHECK((each.year == 2023) == !each.replaces.empty());
        if (each.replaces.empty()) continue;
        const auto* old = known_certificate_named(each.replaces);
        REQUIRE(old != nullptr);
        CHECK(old->variable == each.variable);
    }
    CHECK(digests.size() == 7);
    CHECK(known_certificate_named("WINDOWS uefi ca 2023") != nullptr);
    CHECK(known_certificate_named("Windows UEFI CA 2024") == nullptr);
}

TEST_CASE("a host with certificates of 2011 alone is told, and which of 2023 it lacks") {
    auto facts = host();
    CHECK(key_years(facts, facts.db) == KeyYears::only_2011);
    CHECK(key_years(facts, facts.kek) == KeyYears::only_2011);
    CHECK(missing_successors(facts).size() == 4);
    facts.db.certificates.push_back(digest_of(kWindows2023));
    CHECK(key_years(facts, facts.db) == KeyYears::both);
    CHECK(missing_successors(facts).size() == 3);
    facts.db.certificates = {digest_of(kWindows2023)};
    CHECK(key_years(facts, facts.db) == KeyYears::only_2023);
    facts.db.certificates = {digest_of("an owner's own")};
    CHECK(key_years(facts, facts.db) == KeyYears::neither);
}

TEST_CASE("a certificate that only calls itself Microsoft's is none of 2023") {
    auto facts = host();
    auto forged = certificate(kWindows2023);
    forged.sha256 = sha256(as_view("forged"));
    facts.db.certificates.push_back(forged.sha256);
    facts.certificates.push_back(forged);
    CHECK(key_years(facts, facts.db) == KeyYears::only_2011);
}

TEST_CASE("what was not measured, not read whole or not quoted is unknown, and lacks nothing by name") {
    auto facts = host();
    SECTION("not measured") {
        facts.db.measured = facts.kek.measured = false;
    }
    SECTION("not whole") {
        facts.db.whole = facts.kek.whole = false;
    }
    SECTION("not vouched for") {
        facts.known = BootKnown::not_vouched;
    }
    SECTION("no log") {
        facts.known = BootKnown::no_log;
    }
    CHECK(key_years(facts, facts.db) == KeyYears::unknown);
    CHECK(key_years(facts, facts.kek) == KeyYears::unknown);
    CHECK(missing_successors(facts).empty());
}

TEST_CASE("who booted by a certificate stops when it is revoked, and is told what was let in by it") {
    const auto after = after_revocation(host(), nullptr, revocation_of(kPca2011));
    CHECK(after.outcome == AfterRevocation::stops);
    REQUIRE(after.loaded.size() == 1);
    CHECK(after.loaded.front().starts_with("\\EFI\\Microsoft\\Boot\\bootmgfw.efi (PCR 4, "));
}

TEST_CASE("who booted by another certificate is not named, with the limit of that") {
    const auto after = after_revocation(host(), nullptr, revocation_of(kUefiCa2011));
    CHECK(after.outcome == AfterRevocation::not_named);
    CHECK(after.why.find("second signature") != std::string::npos);
}

TEST_CASE("with Secure Boot off nothing is refused, and where that is not known nothing is said") {
    auto facts = host();
    facts.enabled = false;
    CHECK(outcome(facts, revocation_of(kPca2011)) == AfterRevocation::not_enforced);
    facts.enabled.reset();
    CHECK(outcome(facts, revocation_of(kPca2011)) == AfterRevocation::unknown);
}

TEST_CASE("unknown is never called safe") {
    auto facts = host();
    const auto* revoked = &kUefiCa2011;  // which an honest and whole log does not name
    SECTION("the log is not vouched for") {
        facts.known = BootKnown::not_vouched;
    }
    SECTION("there is no log") {
        facts.known = BootKnown::no_log;
    }
    SECTION("the log names no authority") {
        facts.authorities.clear();
    }
    SECTION("an event of PCR 7 cannot be read") {
        facts.authorities_whole = false;
    }
    SECTION("a certificate that let an image in cannot be read") {
        for (auto& each : facts.certificates) {
            if (each.sha256 == digest_of(kPca2011)) each.subject.clear();
        }
    }
    SECTION("an image was let in by what issued the revoked one") {
        facts.certificates = {certificate("Microsoft Corporation Third Party Marketplace Root")};
        facts.authorities = {{"db", "certificate", facts.certificates.front().sha256}};
    }
    CHECK(outcome(facts, revocation_of(*revoked)) == AfterRevocation::unknown);
}

TEST_CASE("an issuer is told by its whole name, not by the beginning of one") {
    auto facts = host();
    facts.certificates = {certificate("Microsoft Corporation Third Party Marketplace Root 2")};
    facts.authorities = {{"db", "certificate", facts.certificates.front().sha256}};
    CHECK(outcome(facts, revocation_of(kUefiCa2011)) == AfterRevocation::not_named);
}

TEST_CASE("a revoked image stops who loaded it, and nobody else whose images are all known") {
    auto facts = host();
    const Revocation loaded{.sha256 = sha256(as_view("bootmgfw")), .certificate = false, .issuer = {}};
    const Revocation other{.sha256 = sha256(as_view("another")), .certificate = false, .issuer = {}};
    CHECK(outcome(facts, loaded) == AfterRevocation::stops);
    CHECK(outcome(facts, other) == AfterRevocation::not_named);
    SECTION("a log without authority events tells images all the same") {
        facts.authorities.clear();
        CHECK(outcome(facts, loaded) == AfterRevocation::stops);
        CHECK(outcome(facts, other) == AfterRevocation::not_named);
    }
    SECTION("PCR 4 does not replay") {
        facts.applications_whole = false;
        CHECK(outcome(facts, other) == AfterRevocation::unknown);
    }
    SECTION("PCR 2 does not replay") {
        facts.drivers_whole = false;
        CHECK(outcome(facts, other) == AfterRevocation::unknown);
    }
    SECTION("the bank is another than that of dbx") {
        facts.bank = "sha384";
        CHECK(outcome(facts, loaded) == AfterRevocation::unknown);
        CHECK(outcome(facts, other) == AfterRevocation::unknown);
    }
    SECTION("no image at all is no answer") {
        facts.images.clear();
        CHECK(outcome(facts, other) == AfterRevocation::unknown);
    }
    SECTION("let in by its hash, in a bank that does not have it") {
        facts.bank = "sha384";
        facts.authorities = {{"db", "image", loaded.sha256}};
        CHECK(outcome(facts, loaded) == AfterRevocation::stops);
    }
}

TEST_CASE("what dbx had already when the host booted by it is not called stopped") {
    RevokedEntries revoked;
    revoked.certificates = {digest_of(kPca2011)};
    const auto after = after_revocation(host(), &revoked, revocation_of(kPca2011));
    CHECK(after.outcome == AfterRevocation::unknown);
    CHECK(after.why.find("dbx had it already") != std::string::npos);
}
