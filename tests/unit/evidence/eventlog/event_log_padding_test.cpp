// Firmware whose records all have one size fills them with zeros.
#include <catch2/catch.hpp>

#include "evidence/eventlog/event_data.h"
#include "evidence/eventlog/event_payload.h"
#include "evidence/eventlog/payload/padding.h"
#include "evidence/eventlog/replay/event_log_facts.h"
#include "evidence/eventlog/replay/replay.h"
#include "tests/support/builders/payload_builder.h"

namespace {

using namespace assay;
using namespace assay::tcg;
using namespace assay::test;

Bytes padded(Bytes data, std::size_t zeros) {
    data.resize(data.size() + zeros);
    return data;
}
Bytes followed(Bytes data, std::size_t zeros, std::byte last) {
    data.resize(data.size() + zeros);
    data.push_back(last);
    return data;
}

/// What is said of a log whose PCR 0 was begun from locality 3, and whose StartupLocality event has this
/// data.
struct Started {
    std::optional<std::uint8_t> locality;
    PcrAgreement agreement;
    bool padding_is_told, problem_is_told;
};
Started started(Bytes data) {
    EventLogBuilder log;
    log.startup_locality(3).add(0, EV_POST_CODE, to_bytes("POST CODE"sv));
    const auto quoted = log.tpm_values(HashAlgorithm::sha256, 3);
    log.events.front().data = std::move(data);
    const auto bytes = log.bytes();
    const auto replayed =
        ReplayedEventLog::against(parse_event_log(bytes).value(), HashAlgorithm::sha256, quoted);
    return {replayed.startup_locality(), replayed.comparison(0).agreement,
            replayed.log().has_quirk(EventLogQuirk::padded_structure), !replayed.problems().empty()};
}
Bytes locality(std::uint8_t number) {
    return ByteWriter().text("StartupLocality\0"sv).u8(number).take();
}

Bytes sp800_155() {
    ByteWriter out;
    out.text("SP800-155 Event2"sv).u32le(1).bytes(guid(kOwnerGuid));
    for (const auto* text : {"Maker", "Model 1", "A1", "BIOS Works"})
        out.u8(static_cast<std::uint8_t>(std::string_view(text).size())).text(text);
    return out.u32le(343).u8(3).text("2.4").take();
}
Bytes partition_table() {
    return ByteWriter()
        .text("EFI PART")
        .bytes(Bytes(76))
        .u32le(128)
        .u32le(0)
        .u64le(1)
        .bytes(Bytes(127))
        .u8(1)
        .take();
}
Bytes blob2() {
    return ByteWriter().u8(3).text("FV1").u64le(1).u64le(2).take();
}
Bytes tables() {
    return ByteWriter().u64le(1).bytes(guid(kOwnerGuid)).u64le(0x1000).take();
}
const Bytes kVariable = efi_variable("SecureBoot", Bytes{std::byte{1}});

/// A structure that says how long it is, how its data is read, and how much behind it is none of ours.
struct Sized {
    std::uint32_t type;
    Bytes data;
    std::string_view form;
    std::size_t slack = 0;
};
std::vector<Sized> structures() {
    return {{EV_NO_ACTION, locality(3), "startup-locality"},
            {EV_NO_ACTION, sp800_155(), "sp800-155", 7},
            {EV_SEPARATOR, Bytes(4), "separator"},
            {EV_EFI_PLATFORM_FIRMWARE_BLOB, ByteWriter().u64le(1).u64le(2).take(), "firmware-blob"},
            {EV_EFI_PLATFORM_FIRMWARE_BLOB2, blob2(), "firmware-blob"},
            {EV_POST_CODE2, blob2(), "firmware-blob"},
            {EV_EFI_HANDOFF_TABLES, tables(), "handoff-tables"},
            {EV_EFI_HANDOFF_TABLES2, joined_bytes({ByteWriter().u8(4).text("ACPI").take(), tables()}),
             "handoff-tables"},
            {EV_EFI_VARIABLE_DRIVER_CONFIG, kVariable, "variable"},
            {EV_EFI_VARIABLE_BOOT, kVariable, "variable"},
            {EV_EFI_VARIABLE_AUTHORITY, kVariable, "variable", 8},
            {EV_EFI_BOOT_SERVICES_APPLICATION, image_load_event("\\A.EFI"), "image-load", 16},
            {EV_EFI_GPT_EVENT, partition_table(), "partition-table"}};
}

/// One event of a log, read.
struct ReadEvent {
    bool padding_is_told;
    std::string form, text;
    CoverageResult coverage;
    Bytes covered;
};
ReadEvent read_event(std::uint32_t type, const Bytes& data, const Bytes& measured) {
    EventLogBuilder log;
    log.add(0, type, data, measured);
    const auto bytes = log.bytes();
    const auto parsed = parse_event_log(bytes).value();
    const auto& event = parsed.unverified_events()[1];
    const auto payload = read_event_payload(event);
    const auto coverage = data_coverage(event, HashAlgorithm::sha256);
    return {parsed.has_quirk(EventLogQuirk::padded_structure), std::string(payload_form(payload)),
            payload_text(payload), coverage, to_bytes(coverage.covered)};
}

}  // namespace

