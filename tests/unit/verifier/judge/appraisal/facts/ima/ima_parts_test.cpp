#include <random>

#include <catch2/catch.hpp>

#include "evidence/base/limits.h"
#include "tests/support/appraisal/growing_ima_list.h"
#include "verifier/judge/appraisal/facts/ima/ima_progress.h"

// An IMA list in parts gives what the whole list gives: docs/adr/0010-ima-lists-come-in-parts.md.
using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

/// The result without the digests of what went in.
AttestationResult judged_parts(const AppraisalCase& made) {
    auto result = made.appraise().result;
    result.inputs.clear();
    return result;
}
std::optional<ImaState> state_after(const AppraisalCase& made) {
    return made.appraise().next.ima;
}

/// Files, and now and then what else a list has.
GrowingImaList random_list(std::mt19937& random, std::size_t entries) {
    GrowingImaList list;
    while (list.entries() < entries) {
        const auto number = std::to_string(list.entries());
        list.add([&](ImaBuilder& out) {
            switch (random() % 8) {
                case 0:
                    out.violation("/var/log/" + number);
                    break;
                case 1:
                    out.edited("/usr/bin/edited" + number);
                    break;
                case 2:
                    out.entry("ima-ng", ImaBuilder::digest_field(Bytes(32)), 11);
                    break;
                default:
                    out.file("/usr/bin/" + number, number);
            }
        });
    }
    return list;
}

}  // namespace

TEST_CASE("wherever an IMA list is divided, its report is that of the whole list") {
    std::mt19937 random(4711);
    for (int round = 0; round < 40; ++round) {
        const auto list = random_list(random, 1 + random() % 60);
        const auto within = [&](std::size_t least) {
            return std::uniform_int_distribution<std::size_t>(least, list.entries())(random);
        };
        std::optional<ImaState> known;
        std::size_t quoted = 0;
        for (int part = 0; part < 4; ++part) {
            quoted = within(quoted);
            const auto shown = within(quoted);
            INFO("round " << round << ": " << list.entries() << " entries, " << quoted << " quoted, " << shown
                          << " shown, known " << (known ? known->entries : 0));
            const auto whole = list.report(quoted, shown);
            const auto divided = list.report(quoted, shown, known);
            CHECK(encode_attestation_result(judged_parts(divided)) ==
                  encode_attestation_result(judged_parts(whole)));
            known = state_after(divided);
            REQUIRE(known);
            CHECK(known == state_after(whole));
        }
    }
}

TEST_CASE("an edited entry and a violation of an earlier part stay in every later report of the boot") {
    GrowingImaList list;
    list.add([](ImaBuilder& out) { out.edited("/usr/bin/edited"); });
    list.add([](ImaBuilder& out) { out.violation("/var/log/wtmp"); });
    const auto known = state_after(list.report(3, 3));
    list.add_files(3);
    const auto later = judged_parts(list.report(6, 6, known));
    CHECK(has_finding(later, "ima.edited"));
    CHECK(has_finding(later, "ima.violation"));
    CHECK(later.tier == Tier::contraindicated);
    // The twin.
    const auto plain = GrowingImaList(5);
    CHECK(judged_parts(plain.report(6, 6, state_after(plain.report(3, 3)))).tier == Tier::affirming);
}

TEST_CASE("of many violations the first are named one by one, and the others counted") {
    GrowingImaList list;
    constexpr std::size_t kMore = 9;
    for (std::size_t i = 0; i < limits::kImaNotes + kMore; ++i)
        list.add([i](ImaBuilder& out) { out.violation("/var/log/" + std::to_string(i)); });
    const auto result =
        judged_parts(list.report(list.entries(), list.entries(), state_after(list.report(5, 5))));
    const auto count = std::ranges::count(result.findings, "ima.violation", &Finding::id);
    CHECK(static_cast<std::size_t>(count) == limits::kImaNotes + 1);
    CHECK(std::ranges::any_of(result.findings,
                              [](const Finding& finding) { return finding.subject == "file and 9 more"; }));
}

