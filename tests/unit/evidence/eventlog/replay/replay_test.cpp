#include "evidence/eventlog/replay/replay.h"

#include <algorithm>
#include <functional>

#include <catch2/catch.hpp>

#include "evidence/eventlog/replay/event_log_facts.h"
#include "tests/support/builders/event_log_builder.h"

namespace {

using namespace assay;
using namespace assay::tcg;
using assay::test::EventLogBuilder;
using namespace std::string_view_literals;

constexpr auto kBank = HashAlgorithm::sha256;

// The log with the values that a TPM holds after the *honest* boot. Owns the bytes that the log borrows.
struct Held {
    Bytes bytes;
    ReplayedEventLog log;
};

Held held(const EventLogBuilder& written, const QuotedBank& quoted) {
    auto bytes = written.bytes();
    auto parsed = parse_event_log(bytes);
    REQUIRE(parsed);
    return {std::move(bytes), ReplayedEventLog::against(std::move(*parsed), kBank, quoted)};
}

Held honest(const EventLogBuilder& log, std::uint8_t locality = 3) {
    return held(log, log.tpm_values(kBank, locality));
}

// The typical boot, quoted; `spoil` edits the log afterwards.
Held spoiled(const std::function<void(EventLogBuilder&)>& spoil) {
    auto log = EventLogBuilder::typical();
    const auto quoted = log.tpm_values(kBank);
    spoil(log);
    return held(log, quoted);
}

const ParsedEvent& event_of(const Held& held, std::uint32_t pcr, std::uint32_t type) {
    const auto events = held.log.log().unverified_events();
    const auto found = std::ranges::find_if(
        events, [&](const auto& e) { return e.pcr == pcr && e.unverified_type == type; });
    REQUIRE(found != events.end());
    return *found;
}

bool has_problem(const Held& held, ReplayProblem problem) {
    return std::ranges::any_of(held.log.problems(), [&](const auto& seen) { return seen.id == problem; });
}

}  // namespace

TEST_CASE("an honest log replays to what the TPM holds, in every bank") {
    const auto log = EventLogBuilder::typical();
    const auto bytes = log.bytes();
    const auto parsed = parse_event_log(bytes);
    REQUIRE(parsed);
    const auto replayed = replay(*parsed);
    CHECK(replayed.startup_locality == 3);
    CHECK(replayed.problems.empty());
    REQUIRE(replayed.banks.size() == 2);
    for (const auto& bank : replayed.banks) {
        const auto truth = log.tpm_values(bank.bank);
        for (std::uint32_t pcr = 0; pcr < kPcrCount; ++pcr) CHECK(bank.pcrs.at(pcr).value == truth.at(pcr));
    }
    CHECK(replayed.bank(HashAlgorithm::sha384) == nullptr);
    CHECK(replayed.extended_values().find(kBank, 9) == nullptr);
}

TEST_CASE("PCRs with events match, PCRs without events are untouched") {
    const auto boot = honest(EventLogBuilder::typical());
    CHECK(boot.log.comparison(7).agreement == PcrAgreement::match);
    CHECK(boot.log.comparison(7).events == 6);
    CHECK(boot.log.comparison(9).agreement == PcrAgreement::untouched);
    CHECK(boot.log.comparison(17).agreement == PcrAgreement::untouched);
}

TEST_CASE("data edited with its digest kept replays, and is never handed out as verified") {
    const auto boot =
        spoiled([](auto& log) { log.find(7, EV_EFI_VARIABLE_DRIVER_CONFIG).data.back() = std::byte{0}; });
    const auto& event = event_of(boot, 7, EV_EFI_VARIABLE_DRIVER_CONFIG);
    CHECK(boot.log.is_verified(event));
    CHECK(boot.log.coverage(event).coverage == DataCoverage::mismatch);
    CHECK_FALSE(boot.log.verified_data(event));
    CHECK_FALSE(secure_boot_state(boot.log).enabled);
}

TEST_CASE("a changed digest makes its PCR differ, and nothing of that PCR is verified") {
    const auto boot = spoiled([](auto& log) { log.find(7, EV_SEPARATOR).measured = to_bytes("other"sv); });
    CHECK(boot.log.comparison(7).agreement == PcrAgreement::differs);
    CHECK(boot.log.comparison(4).agreement == PcrAgreement::match);
    for (const auto& event : boot.log.log().unverified_events()) {
        if (event.pcr != 7) continue;
        CHECK_FALSE(boot.log.is_verified(event));
        CHECK_FALSE(boot.log.verified_data(event));
    }
}