TEST_CASE("zeros behind a StartupLocality are padding, and are told; it counts as without them") {
    const auto plain = started(locality(3));
    CHECK((plain.locality == 3 && plain.agreement == PcrAgreement::match));
    CHECK_FALSE((plain.padding_is_told || plain.problem_is_told));
    for (const std::size_t zeros : {1U, 7U, 33U, 4096U}) {
        const auto found = started(padded(locality(3), zeros));
        CHECK(found.locality == 3);
        CHECK(found.agreement == PcrAgreement::match);
        CHECK(found.padding_is_told);
        CHECK_FALSE(found.problem_is_told);
        // Which locality it says is still a claim that the PCR must bear out.
        CHECK(started(padded(locality(4), zeros)).agreement == PcrAgreement::differs);
    }
}

TEST_CASE(
    "a StartupLocality that is cut, of another locality or followed by anything but zeros does not count") {
    for (const auto& data : {to_bytes("StartupLocality\0"sv), locality(2), padded(locality(5), 33),
                             followed(locality(3), 0, std::byte{1}), followed(locality(3), 32, std::byte{1}),
                             followed(locality(3), 32, std::byte{0xff}),
                             followed(padded(locality(3), 1), 30, std::byte{0x20})}) {
        const auto found = started(data);
        CHECK_FALSE(found.locality);
        CHECK(found.agreement == PcrAgreement::differs);
        CHECK(found.problem_is_told);
    }
    CHECK_FALSE(started(followed(locality(3), 32, std::byte{1})).padding_is_told);
}

TEST_CASE("a Spec ID event may be padded; anything else behind it refuses the log") {
    EventLogBuilder log;
    log.startup_locality(3).add(0, EV_SEPARATOR, Bytes(4));
    const auto with_spec_id = [&](const Bytes& spec_id) {
        ByteWriter out;
        out.bytes(EventLogBuilder::header(spec_id));
        for (const auto& event : log.events) out.bytes(log.record(event));
        return out.take();
    };
    const auto plain = with_spec_id(log.spec_id());
    CHECK(parse_event_log(plain).value().quirks().empty());
    const auto bytes = with_spec_id(padded(log.spec_id(), 13));
    const auto parsed = parse_event_log(bytes);
    REQUIRE(parsed);
    CHECK(parsed->has_quirk(EventLogQuirk::padded_structure));
    CHECK(parsed->quirks().front().event == 0U);
    CHECK(parsed->banks().size() == 2);
    CHECK_FALSE(parse_event_log(with_spec_id(followed(log.spec_id(), 12, std::byte{1}))));
}

