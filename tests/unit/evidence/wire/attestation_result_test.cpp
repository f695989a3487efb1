#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/builders/wire_samples.h"

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

TEST_CASE("the id is the digest of the occasion, and changes with every field of both documents") {
    const auto result = sample::attestation_result();
    const auto names = result_names(result);
    CHECK(names.conclusion == sha256(as_view(encode_conclusion(result))).hex());
    CHECK(names.id == sha256(as_view(encode_occasion(result, names.conclusion))).hex());
    CHECK(attestation_result_id(result) == names.id);
    const auto differs = [&](auto change) {
        auto other = result;
        change(other);
        return attestation_result_id(other) != names.id;
    };
    CHECK_FALSE(differs([](AttestationResult&) {}));
    CHECK(differs([](AttestationResult& r) { r.host += "8"; }));
    CHECK(differs([](AttestationResult& r) { r.tier = Tier::none; }));
    CHECK(differs([](AttestationResult& r) { r.claims.erase(TrustClaim::executables); }));
    CHECK(differs([](AttestationResult& r) { r.checks[0].required = false; }));
    CHECK(differs([](AttestationResult& r) { r.findings[0].remedy += "!"; }));
    CHECK(differs([](AttestationResult& r) { r.inputs["policy"] = std::string(64, 'c'); }));
    CHECK(differs([](AttestationResult& r) { r.inputs["evidence"] = std::string(64, 'c'); }));
    CHECK(differs([](AttestationResult& r) { ++r.appraised_at; }));
    CHECK(differs([](AttestationResult& r) { ++r.challenged_at; }));
    CHECK(differs([](AttestationResult& r) { r.appraiser += "1"; }));
    CHECK(differs([](AttestationResult& r) { r.boot_id += "1"; }));
    CHECK(differs([](AttestationResult& r) { ++r.journal_acknowledged; }));
    CHECK(differs([](AttestationResult& r) { r.previous = std::string(64, 'd'); }));
}

TEST_CASE("times, boot, evidence, journal and the result before change the occasion, not the conclusion") {
    const auto result = sample::attestation_result();
    auto later = result;
    later.appraised_at += 300;
    later.challenged_at += 300;
    later.boot_id = "another";
    later.journal_acknowledged += 1;
    later.previous = std::string(64, 'd');
    for (const auto* name : {"evidence", "challenge", "known_host", "sessions"})
        later.inputs[name] = std::string(64, 'e');
    CHECK(encode_conclusion(later) == encode_conclusion(result));
    CHECK(attestation_result_id(later) != attestation_result_id(result));
    later.inputs["vendors"] = std::string(64, 'f');
    CHECK(conclusion_digest(later) != conclusion_digest(result));
}

