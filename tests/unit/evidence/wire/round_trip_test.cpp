#include <catch2/catch.hpp>

#include "evidence/base/limits.h"
#include "tests/support/builders/wire_samples.h"

using namespace assay;

namespace {

/// Encodes, decodes, compares; encodes again and compares bytes; then changes each byte in turn to every
/// neighbour of its bits: what still decodes must be another value with exactly those bytes as its encoding.
template <typename T, typename Encode, typename Decode>
void check_codec(const T& value, Encode encode, Decode decode) {
    const Bytes encoded = encode(value);
    const auto decoded = decode(encoded);
    REQUIRE(decoded);
    CHECK(*decoded == value);
    CHECK(encode(*decoded) == encoded);
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            auto mutated = encoded;
            mutated[i] ^= static_cast<std::byte>(1U << bit);
            const auto other = decode(mutated);
            if (!other) continue;
            if (*other == value || encode(*other) != mutated)
                FAIL("byte " << i << " bit " << bit << " means nothing");
        }
        if (decode(ByteView(encoded).first(i))) FAIL("cut to " << i << " bytes it still decodes");
    }
    auto longer = encoded;
    longer.push_back(std::byte{0});
    CHECK_FALSE(decode(longer));
}

}  // namespace

TEST_CASE("every document decodes to what was encoded, and no byte of it is without meaning") {
    SECTION("manifest") {
        check_codec(sample::manifest(), encode_manifest, decode_manifest);
    }
    SECTION("evidence") {
        check_codec(sample::evidence(), encode_evidence, decode_evidence);
    }
    SECTION("journal record") {
        check_codec(sample::journal_record(), encode_journal_record, decode_journal_record);
    }
    SECTION("open matters") {
        check_codec(std::vector{sample::device_matter(), sample::change_matter()}, encode_open_matters,
                    decode_open_matters);
    }
    SECTION("watch point") {
        check_codec(sample::watch_point(), encode_watch_point, decode_watch_point);
    }
    SECTION("IMA state") {
        check_codec(sample::ima_state(), encode_ima_state, decode_ima_state);
        auto state = sample::ima_state();
        state.value = Digest::filled(HashAlgorithm::sha384, std::byte{3});
        state.files = ImaFiles{sha256(as_view("rules")), 7, 2, {}, {1, {{9, 900, "/tmp/x", "a", "b"}}}};
        check_codec(state, encode_ima_state, decode_ima_state);
        auto host = sample::known_host();
        host.ima = state;
        check_codec(host, encode_known_host, decode_known_host);
    }
#define CBOR_SECTION(id, constant, name, type)                                   \
    SECTION(name) {                                                              \
        check_codec(sample::id(), encode_##id##_section, decode_##id##_section); \
    }
#include "evidence/wire/section/sections.inc"
    SECTION("challenge") {
        check_codec(sample::challenge(), encode_challenge, decode_challenge);
    }
    SECTION("known host") {
        check_codec(sample::known_host(), encode_known_host, decode_known_host);
        auto spoken_for = sample::known_host();
        spoken_for.unproven = std::vector<std::string>{"binding", "signature"};
        check_codec(spoken_for, encode_known_host, decode_known_host);
        spoken_for.unproven->clear();
        check_codec(spoken_for, encode_known_host, decode_known_host);
    }
    SECTION("work session") {
        check_codec(sample::work_session(), encode_work_session, decode_work_session);
    }
    SECTION("saved bundle") {
        check_codec(sample::saved_bundle(), encode_saved_bundle, decode_saved_bundle);
        auto kept = sample::saved_bundle();
        kept.activation = "a.b.c";
        check_codec(kept, encode_saved_bundle, decode_saved_bundle);
        kept.activation = "";
        CHECK_FALSE(decode_saved_bundle(encode_saved_bundle(kept)));
        kept.activation = std::string(4097, 'a');
        CHECK_FALSE(decode_saved_bundle(encode_saved_bundle(kept)));
    }
}

TEST_CASE("empty sections are documents too") {
    CHECK(decode_pci_section(encode_pci_section({})) == std::vector<PciFunction>());
    CHECK(decode_pcr_section(encode_pcr_section({})) == PcrSection());
    CHECK(decode_journal_section(encode_journal_section({})) == JournalSection());
    CHECK(decode_smbios_section(encode_smbios_section({})) == SmbiosSection());
}

TEST_CASE("numbers at the ends of their types survive") {
    ClockSection clock{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::uint64_t>::max(),
                       false};
    CHECK(decode_clock_section(encode_clock_section(clock)) == clock);
    clock.wall_ms = std::numeric_limits<std::int64_t>::max();
    CHECK(decode_clock_section(encode_clock_section(clock)) == clock);
    auto host = sample::known_host();
    host.last_reset_count = std::numeric_limits<std::uint32_t>::max();
    host.iak_certificates = {Bytes(16384, std::byte{0x30}), Bytes(1)};
    CHECK(decode_known_host(encode_known_host(host)) == host);
}
