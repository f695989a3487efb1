#include "verifier/judge/appraisal/facts/boot/secure_boot_facts.h"

#include <algorithm>
#include <functional>

#include <catch2/catch.hpp>

#include "tests/support/builders/secure_boot_builder.h"
#include "tests/support/machine/value.h"

// What is kept of a boot's Secure Boot: of logs that are held against the values that a TPM would have.
using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

/// The facts of what the log says after `change`, against the TPM that measured it before.
SecureBootSeen seen(const SecureBootLog& boot, const std::function<void(EventLogBuilder&)>& change = {}) {
    auto log = boot.log();
    const auto values = log.tpm_values(HashAlgorithm::sha256);
    if (change) change(log);
    const auto bytes = log.bytes();
    return secure_boot_seen(
        tcg::ReplayedEventLog::against(tcg::parse_event_log(bytes).value(), HashAlgorithm::sha256, values));
}

const Bytes& windows() {
    static const auto der = boot_certificate("Windows Maker CA");
    return der;
}
const Bytes& others() {
    static const auto der = boot_certificate("Other Makers CA");
    return der;
}

SecureBootLog honest() {
    return {.enabled = true,
            .db = {windows(), others()},
            .kek = {boot_certificate("Key Exchange CA")},
            .revoked = {Bytes(32, std::byte{1}), Bytes(32, std::byte{2})},
            .loaded = {{.path = "\\EFI\\debian\\shimx64.efi", .authority = others()},
                       {.path = "\\EFI\\debian\\grubx64.efi",
                        .authority = boot_certificate("Debian CA"),
                        .variable = "Shim"}}};
}

}  // namespace

