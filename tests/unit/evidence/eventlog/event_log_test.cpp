#include "evidence/eventlog/event_log.h"

#include <catch2/catch.hpp>

#include "evidence/base/limits.h"
#include "tests/support/builders/event_log_builder.h"

namespace {

using namespace assay;
using namespace assay::tcg;
using assay::test::EventLogBuilder;
using namespace std::string_view_literals;

// Bytes of a log with one little-endian number replaced.
Bytes with_u32(Bytes bytes, std::size_t at, std::uint32_t value) {
    const auto number = ByteWriter().u32le(value).take();
    std::copy(number.begin(), number.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
    return bytes;
}

Bytes joined(Bytes first, ByteView second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

Bytes after_header(const EventLogBuilder& builder, ByteView record) {
    return joined(EventLogBuilder::header(builder.spec_id()), record);
}

ErrorCode code_of(ByteView bytes) {
    const auto log = parse_event_log(bytes);
    REQUIRE_FALSE(log);
    CHECK(log.error().offset);
    CHECK(*log.error().offset <= bytes.size());
    return log.error().code;
}

constexpr std::size_t kSpecIdData = 32;                           // where the Spec ID event's data begins
constexpr std::size_t kFirst = kSpecIdData + 16 + 8 + 4 + 8 + 1;  // the first record of a log of two banks

}  // namespace

TEST_CASE("a crypto-agile log gives every record with its place, digests and data") {
    const auto builder = EventLogBuilder::typical();
    const auto bytes = builder.bytes();
    const auto log = parse_event_log(bytes);
    REQUIRE(log);
    CHECK(log->format() == EventLogFormat::crypto_agile);
    CHECK(log->quirks().empty());
    REQUIRE(log->unverified_events().size() == builder.events.size() + 1);
    CHECK(log->unverified_events()[0].digests.empty());
    CHECK(log->unverified_events()[1].offset == kFirst);
    for (std::size_t i = 0; i < builder.events.size(); ++i) {
        const auto& event = log->unverified_events()[i + 1];
        CHECK(event.index == i + 1);
        CHECK(event.pcr == builder.events[i].pcr);
        CHECK(event.unverified_type == builder.events[i].type);
        CHECK(equal(event.unverified_data, builder.events[i].data));
        REQUIRE(event.digests.size() == 2);
        CHECK(*event.digest_in(HashAlgorithm::sha256) ==
              builder.digest_of(builder.events[i], HashAlgorithm::sha256));
        CHECK(event.digest_in(HashAlgorithm::sha384) == nullptr);
    }
}

TEST_CASE("the Spec ID event is read as a whole") {
    auto spec_id = EventLogBuilder().spec_id();
    spec_id.back() = std::byte{3};
    spec_id = joined(std::move(spec_id), as_view("abc"));
    const auto bytes = EventLogBuilder::header(spec_id);
    const auto log = parse_event_log(bytes);
    REQUIRE(log);
    REQUIRE(log->spec_id());
    CHECK(log->spec_id()->platform_class == 1);
    CHECK(log->spec_id()->version_major == 2);
    CHECK(log->spec_id()->uintn_size == 2);
    CHECK(log->spec_id()->algorithms.size() == 2);
    CHECK(as_text(log->spec_id()->vendor_info) == "abc");
    CHECK(log->has_bank(HashAlgorithm::sha256));
}

TEST_CASE("a log without a Spec ID event is read in the SHA-1 format, and that is said") {
    const auto bytes = EventLogBuilder::typical().sha1_bytes();
    const auto log = parse_event_log(bytes);
    REQUIRE(log);
    CHECK(log->format() == EventLogFormat::sha1);
    CHECK(log->has_quirk(EventLogQuirk::no_spec_id));
    CHECK(log->has_bank(HashAlgorithm::sha1));
    CHECK_FALSE(log->has_bank(HashAlgorithm::sha256));
    CHECK(log->unverified_events()[1].digests.size() == 1);
}

TEST_CASE("a Spec ID event of version 02 or 00 announces the SHA-1 format") {
    for (const auto signature : {"Spec ID Event02\0"sv, "Spec ID Event00\0"sv}) {
        const auto data = ByteWriter().text(signature).bytes(Bytes(9)).take();
        const auto bytes = joined(EventLogBuilder::header(data), EventLogBuilder::typical().sha1_bytes());
        const auto log = parse_event_log(bytes);
        REQUIRE(log);
        CHECK(log->format() == EventLogFormat::sha1);
        CHECK(log->has_quirk(EventLogQuirk::sha1_spec_id));
    }
}

TEST_CASE("a log that is cut anywhere is refused, or is the same log with fewer events") {
    const auto builder = EventLogBuilder::typical();
    const auto bytes = builder.bytes();
    const auto whole = parse_event_log(bytes);
    REQUIRE(whole);
    std::size_t accepted = 0;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        // An exact copy on the heap: a read behind the cut is seen by the sanitizer.
        const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        const auto log = parse_event_log(cut);
        if (!log) {
            CHECK(log.error().offset.has_value());
            continue;
        }
        ++accepted;
        REQUIRE(log->unverified_events().size() < whole->unverified_events().size());
        for (const auto& event : log->unverified_events()) {
            CHECK(event.offset == whole->unverified_events()[event.index].offset);
        }
        // Cut between records, or within the zeros that a record of PCR 0 begins with: then it looks like
        // fill.
        const bool at_boundary = log->unverified_events().back().unverified_data.data() +
                                     log->unverified_events().back().unverified_data.size() ==
                                 cut.data() + cut.size();
        CHECK((at_boundary || log->has_quirk(EventLogQuirk::trailing_padding)));
    }
    CHECK(accepted >= whole->unverified_events().size() - 1);
}

TEST_CASE("each claimed size and count is held against what is left before anything is done with it") {
    const auto builder = EventLogBuilder::typical();
    const auto bytes = builder.bytes();
    const std::size_t data_size = kFirst + 12 + 2 + 20 + 2 + 32;
    CHECK(code_of(with_u32(bytes, 28, 0xffffffff)) == ErrorCode::limit);  // Spec ID event size
    CHECK(code_of(with_u32(bytes, 28, 0x10000)) == ErrorCode::truncated);
    CHECK(code_of(with_u32(bytes, kSpecIdData + 24, 0)) == ErrorCode::malformed);  // numberOfAlgorithms
    CHECK(code_of(with_u32(bytes, kSpecIdData + 24, 0xffffffff)) == ErrorCode::limit);
    CHECK(code_of(with_u32(bytes, kSpecIdData + 24, 3)) != ErrorCode::internal);
    CHECK(code_of(with_u32(bytes, kFirst + 8, 0)) == ErrorCode::malformed);  // digest count
    CHECK(code_of(with_u32(bytes, kFirst + 8, 3)) == ErrorCode::malformed);
    CHECK(code_of(with_u32(bytes, kFirst + 8, 0xffffffff)) == ErrorCode::malformed);
    CHECK(code_of(with_u32(bytes, data_size, 0xffffffff)) == ErrorCode::limit);  // event size
    CHECK(code_of(with_u32(bytes, data_size, 0x00200000)) == ErrorCode::truncated);
}

TEST_CASE("the Spec ID event's sizes must be those of its algorithms, each listed once") {
    const auto spec_id = [](std::uint16_t id, std::uint16_t size, std::uint16_t id2, std::uint16_t size2) {
        return EventLogBuilder::header(ByteWriter()
                                           .text("Spec ID Event03\0"sv)
                                           .bytes(Bytes(8))
                                           .u32le(2)
                                           .u16le(id)
                                           .u16le(size)
                                           .u16le(id2)
                                           .u16le(size2)
                                           .u8(0)
                                           .take());
    };
    CHECK(parse_event_log(spec_id(0x000b, 32, 0x0004, 20)));
    CHECK(code_of(spec_id(0x000b, 31, 0x0004, 20)) == ErrorCode::malformed);
    CHECK(code_of(spec_id(0x000b, 32, 0x000b, 32)) == ErrorCode::malformed);
    CHECK(code_of(spec_id(0x000b, 32, 0x0012, 31)) == ErrorCode::malformed);  // SM3
    CHECK(code_of(spec_id(0x000b, 32, 0x7777, 0)) == ErrorCode::malformed);
    CHECK(code_of(spec_id(0x000b, 32, 0x7777, 0xffff)) == ErrorCode::malformed);
}

TEST_CASE("digests of an algorithm that Assay does not know are skipped by their size, and that is said") {
    const auto bytes = ByteWriter()
                           .bytes(EventLogBuilder::header(ByteWriter()
                                                              .text("Spec ID Event03\0"sv)
                                                              .bytes(Bytes(8))
                                                              .u32le(2)
                                                              .u16le(0x7777)
                                                              .u16le(10)
                                                              .u16le(0x000b)
                                                              .u16le(32)
                                                              .u8(0)
                                                              .take()))
                           .u32le(4)
                           .u32le(EV_SEPARATOR)
                           .u32le(2)
                           .u16le(0x7777)
                           .bytes(Bytes(10))
                           .u16le(0x000b)
                           .bytes(sha256(Bytes(4)).view())
                           .u32le(4)
                           .bytes(Bytes(4))
                           .take();
    const auto log = parse_event_log(bytes);
    REQUIRE(log);
    CHECK(log->has_quirk(EventLogQuirk::unknown_algorithm));
    REQUIRE(log->unverified_events().size() == 2);
    REQUIRE(log->unverified_events()[1].digests.size() == 1);
    CHECK(log->unverified_events()[1].digests[0] == sha256(Bytes(4)));
}

TEST_CASE("a record's digests must be listed algorithms, none twice") {
    EventLogBuilder builder;
    const auto record = [](std::uint16_t id, std::size_t size, std::uint16_t id2, std::size_t size2) {
        return ByteWriter()
            .u32le(1)
            .u32le(EV_SEPARATOR)
            .u32le(2)
            .u16le(id)
            .bytes(Bytes(size))
            .u16le(id2)
            .bytes(Bytes(size2))
            .u32le(0)
            .take();
    };
    CHECK(parse_event_log(after_header(builder, record(0x0004, 20, 0x000b, 32))));
    CHECK(code_of(after_header(builder, record(0x000b, 32, 0x000b, 32))) == ErrorCode::malformed);
    CHECK(code_of(after_header(builder, record(0x0004, 20, 0x000c, 48))) == ErrorCode::malformed);
}

TEST_CASE("a record with fewer digests than listed is accepted by name") {
    EventLogBuilder builder;
    auto one_bank = builder;
    one_bank.banks = {HashAlgorithm::sha256};
    one_bank.add(4, EV_SEPARATOR, Bytes(4));
    const auto bytes = after_header(builder, one_bank.record(one_bank.events[0]));
    const auto log = parse_event_log(bytes);
    REQUIRE(log);
    CHECK(log->has_quirk(EventLogQuirk::digest_missing));
}

TEST_CASE("fill behind the last event is accepted by name, anything else there is refused") {
    const auto bytes = EventLogBuilder::typical().bytes();
    for (const auto fill : {std::byte{0}, std::byte{0xff}}) {
        const auto padded = joined(bytes, Bytes(1000, fill));
        const auto log = parse_event_log(padded);
        REQUIRE(log);
        CHECK(log->has_quirk(EventLogQuirk::trailing_padding));
        CHECK(log->quirks()[0].offset == bytes.size());
    }
    auto spoiled = joined(bytes, Bytes(1000));
    spoiled.back() = std::byte{1};
    CHECK(code_of(spoiled) == ErrorCode::malformed);
    CHECK(code_of(joined(bytes, Bytes(7, std::byte{0x55}))) == ErrorCode::truncated);
}

TEST_CASE("what is no log is refused with a place and a reason") {
    CHECK(code_of({}) == ErrorCode::truncated);
    CHECK(code_of(Bytes(4096)) == ErrorCode::malformed);
    CHECK(code_of(Bytes(4096, std::byte{0xff})) == ErrorCode::malformed);
    CHECK(code_of(as_view("bogus text that is no measured boot")) == ErrorCode::malformed);
    CHECK(parse_event_log(Bytes(limits::kEventLog + 1)).error().code == ErrorCode::limit);
}

TEST_CASE("an index above 23 is refused; 0xffffffff is accepted by name and extends nothing") {
    EventLogBuilder builder;
    builder.add(24, EV_IPL, Bytes(1));
    CHECK(code_of(builder.bytes()) == ErrorCode::malformed);
    builder.events[0].pcr = 0xffffffff;
    const auto bytes = builder.bytes();
    const auto log = parse_event_log(bytes);
    REQUIRE(log);
    CHECK(log->has_quirk(EventLogQuirk::pcr_index_all_ones));
    CHECK_FALSE(log->unverified_events()[1].extends());
}

TEST_CASE("an SPDM certificate chain under its NV index extends nothing; under another type it is refused") {
    EventLogBuilder builder;
    builder.add(0x01c40200, EV_NO_ACTION, to_bytes("NvIndexInstance\0"sv));
    const auto bytes = builder.bytes();
    const auto log = parse_event_log(bytes);
    REQUIRE(log);
    CHECK(log->has_quirk(EventLogQuirk::nv_index_events));
    CHECK_FALSE(log->unverified_events()[1].extends());
    builder.events[0].type = EV_IPL;
    CHECK(code_of(builder.bytes()) == ErrorCode::malformed);
    builder.events[0] = {0x01c40204, EV_NO_ACTION, {}, {}};
    CHECK(code_of(builder.bytes()) == ErrorCode::malformed);
}

TEST_CASE("a Spec ID event under index 1 makes it a log of measurement registers") {
    const auto bytes = EventLogBuilder::header(EventLogBuilder().spec_id(), 1);
    const auto log = parse_event_log(bytes);
    REQUIRE(log);
    CHECK(log->is_ccel());
}

TEST_CASE("a second Spec ID event and a Spec ID digest that is not zero are reported") {
    EventLogBuilder builder;
    builder.events.push_back({0, EV_NO_ACTION, builder.spec_id(), {}, true});
    auto bytes = builder.bytes();
    bytes[8] = std::byte{1};
    const auto log = parse_event_log(bytes);
    REQUIRE(log);
    CHECK(log->has_quirk(EventLogQuirk::spec_id_repeated));
    CHECK(log->has_quirk(EventLogQuirk::spec_id_digest_not_zero));
}

TEST_CASE("more events than the limit are refused") {
    const auto record = ByteWriter().u32le(4).u32le(EV_SEPARATOR).bytes(Bytes(20)).u32le(0).take();
    ByteWriter out;
    for (std::size_t i = 0; i <= limits::kEvents; ++i) out.bytes(record);
    CHECK(code_of(out.view()) == ErrorCode::limit);
}