TEST_CASE(
    "every structure that says how long it is, is read without its padding, which its digest need not "
    "cover") {
    for (const auto& [type, data, form, slack] : structures()) {
        INFO(event_type_name(type) << " " << form);
        CHECK(structure_size(type, data) == data.size());
        const auto plain = read_event(type, data, data);
        CHECK_FALSE(plain.padding_is_told);
        CHECK(plain.form == form);
        const auto in_slack = read_event(type, padded(data, slack), data);
        CHECK_FALSE(in_slack.padding_is_told);

        for (const std::size_t zeros : {slack + 1, slack + 64}) {
            const auto found = read_event(type, padded(data, zeros), data);
            CHECK(found.padding_is_told);
            CHECK(found.form == plain.form);
            CHECK(found.text == plain.text);
            CHECK(found.coverage.coverage == plain.coverage.coverage);
            if (plain.coverage.coverage == DataCoverage::covered) {
                CHECK(found.coverage.rule == CoverageRule::structure_without_padding);
                CHECK(found.covered == data);
            }
            // A digest over the padding as well is one of the data as it stands.
            const auto whole = read_event(type, padded(data, zeros), padded(data, zeros));
            if (plain.coverage.coverage == DataCoverage::covered)
                CHECK(whole.coverage.rule == CoverageRule::whole_data);

            const auto spoiled = read_event(type, followed(data, zeros - 1, std::byte{1}), data);
            CHECK_FALSE(spoiled.padding_is_told);
            CHECK(spoiled.coverage.rule != CoverageRule::structure_without_padding);
            // One byte too many is what old shims log, and hash without it.
            if (zeros > slack + 1) CHECK(spoiled.coverage.coverage != DataCoverage::covered);
        }
    }
}

TEST_CASE("a structure that is cut or claims more than there is has no padding") {
    for (const auto& [type, data, form, slack] : structures()) {
        INFO(event_type_name(type) << " " << form);
        for (std::size_t size = 0; size < data.size(); ++size)
            CHECK(without_padding(type, ByteView(data).first(size)).size() == size);
    }
    const auto huge = ByteWriter()
                          .bytes(Bytes(16))
                          .u64le(~std::uint64_t{0})
                          .u64le(~std::uint64_t{0})
                          .bytes(Bytes(64))
                          .take();
    CHECK_FALSE(structure_size(EV_EFI_VARIABLE_BOOT, huge));
    CHECK_FALSE(
        structure_size(EV_EFI_HANDOFF_TABLES, ByteWriter().u64le(~std::uint64_t{0}).bytes(Bytes(64)).take()));
    CHECK_FALSE(structure_size(EV_IPL, Bytes(64)));
}

TEST_CASE("a padded action is covered by a digest of its text, and by no other") {
    const auto text = to_bytes("Exit Boot Services Invocation"sv);
    const auto data = padded(text, 21);
    for (const std::size_t nul : {0U, 1U}) {
        const auto found = read_event(EV_EFI_ACTION, data, padded(text, nul));
        CHECK(found.coverage.rule == CoverageRule::text_without_padding);
        CHECK(found.covered == padded(text, nul));
    }
    const auto wide = utf16le("Action");
    CHECK(read_event(EV_EFI_ACTION, padded(wide, 20), padded(wide, 2)).coverage.coverage ==
          DataCoverage::covered);
    CHECK(read_event(EV_EFI_ACTION, padded(wide, 20), wide).coverage.coverage == DataCoverage::covered);
    const auto other = to_bytes("Exit Boot Services Returned"sv);
    CHECK(read_event(EV_EFI_ACTION, data, other).coverage.coverage == DataCoverage::mismatch);
    CHECK(read_event(EV_EFI_ACTION, followed(text, 20, std::byte{'x'}), text).coverage.coverage ==
          DataCoverage::mismatch);
    CHECK(read_event(EV_EFI_ACTION, Bytes(50), {}).coverage.coverage == DataCoverage::mismatch);
}

TEST_CASE("Secure Boot's state is read of padded events, and of none that is followed by other bytes") {
    auto log = EventLogBuilder::typical();
    const auto quoted = log.tpm_values(HashAlgorithm::sha256);
    const auto state_of = [&] {
        const auto bytes = log.bytes();
        return secure_boot_state(
            ReplayedEventLog::against(parse_event_log(bytes).value(), HashAlgorithm::sha256, quoted));
    };
    const auto honest = state_of();
    REQUIRE(honest.enabled == true);
    for (auto& event : log.events) {
        if (event.pcr == 7) event.data = padded(event.data, 40);
    }
    const auto filled = state_of();
    CHECK(filled.enabled == honest.enabled);
    CHECK(filled.separators == honest.separators);
    for (auto& event : log.events) {
        if (event.pcr == 7) event.data.back() = std::byte{1};
    }
    CHECK(state_of().enabled != true);
}