TEST_CASE(
    "the verified events are those of the PCRs that replay, in the log's order, with what the TPM vouches "
    "for") {
    const auto boot = spoiled([](auto& log) { log.find(7, EV_SEPARATOR).measured = to_bytes("other"sv); });
    std::vector<std::uint32_t> expected, all, of_pcr_4;
    for (const auto& event : boot.log.log().unverified_events()) {
        if (boot.log.is_verified(event)) expected.push_back(event.index);
    }
    for (const auto& [event, digest, data] : boot.log.verified()) {
        CHECK(event.pcr != 7);
        CHECK(digest == *event.digest_in(kBank));
        CHECK(data.has_value() == boot.log.verified_data(event).has_value());
        all.push_back(event.index);
    }
    CHECK_FALSE(all.empty());
    CHECK(all == expected);
    for (const auto& each : boot.log.verified(4)) {
        CHECK(each.event.pcr == 4);
        CHECK(each.data.has_value() == boot.log.verified_data(each.event).has_value());
        of_pcr_4.push_back(each.event.index);
    }
    CHECK(of_pcr_4.size() == boot.log.comparison(4).events);
    CHECK(std::ranges::distance(boot.log.verified(7)) == 0);
}

TEST_CASE("a log that drops all events of a PCR is told from a PCR at its reset value") {
    const auto boot =
        spoiled([](auto& log) { std::erase_if(log.events, [](const auto& e) { return e.pcr == 8; }); });
    CHECK(boot.log.comparison(8).agreement == PcrAgreement::unlogged);
    CHECK(boot.log.comparison(8).events == 0);
}

TEST_CASE("what the quote did not select stays unverified, whatever the log says") {
    const auto log = EventLogBuilder::typical();
    auto quoted = log.tpm_values(kBank);
    quoted[7].reset();
    const auto boot = held(log, quoted);
    CHECK(boot.log.comparison(7).agreement == PcrAgreement::not_quoted);
    CHECK_FALSE(boot.log.verified_data(event_of(boot, 7, EV_EFI_VARIABLE_DRIVER_CONFIG)));
}

TEST_CASE("a bank that the log does not have verifies nothing, not even at reset values") {
    const auto log = EventLogBuilder::typical();
    const auto bytes = log.sha1_bytes();
    auto parsed = parse_event_log(bytes);
    REQUIRE(parsed);
    const auto boot = ReplayedEventLog::against(std::move(*parsed), kBank, log.tpm_values(kBank));
    for (const auto& compared : boot.comparisons()) CHECK(compared.agreement == PcrAgreement::no_bank);
}

TEST_CASE("quoted values of another bank are not compared") {
    const auto log = EventLogBuilder::typical();
    const auto boot = held(log, log.tpm_values(HashAlgorithm::sha1));
    for (const auto& compared : boot.log.comparisons()) CHECK(compared.agreement == PcrAgreement::not_quoted);
}

TEST_CASE("the right digest under another PCR makes both PCRs differ") {
    const auto boot = spoiled([](auto& log) { log.find(8, EV_IPL).pcr = 14; });
    CHECK(boot.log.comparison(8).agreement == PcrAgreement::unlogged);
    CHECK(boot.log.comparison(14).agreement == PcrAgreement::differs);
}

TEST_CASE("an event passed off as EV_NO_ACTION extends nothing and is reported for its digest") {
    const auto boot = spoiled([](auto& log) { log.find(8, EV_IPL).type = EV_NO_ACTION; });
    CHECK(boot.log.comparison(8).agreement == PcrAgreement::unlogged);
    CHECK(has_problem(boot, ReplayProblem::no_action_digest_not_zero));
    CHECK_FALSE(boot.log.verified_data(event_of(boot, 8, EV_NO_ACTION)));
}

TEST_CASE("PCR 0 starts from the locality of the one StartupLocality event before its first extend") {
    for (const std::uint8_t locality : {std::uint8_t{0}, std::uint8_t{3}, std::uint8_t{4}}) {
        EventLogBuilder log;
        log.startup_locality(locality).add(0, EV_SEPARATOR, Bytes(4));
        const auto boot = honest(log, locality);
        CHECK(boot.log.comparison(0).agreement == PcrAgreement::match);
        CHECK(boot.log.problems().empty());
    }
}

TEST_CASE("a StartupLocality event that is twice, late, elsewhere or odd is reported and does not count") {
    struct Case {
        std::function<void(EventLogBuilder&)> spoil;
        ReplayProblem problem;
    };
    const std::vector<Case> cases{
        {[](auto& log) { log.startup_locality(3).startup_locality(4); },
         ReplayProblem::startup_locality_repeated},
        {[](auto& log) { log.startup_locality(3).add(0, EV_SEPARATOR, Bytes(4)).startup_locality(4); },
         ReplayProblem::startup_locality_late},
        {[](auto& log) { log.startup_locality(3).startup_locality(4, 1); },
         ReplayProblem::startup_locality_wrong_pcr},
        {[](auto& log) { log.startup_locality(2).startup_locality(3); },
         ReplayProblem::startup_locality_malformed},
        {[](auto& log) {
             log.startup_locality(4).events[0].data.push_back(std::byte{1});
             log.startup_locality(3);
         },
         ReplayProblem::startup_locality_malformed},
    };
    for (const auto& each : cases) {
        EventLogBuilder log;
        each.spoil(log);
        log.add(0, EV_POST_CODE, to_bytes("POST CODE"sv));
        const auto boot = honest(log, 3);
        CHECK(has_problem(boot, each.problem));
        CHECK(boot.log.startup_locality() == 3);
        CHECK(boot.log.comparison(0).agreement == PcrAgreement::match);
    }
}