TEST_CASE("a list of which PCR 10 has nothing is nobody's word, however long it is") {
    auto list = GrowingImaList(5);
    list.policy.ima.emplace().unlisted = Tier::affirming;
    const auto files = [](const AttestationResult& result) {
        return *std::ranges::find(result.checks, "measured_files_are_approved", &CheckOutcome::check);
    };
    const auto result = judged_parts(list.report(0, 6));
    CHECK(has_finding(result, "ima.not_extended"));
    CHECK_FALSE(has_finding(result, "ima.runs_ahead"));
    CHECK_FALSE(has_finding(result, "ima.boot_aggregate"));
    CHECK(files(result).tier == Tier::none);
    CHECK(files(result).required);
    CHECK(result.tier == Tier::none);
    // The twins: a list that runs ahead of its first entry, and no entry at all.
    const auto ahead = judged_parts(list.report(1, 6));
    CHECK(has_finding(ahead, "ima.runs_ahead"));
    CHECK_FALSE(has_finding(ahead, "ima.not_extended"));
    CHECK_FALSE(has_finding(judged_parts(list.report(0, 0)), "ima.not_extended"));
}

TEST_CASE(
    "where the quote covers no entry, no rule approves a file: of a whole list, of a part, of a violation") {
    auto list = GrowingImaList(3);
    list.add([](ImaBuilder& out) { out.violation("/var/log/x"); });
    auto& rules = list.policy.ima.emplace();
    rules.unlisted = Tier::affirming;
    for (const auto* content : {"0", "1", "2"}) rules.digests.push_back(sha256(as_view(content)));
    std::ranges::sort(rules.digests);
    const auto files = [](const AttestationResult& result) {
        return std::ranges::find(result.checks, "measured_files_are_approved", &CheckOutcome::check)->tier;
    };
    const auto first = list.report(0, 5);
    CHECK(files(judged_parts(first)) == Tier::none);
    CHECK_FALSE(has_finding(judged_parts(first), "ima.violation"));  // nobody's word either
    const auto known = state_after(first);
    REQUIRE(known);
    const auto part = judged_parts(list.report(0, 5, known));
    CHECK(files(part) == Tier::none);
    CHECK(has_finding(part, "ima.not_extended"));
    // The twins: covered, it is approved; and so is a part that is covered after one that was not.
    CHECK(files(judged_parts(list.report(5, 5))) == Tier::affirming);
    CHECK(files(judged_parts(list.report(5, 5, known))) == Tier::affirming);
}

TEST_CASE("a part that was cut, edited or left out differs, and the next list is wanted whole") {
    const auto list = GrowingImaList(8);
    const auto known = state_after(list.report(4, 4));
    REQUIRE(known);
    const auto with_part = [&](Bytes bytes) {
        return list.report_with(9, known, [&](GrowingImaList::Sections& sections) {
            sections[std::string(section::kImaLogPart)] = encode_ima_part_section(
                {start_of(*known).state, known->entries, known->offset, std::move(bytes)});
        });
    };
    auto edited = list.bytes(4, 9);
    edited.at(60) ^= std::byte{1};
    for (const auto& bytes : {list.bytes(4, 8), list.bytes(5, 9), edited, Bytes{}}) {
        const auto appraisal = with_part(bytes).appraise();
        CHECK(has_finding(appraisal.result, "ima.mismatch"));
        CHECK(appraisal.result.tier == Tier::contraindicated);
        CHECK(appraisal.next.authentic);
        CHECK_FALSE(appraisal.next.ima);
    }
    CHECK(judged_parts(with_part(list.bytes(4, 9))).tier == Tier::affirming);
}

TEST_CASE("a part that does not parse is refused with its place in the whole list") {
    const auto list = GrowingImaList(8);
    const auto known = state_after(list.report(4, 4));
    auto cut = list.bytes(4, 9);
    cut.pop_back();
    const auto result = judged_parts(list.report_with(9, known, [&](GrowingImaList::Sections& sections) {
        sections[std::string(section::kImaLogPart)] =
            encode_ima_part_section({start_of(*known).state, known->entries, known->offset, cut});
    }));
    const auto found = std::ranges::find(result.findings, "log.malformed", &Finding::id);
    REQUIRE(found != result.findings.end());
    CAPTURE(found->actual);
    CHECK(found->actual.find("entry 8") != std::string::npos);
    CHECK(result.tier == Tier::contraindicated);
}