TEST_CASE("an honest boot tells certificates, revocations, what was loaded and what let it in") {
    const auto [facts, revoked] = seen(honest());
    CHECK(facts.known == BootKnown::quoted);
    CHECK(facts.why.empty());
    CHECK(facts.enabled == true);
    CHECK(facts.db.measured);
    CHECK(facts.db.whole);
    REQUIRE(facts.db.certificates == std::vector{sha256(windows()), sha256(others())});
    const auto* certificate = facts.certificate(sha256(windows()));
    REQUIRE(certificate != nullptr);
    CHECK(certificate->subject == "CN=Windows Maker CA");
    CHECK(certificate->issuer == "CN=Windows Maker CA");
    CHECK(certificate->not_after == 2'000'000'000);
    CHECK(facts.kek.certificates.size() == 1);
    CHECK(facts.dbx_measured);
    CHECK(facts.dbx_entries == 2);
    CHECK(revoked.images.size() == 2);
    CHECK(facts.dbx == sha256(encode_revoked_entries(revoked)));
    REQUIRE(facts.authorities.size() == 2);
    CHECK(facts.authorities_whole);
    CHECK(facts.authorities[0] == BootAuthority{"db", "certificate", sha256(others())});
    CHECK(facts.authorities[1].variable == "Shim");
    REQUIRE(facts.images.size() == 2);
    CHECK(facts.images[0].what == "\\\\EFI\\\\debian\\\\shimx64.efi");
    CHECK(facts.images[0].authority == 0U);
    CHECK(facts.images[1].authority == 1U);
    CHECK(facts.images[0].digest == to_bytes(sha256(as_view("\\EFI\\debian\\shimx64.efi")).view()));
    CHECK(facts.applications_whole);
    CHECK(facts.drivers_whole);
}

TEST_CASE("facts and revoked entries are the same after being written and read") {
    const auto [facts, revoked] = seen(honest());
    CHECK(decode_secure_boot_facts(encode_secure_boot_facts(facts)).value() == facts);
    CHECK(decode_revoked_entries(encode_revoked_entries(revoked)).value() == revoked);
    CHECK_FALSE(decode_secure_boot_facts(to_bytes("no facts")));
}

TEST_CASE("a log that does not replay to the quoted PCR 7 tells nothing at all") {
    const auto [facts, revoked] = seen(honest(), [](EventLogBuilder& log) {
        log.find(7, tcg::EV_EFI_VARIABLE_AUTHORITY).measured = to_bytes("another entry");
    });
    CHECK(facts.known == BootKnown::not_vouched);
    CHECK(facts.why == "PCR 7: expected a boot event log that replays to its quoted value, got: differs");
    CHECK_FALSE(facts.enabled);
    CHECK_FALSE(facts.db.measured);
    CHECK(facts.certificates.empty());
    CHECK(facts.authorities.empty());
    CHECK(facts.images.empty());
    CHECK(revoked == RevokedEntries{});
}

TEST_CASE(
    "an authority whose data was exchanged under its digest is not read, and its absence is not hidden") {
    const auto facts = seen(honest(), [](EventLogBuilder& log) {
                           auto& event = log.find(7, tcg::EV_EFI_VARIABLE_AUTHORITY);
                           event.data = SecureBootLog::authority_event({.path = "", .authority = windows()});
                       }).facts;
    CHECK(facts.known == BootKnown::quoted);
    CHECK_FALSE(facts.authorities_whole);
    CHECK(std::ranges::none_of(facts.authorities,
                               [](const auto& each) { return each.sha256 == sha256(windows()); }));
}

TEST_CASE("an authority under another type is one all the same, for the type is nobody's word") {
    const auto facts = seen(honest(), [](EventLogBuilder& log) {
                           log.find(7, tcg::EV_EFI_VARIABLE_AUTHORITY).type =
                               tcg::EV_EFI_VARIABLE_DRIVER_CONFIG;
                       }).facts;
    REQUIRE(facts.authorities.size() == 2);
    CHECK(facts.authorities[0].sha256 == sha256(others()));
}

TEST_CASE("an image under another type is an image all the same") {
    for (const auto type : {tcg::EV_EFI_ACTION, tcg::EV_EFI_GPT_EVENT, tcg::EV_EFI_VARIABLE_BOOT}) {
        const auto facts = seen(honest(), [&](EventLogBuilder& log) {
                               log.find(4, tcg::EV_EFI_BOOT_SERVICES_APPLICATION).type = type;
                           }).facts;
        CHECK(facts.images.size() == 2);
    }
}

TEST_CASE("without a separator in PCR 7 the authorities are not all that there are") {
    auto boot = honest();
    boot.with_separator = false;
    CHECK_FALSE(seen(boot).facts.authorities_whole);
}

TEST_CASE("a log without authority events has none, and says nothing of what let an image in") {
    auto boot = honest();
    for (auto& image : boot.loaded) image.authority.clear();
    const auto facts = seen(boot).facts;
    CHECK(facts.authorities.empty());
    REQUIRE(facts.images.size() == 2);
    CHECK_FALSE(facts.images[0].authority);
}

TEST_CASE("what is let in by an authority that was named before is told only where it can be but one") {
    auto boot = honest();
    boot.loaded = {{.path = "a.efi", .authority = others()}, {.path = "b.efi", .authority = {}}};
    CHECK(seen(boot).facts.images.at(1).authority == 0U);
    boot.loaded = {{.path = "a.efi", .authority = others()},
                   {.path = "b.efi", .authority = windows()},
                   {.path = "c.efi", .authority = {}}};
    CHECK_FALSE(seen(boot).facts.images.at(2).authority);
}

TEST_CASE("an image that its hash let in is told by that hash") {
    auto boot = honest();
    const auto hash = sha256(as_view("a.efi"));
    boot.loaded = {{.path = "a.efi", .authority = to_bytes(hash.view())}};
    CHECK(seen(boot).facts.authorities.at(0) == BootAuthority{"db", "image", hash});
}

TEST_CASE("names with control characters are kept escaped and short") {
    auto boot = honest();
    boot.db = {boot_certificate("CA\x1b[31m\nred" + std::string(50, 'x'))};
    boot.loaded = {{.path = "\x1b]0;title\x07" + std::string(300, 'p'), .authority = boot.db.front()}};
    const auto facts = seen(boot).facts;
    const auto& subject = facts.certificates.at(0).subject;
    const auto& what = facts.images.at(0).what;
    for (const auto& text : {facts.certificates.back().subject, subject, what}) {
        CHECK(text.size() <= secure_boot_bounds::kText + 3);
        CHECK(std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
    }
    CHECK(decode_secure_boot_facts(encode_secure_boot_facts(facts)).value() == facts);
}

TEST_CASE("of a db with 1,000 certificates 64 are kept, and it is not called whole") {
    auto boot = honest();
    auto der = windows();
    boot.db.clear();
    for (int i = 0; i < 1000; ++i) {
        der.back() = static_cast<std::byte>(i);
        der.at(der.size() - 2) = static_cast<std::byte>(i >> 8);
        boot.db.push_back(der);
    }
    const auto facts = seen(boot).facts;
    CHECK(facts.db.certificates.size() == secure_boot_bounds::kCertificates);
    CHECK_FALSE(facts.db.whole);
    CHECK(facts.kek.whole);
    CHECK(encode_secure_boot_facts(facts).size() < 64U << 10U);
    CHECK(decode_secure_boot_facts(encode_secure_boot_facts(facts)).value() == facts);
}

TEST_CASE("of a dbx with 20,000 entries the number is told, and it is not called whole") {
    auto boot = honest();
    boot.revoked.clear();
    for (int i = 0; i < 20'000; ++i)
        boot.revoked.push_back(to_bytes(sha256(as_view(std::to_string(i))).view()));
    const auto [facts, revoked] = seen(boot);
    CHECK(facts.dbx_entries == 20'000);
    CHECK(revoked.images.size() == secure_boot_bounds::kRevoked);
    CHECK_FALSE(revoked.whole);
    CHECK(std::ranges::is_sorted(revoked.images));
    CHECK(decode_revoked_entries(encode_revoked_entries(revoked)).value() == revoked);
}

TEST_CASE("of 1,000 images 512 are kept, and they are not called whole") {
    auto boot = honest();
    for (int i = 0; i < 1000; ++i)
        boot.loaded.push_back({.path = std::to_string(i) + ".efi", .authority = {}});
    const auto facts = seen(boot).facts;
    CHECK(facts.images.size() == secure_boot_bounds::kImages);
    CHECK_FALSE(facts.applications_whole);
}

TEST_CASE("a db that is measured twice is not whole: which of both holds is not known") {
    auto boot = honest();
    auto log = boot.log();
    auto& db = *std::ranges::find_if(log.events, [&](const BuiltEvent& event) {
        return event.pcr == 7 && event.data.size() > windows().size() + others().size();
    });
    log.events.insert(log.events.begin() + (&db - log.events.data()), BuiltEvent(db));
    const auto values = log.tpm_values(HashAlgorithm::sha256);
    const auto bytes = log.bytes();
    const auto facts = secure_boot_seen(tcg::ReplayedEventLog::against(tcg::parse_event_log(bytes).value(),
                                                                       HashAlgorithm::sha256, values))
                           .facts;
    CHECK(facts.db.measured);
    CHECK_FALSE(facts.db.whole);
}