TEST_CASE("conclusion and occasion give the result back, and neither goes with another") {
    auto result = sample::attestation_result();
    result.previous = std::string(64, 'd');
    const auto names = result_names(result);
    const auto conclusion = decode_conclusion(encode_conclusion(result));
    REQUIRE(conclusion);
    CHECK(conclusion->appraised_at == 0);
    CHECK(conclusion->findings == result.findings);
    const auto occasion = encode_occasion(result, names.conclusion);
    CHECK(decode_occasion(occasion, *conclusion) == result);
    CHECK(json::parse(occasion).dump() == occasion);
    CHECK(json::parse(encode_conclusion(result)).dump() == encode_conclusion(result));

    auto other = *conclusion;
    other.tier = Tier::affirming;
    CHECK(decode_occasion(occasion, other).error().code == ErrorCode::refused);
    other = *conclusion;
    other.host = "rack-8";
    CHECK(decode_occasion(encode_occasion(result, conclusion_digest(other)), other).error().code ==
          ErrorCode::refused);
    const auto with = [](std::string text, const char* member, const json& value) {
        auto document = json::parse(text);
        if (value.is_null())
            document.erase(member);
        else
            document[member] = value;
        return document.dump();
    };
    const auto occasion_members = json::parse(occasion);
    for (const auto& [key, value] : occasion_members.items()) {
        INFO(key);
        CHECK(decode_occasion(with(occasion, key.c_str(), nullptr), *conclusion).has_value() ==
              (key == "previous"));
        CHECK_FALSE(decode_occasion(with(occasion, key.c_str(), 1.5), *conclusion));
    }
    const auto conclusion_members = json::parse(encode_conclusion(result));
    for (const auto& [key, value] : conclusion_members.items()) {
        INFO(key);
        CHECK_FALSE(decode_conclusion(with(encode_conclusion(result), key.c_str(), nullptr)));
        CHECK_FALSE(decode_conclusion(with(encode_conclusion(result), key.c_str(), 1.5)));
    }
    CHECK_FALSE(decode_conclusion(with(encode_conclusion(result), "extra", 1)));
    CHECK_FALSE(decode_occasion(with(occasion, "extra", 1), *conclusion));
    CHECK_FALSE(decode_occasion(with(occasion, "inputs", {{"policy", "x"}}), *conclusion));
    CHECK_FALSE(decode_conclusion(with(encode_conclusion(result), "inputs", {{"evidence", "x"}})));
}

TEST_CASE("a flat document with another conclusion than it names is refused") {
    CHECK_FALSE(decoded_after([](json& document) { document["tier"] = "affirming"; }));
    CHECK_FALSE(decoded_after([](json& document) { document["inputs"]["policy"] = std::string(64, 'c'); }));
    CHECK_FALSE(decoded_after([](json& document) { document["conclusion"] = std::string(64, 'c'); }));
    // Of the occasion it names no digest: whoever has the id compares.
    CHECK(decoded_after([](json& document) { document["appraised_at"] = 1; }));
}

TEST_CASE("a result of version 1 is read and keeps its bytes and its id, the digest of the whole") {
    auto result = sample::attestation_result();
    result.version = 1;
    result.previous.reset();
    const auto text = encode_attestation_result(result);
    CHECK(decode_attestation_result(text) == result);
    CHECK_FALSE(json::parse(text).contains("conclusion"));
    CHECK(attestation_result_id(result) == sha256(as_view(text)).hex());
    auto mixed = json::parse(text);
    mixed["conclusion"] = conclusion_digest(result);
    CHECK_FALSE(decode_attestation_result(mixed.dump()));
    mixed = json::parse(text);
    mixed["previous"] = std::string(64, 'd');
    CHECK_FALSE(decode_attestation_result(mixed.dump()));
}

TEST_CASE("members that are missing, unknown or of another type are refused") {
    CHECK(decoded_after([](json&) {}));
    const auto whole = json::parse(encode_attestation_result(sample::attestation_result()));
    for (const auto& [key, value] : whole.items()) {
        INFO(key);
        CHECK(decoded_after([&](json& document) { document.erase(key); }).has_value() == (key == "previous"));
        CHECK_FALSE(decoded_after([&](json& document) { document[key] = nullptr; }));
        CHECK_FALSE(decoded_after([&](json& document) { document[key] = 1.5; }));
    }
    CHECK_FALSE(decoded_after([](json& document) { document["extra"] = 1; }));
    CHECK_FALSE(decoded_after([](json& document) { document["findings"][0]["extra"] = 1; }));
    CHECK_FALSE(decoded_after([](json& document) { document["findings"][0].erase("actual"); }));
    CHECK_FALSE(decoded_after([](json& document) { document["checks"][0]["tier"] = "fine"; }));
    CHECK_FALSE(decoded_after([](json& document) { document["checks"][0]["basis"] = "rumour"; }));
    CHECK_FALSE(decoded_after([](json& document) { document["claims"]["karma"] = "none"; }));
    CHECK_FALSE(decoded_after([](json& document) { document["v"] = 3; }));
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