TEST_CASE("a part is judged only where it goes on from exactly what the verifier knows") {
    const auto list = GrowingImaList(8);
    const auto known = state_after(list.report(4, 4));
    REQUIRE(known);
    const auto part = [&](std::optional<ImaState> knows, const std::function<void(ImaPart&)>& change,
                          const std::function<void(GrowingImaList&)>& host = {}) {
        auto reported = list;
        if (host) host(reported);
        ImaPart sent{start_of(*known).state, known->entries, known->offset, list.bytes(4, 9)};
        if (change) change(sent);
        return reported.report_with(9, knows, [&](GrowingImaList::Sections& sections) {
            sections[std::string(section::kImaLogPart)] = encode_ima_part_section(sent);
        });
    };
    // A part that names the right state and is another one is found out by its appraisal alone.
    const auto refused = [](const AppraisalCase& made, bool is_refused = true) {
        CHECK(part_continues(made) != is_refused);
        const auto appraisal = made.appraise();
        CHECK(has_finding(appraisal.result, "ima.unknown_part"));
        CHECK(appraisal.result.tier == Tier::contraindicated);
        CHECK_FALSE(appraisal.next.ima);
    };
    const auto taken = part(known, {});
    CHECK(part_continues(taken));
    CHECK(judged_parts(taken).tier == Tier::affirming);

    refused(part(std::nullopt, {}));                                     // a verifier that knows nothing
    refused(part(state_after(list.report(5, 5)), {}));                   // another report came between
    refused(part(known, [](ImaPart& sent) { ++sent.entries; }), false);  // beyond what is held
    refused(part(known, [](ImaPart& sent) { sent.offset += 92; }), false);
    refused(part(known, [](ImaPart& sent) { sent.state = Digest{}; }));  // of another state
    refused(part(known, {}, [](GrowingImaList& to) {                     // another boot of the kernel
        to.host.boot_id = "22222222-2222-3333-4444-555555555555";
    }));
    refused(part(known, {}, [](GrowingImaList& to) { ++to.host.clock.reset_count; }));  // and of the TPM
    auto other_bank = *known;
    other_bank.value = Digest::filled(HashAlgorithm::sha384, std::byte{1});
    refused(part(other_bank, {}));
}

TEST_CASE("boot_aggregate is held against each quote, also where it stood in an earlier part") {
    auto list = GrowingImaList(8);
    const auto known = state_after(list.report(4, 4));
    list.host.log.add(9, tcg::EV_IPL, to_bytes("more"), to_bytes("more"));
    const auto result = judged_parts(list.report(9, 9, known));
    CHECK(has_finding(result, "ima.boot_aggregate"));
    CHECK(result.tier == Tier::contraindicated);
}

TEST_CASE("a policy that requires the IMA list is content with a part of it that goes on") {
    auto list = GrowingImaList(8);
    list.policy.required_sections.insert("ima-log");
    const auto known = state_after(list.report(4, 4));
    CHECK(judged_parts(list.report(9, 9, known)).tier == Tier::affirming);
    const auto none = list.report_with(0, known, [](GrowingImaList::Sections&) {});
    CHECK(has_finding(judged_parts(none), "section.absent"));
}

TEST_CASE("a saved bundle with a part is appraised again to the same bytes, and says from what it goes on") {
    const auto list = GrowingImaList(8);
    const auto made = list.report(9, 9, state_after(list.report(4, 4)));
    auto read = made;
    read.bundle = decode_saved_bundle(encode_saved_bundle(made.bundle)).value();
    CHECK(read.bundle == made.bundle);
    CHECK(encode_attestation_result(read.appraise().result) ==
          encode_attestation_result(made.appraise().result));
    CHECK(read.bundle.known_host.ima->entries == 4);
}

TEST_CASE("a part with one byte changed is never affirming, though the TPM signs for it") {
    auto list = GrowingImaList(6);
    // A template's name is in no digest: that an entry cannot be read is told where its file is judged.
    ImaPolicy rules;
    for (int i = 0; i < 6; ++i) rules.digests.push_back(sha256(as_view(std::to_string(i))));
    std::ranges::sort(rules.digests);
    rules.unlisted = Tier::contraindicated;
    list.policy.ima = rules;
    CHECK(judged_parts(list.report(7, 7)).tier == Tier::affirming);
    const auto known = state_after(list.report(4, 4));
    REQUIRE(known);
    const auto good =
        encode_ima_part_section({start_of(*known).state, known->entries, known->offset, list.bytes(4, 7)});
    for (std::size_t at = 0; at < good.size(); ++at) {
        auto changed = good;
        changed[at] ^= std::byte{1};
        const auto made = list.report_with(7, known, [&](GrowingImaList::Sections& sections) {
            sections[std::string(section::kImaLogPart)] = changed;
        });
        INFO(at);
        CHECK(made.appraise().result.tier == Tier::contraindicated);
    }
}