TEST_CASE("an H-CRTM event alone says that PCR 0 began at 4; late or elsewhere it is reported") {
    EventLogBuilder log;
    log.add(0, EV_EFI_HCRTM_EVENT, to_bytes("HCRTM"sv), to_bytes("code"sv)).add(0, EV_SEPARATOR, Bytes(4));
    CHECK(honest(log, 4).log.comparison(0).agreement == PcrAgreement::match);
    std::swap(log.events[0], log.events[1]);
    const auto late = honest(log, 0);
    CHECK(late.log.comparison(0).agreement == PcrAgreement::match);
    CHECK(has_problem(late, ReplayProblem::hcrtm_event_late));
    log.events[1].pcr = 2;
    CHECK(has_problem(honest(log, 0), ReplayProblem::hcrtm_event_wrong_pcr));
}

TEST_CASE("PCRs 17 to 22 begin at zero once a dynamic launch has used them") {
    EventLogBuilder log;
    log.add(17, 0x402, to_bytes("SINIT"sv));
    auto quoted = log.tpm_values(kBank, 0);
    quoted[17] = extend(Digest::filled(kBank, std::byte{0}), sha256(as_view("SINIT")));
    const auto boot = held(log, quoted);
    CHECK(boot.log.comparison(17).agreement == PcrAgreement::match);
    CHECK(boot.log.comparison(18).agreement == PcrAgreement::untouched);
}

TEST_CASE("for a PCR that differs, the reading under which it would fit is named, and stays a hint") {
    SECTION("another startup locality") {
        const auto boot = spoiled([](auto& log) { log.events[0].data.back() = std::byte{0}; });
        CHECK(boot.log.comparison(0).hint == DifferenceHint::other_startup_locality);
        CHECK(boot.log.comparison(0).locality == 3);
    }
    SECTION("an event appended that the TPM has not seen") {
        const auto boot = spoiled([](auto& log) { log.add(8, EV_IPL, to_bytes("more"sv)); });
        CHECK(boot.log.comparison(8).hint == DifferenceHint::ends_after_event);
        CHECK(boot.log.comparison(8).event == event_of(boot, 8, EV_IPL).index);
    }
    SECTION("an event inserted") {
        const auto boot = spoiled([](auto& log) {
            log.events.insert(log.events.begin(),
                              {7, EV_IPL, to_bytes("in front"sv), to_bytes("in front"sv), false});
        });
        CHECK(boot.log.comparison(7).hint == DifferenceHint::one_event_too_many);
        CHECK(boot.log.comparison(7).event == 1);
    }
    SECTION("two events exchanged") {
        const auto boot = spoiled([](auto& log) {
            std::swap(log.events[log.events.size() - 1], log.events[log.events.size() - 2]);
        });
        CHECK(boot.log.comparison(5).hint == DifferenceHint::events_swapped);
    }
    SECTION("a separator is missing") {
        const auto boot = spoiled([](auto& log) {
            std::erase_if(log.events, [](const auto& e) { return e.pcr == 7 && e.type == EV_SEPARATOR; });
        });
        CHECK(boot.log.comparison(7).hint == DifferenceHint::one_event_missing);
        CHECK(boot.log.comparison(7).missing == "a separator");
        CHECK(boot.log.log().unverified_events()[boot.log.comparison(7).event].pcr == 7);
    }
    SECTION("an action is missing in the middle") {
        const auto boot = spoiled([](auto& log) {
            std::erase_if(log.events, [](const auto& e) { return e.pcr == 4 && e.type == EV_EFI_ACTION; });
        });
        CHECK(boot.log.comparison(4).hint == DifferenceHint::one_event_missing);
        CHECK(boot.log.comparison(4).missing == "Calling EFI Application from Boot Option");
        CHECK(boot.log.comparison(4).event == 0);
    }
    SECTION("one of two equal events is missing") {
        auto log = EventLogBuilder::typical();
        log.add(8, EV_IPL, to_bytes("other"sv)).events.push_back(log.find(8, EV_IPL));
        const auto quoted = log.tpm_values(kBank);
        log.events.pop_back();
        const auto boot = held(log, quoted);
        CHECK(boot.log.comparison(8).hint == DifferenceHint::one_event_missing);
        CHECK(boot.log.comparison(8).missing.empty());
        CHECK(boot.log.comparison(8).same_as == event_of(boot, 8, EV_IPL).index);
    }
    SECTION("nothing fits") {
        const auto boot = spoiled([](auto& log) { log.find(8, EV_IPL).measured = to_bytes("other"sv); });
        CHECK(boot.log.comparison(8).hint == DifferenceHint::none);
    }
}

