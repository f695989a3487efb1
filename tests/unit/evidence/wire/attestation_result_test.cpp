#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/wire_samples.h"

using namespace assay;
using nlohmann::json;

namespace {

Result<AttestationResult> decoded_after(auto change) {
    auto document = json::parse(encode_attestation_result(sample::attestation_result()));
    change(document);
    return decode_attestation_result(document.dump());
}

}  // namespace

TEST_CASE("an attestation result survives its canonical JSON, which is compact and sorted") {
    const auto result = sample::attestation_result();
    const auto text = encode_attestation_result(result);
    CHECK(decode_attestation_result(text) == result);
    CHECK(json::parse(text).dump() == text);
    CHECK(text.starts_with(R"({"appraised_at":1790000010,"appraiser":"assay 0.1.0")"));
}

TEST_CASE("the id is the digest of the canonical encoding, and changes with every field") {
    const auto result = sample::attestation_result();
    const auto id = attestation_result_id(result);
    CHECK(id == sha256(as_view(encode_attestation_result(result))).hex());
    auto other = result;
    other.findings[0].remedy += "!";
    CHECK(attestation_result_id(other) != id);
    other = result;
    other.checks[0].required = false;
    CHECK(attestation_result_id(other) != id);
}

TEST_CASE("members that are missing, unknown or of another type are refused") {
    CHECK(decoded_after([](json&) {}));
    const auto whole = json::parse(encode_attestation_result(sample::attestation_result()));
    for (const auto& [key, value] : whole.items()) {
        INFO(key);
        CHECK_FALSE(decoded_after([&](json& document) { document.erase(key); }));
        CHECK_FALSE(decoded_after([&](json& document) { document[key] = nullptr; }));
        CHECK_FALSE(decoded_after([&](json& document) { document[key] = 1.5; }));
    }
    CHECK_FALSE(decoded_after([](json& document) { document["extra"] = 1; }));
    CHECK_FALSE(decoded_after([](json& document) { document["findings"][0]["extra"] = 1; }));
    CHECK_FALSE(decoded_after([](json& document) { document["findings"][0].erase("actual"); }));
    CHECK_FALSE(decoded_after([](json& document) { document["checks"][0]["tier"] = "fine"; }));
    CHECK_FALSE(decoded_after([](json& document) { document["checks"][0]["basis"] = "rumour"; }));
    CHECK_FALSE(decoded_after([](json& document) { document["claims"]["karma"] = "none"; }));
    CHECK_FALSE(decoded_after([](json& document) { document["v"] = 2; }));
    CHECK_FALSE(decoded_after([](json& document) { document["appraised_at"] = std::uint64_t{1} << 63U; }));
    CHECK_FALSE(decode_attestation_result("{}"));
    CHECK_FALSE(decode_attestation_result("[]"));
    CHECK_FALSE(decode_attestation_result(""));
}

TEST_CASE("a text that is not UTF-8 cannot stop the encoding") {
    auto result = sample::attestation_result();
    result.findings[0].actual = "\xff";
    CHECK(decode_attestation_result(encode_attestation_result(result))->findings[0].actual == "\xef\xbf\xbd");
}

TEST_CASE("the worst of two tiers: contraindicated, none, warning, affirming") {
    const std::vector order{Tier::affirming, Tier::warning, Tier::none, Tier::contraindicated};
    for (std::size_t a = 0; a < order.size(); ++a) {
        for (std::size_t b = 0; b < order.size(); ++b)
            CHECK(worst(order[a], order[b]) == order[std::max(a, b)]);
    }
}

TEST_CASE("every name is read back") {
    for (const auto tier : {Tier::none, Tier::affirming, Tier::warning, Tier::contraindicated}) {
        CHECK(tier_from_name(to_string(tier)) == tier);
    }
    for (const auto basis : {Basis::endorsed, Basis::quoted, Basis::bound, Basis::self_reported}) {
        CHECK(basis_from_name(to_string(basis)) == basis);
    }
    for (int i = 0; i <= static_cast<int>(TrustClaim::sourced_data); ++i) {
        const auto claim = static_cast<TrustClaim>(i);
        CHECK(trust_claim_from_name(to_string(claim)) == claim);
    }
}

TEST_CASE("one change on many hosts is one group, another change is another") {
    const auto key = finding_group_key(sample::finding());
    const auto changed = [](auto change) {
        auto finding = sample::finding();
        change(finding);
        return finding_group_key(finding);
    };
    CHECK(changed([](Finding& f) {
              f.subject = "USB 3-1", f.evidence = "journal: record 2", f.remedy = "x";
          }) == key);
    CHECK(changed([](Finding& f) { f.expected = "  a  work\tsession "; }) == key);
    CHECK(changed([](Finding& f) { f.id = "usb.other"; }) != key);
    CHECK(changed([](Finding& f) { f.subject = "PCI 3-1"; }) != key);
    CHECK(changed([](Finding& f) { f.actual = "two"; }) != key);
    CHECK(changed([](Finding& f) { std::swap(f.actual, f.expected); }) != key);
}
