#include "verifier/judge/appraisal/steps/event_log_cache.h"

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

constexpr auto kBank = HashAlgorithm::sha256;

Bytes log_number(std::uint32_t number, std::size_t size = 8) {
    auto log = EventLogBuilder::typical();
    log.add(9, tcg::EV_EVENT_TAG, ByteWriter().u32le(number).bytes(Bytes(size)).take());
    return log.bytes();
}
std::size_t parsed_by(const Bytes& bytes, HashAlgorithm bank = kBank) {
    const auto before = parsed_event_logs();
    REQUIRE(digested_event_log(bytes, sha256(bytes), bank));
    return parsed_event_logs() - before;
}

}  // namespace

TEST_CASE("a second host with the same log costs no second parse") {
    auto one = EvidenceBuilder().build();
    const auto first = one.appraise().result;
    const auto before = parsed_event_logs();
    auto builder = EvidenceBuilder();
    builder.pcrs_beside_log[10] = sha256(as_view("another IMA list"));
    builder.with_ima = false;
    auto other = builder.build();
    static_cast<void>(other.appraise());
    CHECK(parsed_event_logs() == before);
    CHECK(encode_attestation_result(one.appraise().result) == encode_attestation_result(first));
}

TEST_CASE("a log is kept by all of its bytes and by the bank") {
    CHECK(parsed_by(log_number(1)) == 1);
    CHECK(parsed_by(log_number(1)) == 0);
    CHECK(parsed_by(log_number(2)) == 1);
    CHECK(parsed_by(log_number(1), HashAlgorithm::sha1) == 1);
}

TEST_CASE("what is kept is bounded by number and by bytes, and what is held outlives it") {
    const auto first = log_number(1000);
    const auto held = digested_event_log(first, sha256(first), kBank);
    REQUIRE(held);
    for (std::uint32_t i = 0; i < kKeptLogs; ++i) CHECK(parsed_by(log_number(2000 + i)) == 1);
    CHECK(parsed_by(first) == 1);
    CHECK((*held)->log().unverified_events().size() == (*held)->coverage().size());
    const auto large = log_number(1, kKeptLogBytes / 3);
    CHECK(parsed_by(large) == 1);
    CHECK(parsed_by(log_number(2, kKeptLogBytes / 3)) == 1);
    CHECK(parsed_by(log_number(3, kKeptLogBytes / 3)) == 1);
    CHECK(parsed_by(large) == 1);
}

TEST_CASE("a log that does not parse is an error each time, and is not kept") {
    const auto bytes = Bytes(7);
    CHECK_FALSE(digested_event_log(bytes, sha256(bytes), kBank));
    CHECK_FALSE(digested_event_log(bytes, sha256(bytes), kBank));
}