TEST_CASE("a log of which most PCRs differ without a hint looks like that of another boot") {
    const auto edited = spoiled([](auto& log) { log.find(8, EV_IPL).measured = to_bytes("other"sv); });
    CHECK_FALSE(edited.log.looks_like_another_boot());
    CHECK_FALSE(honest(EventLogBuilder::typical()).log.looks_like_another_boot());
    const auto other = spoiled([](auto& log) {
        for (auto& event : log.events) {
            if (!event.zero_digest) event.measured.push_back(std::byte{'x'});
        }
    });
    CHECK(other.log.looks_like_another_boot());
}

TEST_CASE("a hostile log cannot make the search for a hint expensive") {
    EventLogBuilder log;
    for (int i = 0; i < 3000; ++i) log.add(5, EV_SEPARATOR, Bytes(4));
    auto quoted = log.tpm_values(kBank, 0);
    quoted[5] = sha256({});
    CHECK(held(log, quoted).log.comparison(5).hint == DifferenceHint::none);
}

TEST_CASE("Secure Boot is what the verified variable under PCR 7 says") {
    for (const bool on : {true, false}) {
        EventLogBuilder log;
        log.secure_boot(on).add(7, EV_SEPARATOR, Bytes(4));
        const auto state = secure_boot_state(honest(log, 0).log);
        CHECK(state.enabled == on);
        CHECK(state.event == 1U);
        CHECK(state.separators.size() == 1);
        CHECK(state.after_separator.empty());
    }
}

TEST_CASE("two SecureBoot variables that disagree leave the state unknown") {
    EventLogBuilder log;
    log.secure_boot(true).secure_boot(false).add(7, EV_SEPARATOR, Bytes(4));
    const auto state = secure_boot_state(honest(log, 0).log);
    CHECK_FALSE(state.enabled);
    CHECK(state.contradictory);
    CHECK(state.variable_events.size() == 2);
}

TEST_CASE("a SecureBoot variable after the separator, or under another PCR, does not count") {
    EventLogBuilder late;
    late.add(7, EV_SEPARATOR, Bytes(4)).secure_boot(true);
    const auto state = secure_boot_state(honest(late, 0).log);
    CHECK_FALSE(state.enabled);
    CHECK(state.after_separator == std::vector<std::uint32_t>{2});
    EventLogBuilder elsewhere;
    elsewhere.secure_boot(true).events[0].pcr = 8;
    CHECK(secure_boot_state(honest(elsewhere, 0).log).variable_events.empty());
}

TEST_CASE("only the name and GUID that the digest covers make a variable SecureBoot") {
    // The digest of VariableData alone covers no name: any variable of one byte 1 could be passed off as
    // SecureBoot.
    EventLogBuilder log;
    log.add(7, EV_EFI_VARIABLE_BOOT, test::efi_variable("SecureBoot", Bytes{std::byte{1}}),
            Bytes{std::byte{1}});
    const auto boot = honest(log, 0);
    CHECK(boot.log.coverage(boot.log.log().unverified_events()[1]).rule == CoverageRule::variable_data_only);
    const auto state = secure_boot_state(boot.log);
    CHECK_FALSE(state.enabled);
    CHECK(state.unverified.size() == 1);
}

TEST_CASE("the marks of a whole boot are found, and each missing one is told") {
    const auto whole = boot_milestones(honest(EventLogBuilder::typical()).log);
    CHECK(whole.pcrs_without_separator.empty());
    CHECK(whole.pcrs_with_repeated_separator.empty());
    CHECK(whole.ready_to_boot);
    CHECK(whole.exit_boot_services);
    CHECK(whole.exit_boot_services_succeeded == true);
    auto log = EventLogBuilder::typical();
    std::erase_if(log.events, [](const auto& e) { return e.pcr == 5; });
    log.add(2, EV_SEPARATOR, Bytes(4));
    log.add(3, EV_SEPARATOR, to_bytes("why"sv), ByteWriter().u32le(1).take());
    const auto broken = boot_milestones(honest(log).log);
    CHECK(broken.pcrs_without_separator == std::vector<std::uint32_t>{5});
    CHECK(broken.pcrs_with_repeated_separator == std::vector<std::uint32_t>{2});
    CHECK(broken.error_separators.size() == 1);
    CHECK_FALSE(broken.exit_boot_services);
    CHECK_FALSE(broken.exit_boot_services_succeeded);
}
