#include "cli/ear.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "evidence/codec/jws.h"
#include "tests/support/builders/token_builder.h"
#include "tests/support/machine/small_stack.h"

using namespace assay;
using namespace assay::test;

namespace {

constexpr std::int64_t kIssued = 1'795'344'145;  // 2026-11-22 10:42:25Z
constexpr std::int64_t kDay = 86'400;

AttestationResult a_result() {
    AttestationResult result;
    result.host = "rack-7";
    result.tier = Tier::warning;
    result.appraiser = "assay 0.1.0";
    result.appraised_at = kIssued;
    return result;
}

nlohmann::json claims_of(const AttestationResult& result) {
    return {{"eat_profile", "tag:ietf.org,2026:rats/ear#05"},
            {"iat", kIssued},
            {"exp", kIssued + kDay},
            {"submods", {{"rack-7", {{"ear.status", "warning"}}}}},
            {"assay.conclusion", conclusion_digest(result)},
            {"assay.result-id", attestation_result_id(result)}};
}

/// As a verifier wrote them before there were conclusions.
nlohmann::json older_claims() {
    auto result = a_result();
    result.version = 1;
    auto claims = claims_of(result);
    claims.erase("assay.conclusion");
    claims["assay.result"] = nlohmann::json::parse(encode_attestation_result(result));
    return claims;
}

TokenBuilder with_claims(const nlohmann::json& claims) {
    TokenBuilder made;
    made.payload = claims.dump();
    return made;
}

TokenBuilder honest() {
    return with_claims(claims_of(a_result()));
}

bool verifies(const TokenBuilder& made) {
    return cli::verify_token(made.token(), made.keys.public_pem).has_value();
}

cli::VerifiedToken verified(const nlohmann::json& claims) {
    const auto made = with_claims(claims);
    auto token = cli::verify_token(made.token(), made.keys.public_pem);
    REQUIRE(token);
    return *std::move(token);
}

}  // namespace

TEST_CASE("a token signed by the verifier's key verifies, and says host, verdict, times and what it names") {
    const auto token = verified(claims_of(a_result()));
    CHECK(token.host == "rack-7");
    CHECK(token.tier == Tier::warning);
    CHECK(token.issued_at == kIssued);
    CHECK(token.expires_at == kIssued + kDay);
    CHECK(token.names.id == attestation_result_id(a_result()));
    CHECK(token.names.conclusion == conclusion_digest(a_result()));
    CHECK(token.document.empty());
}

TEST_CASE("the result or conclusion that a token names is accepted, and no other") {
    const auto token = verified(claims_of(a_result()));
    const auto result = a_result();
    CHECK(cli::named_document(token, encode_attestation_result(result)) == result);
    CHECK(cli::named_document(token, encode_conclusion(result))->tier == result.tier);

    auto later = result;  // the same conclusion on another occasion
    later.appraised_at += 1;
    CHECK(cli::named_document(token, encode_attestation_result(later)).error().code == ErrorCode::refused);
    CHECK(cli::named_document(token, encode_conclusion(later)));
    auto better = result;
    better.tier = Tier::affirming;
    CHECK(cli::named_document(token, encode_attestation_result(better)).error().code == ErrorCode::refused);
    CHECK(cli::named_document(token, encode_conclusion(better)).error().code == ErrorCode::refused);
    CHECK_FALSE(cli::named_document(token, "{}"));

    // Signed by the verifier, and yet: what it says beside the names must be what they stand for.
    auto claims = claims_of(result);
    claims["submods"] = {{"rack-7", {{"ear.status", "affirming"}}}};
    CHECK(cli::named_document(verified(claims), encode_conclusion(result)).error().code ==
          ErrorCode::refused);
    claims = claims_of(result);
    claims["iat"] = kIssued + 1;
    CHECK(cli::named_document(verified(claims), encode_attestation_result(result)).error().code ==
          ErrorCode::refused);
}

TEST_CASE(
    "a token of a verifier before there were conclusions holds the whole result, and must be of one piece") {
    const auto token = verified(older_claims());
    auto result = a_result();
    result.version = 1;
    CHECK(cli::named_document(token, token.document) == result);
    CHECK_FALSE(cli::named_document(token, encode_attestation_result(a_result())));
    const auto refused = [&](const std::string& pointer, const nlohmann::json& value) {
        auto claims = older_claims();
        REQUIRE(verifies(with_claims(claims)));  // the honest twin
        claims[nlohmann::json::json_pointer(pointer)] = value;
        return !verifies(with_claims(claims));
    };
    CHECK(refused("/submods/rack-7/ear.status", "affirming"));
    CHECK(refused("/assay.result/host", "rack-8"));
    CHECK(refused("/assay.result-id", std::string(64, '0')));
    CHECK(refused("/iat", kIssued + 1));
}

TEST_CASE("a token under another key, or with one character changed, is refused") {
    const auto made = honest();
    const auto token = made.token();
    CHECK_FALSE(cli::verify_token(token, TokenKeys::make().public_pem));
    for (std::size_t i = 0; i < token.size(); i += 7) {
        auto changed = token;
        changed[i] = changed[i] == 'A'
                         ? 'Q'
                         : 'A';  // differs in high bits too, so that base64's unused low bits do not hide it
        INFO("character " << i);
        CHECK_FALSE(cli::verify_token(changed, made.keys.public_pem));
    }
}

TEST_CASE("the token does not choose its algorithm: none, and HMAC keyed with the public key, are refused") {
    auto made = honest();
    REQUIRE(verifies(made));
    made.header = R"({"alg":"none","kid":"k1","typ":"JWT"})";
    CHECK_FALSE(verifies(made));
    CHECK_FALSE(cli::verify_token(made.signed_part() + ".", made.keys.public_pem));
    made.header = R"({"alg":"HS256","kid":"k1","typ":"JWT"})";
    CHECK_FALSE(cli::verify_token(made.with(made.hmac_under_public_key()), made.keys.public_pem));
}

TEST_CASE("a token with a dot, a line's end or padding behind it is refused") {
    const auto made = honest();
    REQUIRE(verifies(made));
    for (const auto* more : {".", "\n", "=", " ", ".x"})
        CHECK_FALSE(cli::verify_token(made.token() + more, made.keys.public_pem));
}

TEST_CASE("a token that lacks a part, or has one of another form, is refused, though its signature is good") {
    const auto refused = [&](const std::string& pointer, const nlohmann::json& value) {
        auto claims = claims_of(a_result());
        REQUIRE(verifies(with_claims(claims)));  // the honest twin
        claims[nlohmann::json::json_pointer(pointer)] = value;
        return !verifies(with_claims(claims));
    };
    CHECK(refused("/submods/rack-7/ear.status", "fine"));
    CHECK(refused("/submods/rack-8", {{"ear.status", "warning"}}));
    CHECK(refused("/submods", nlohmann::json::object()));
    CHECK(refused("/submods", 7));
    CHECK(refused("/assay.result-id", std::string(64, 'x')));
    CHECK(refused("/assay.conclusion", "ab"));
    CHECK(refused("/eat_profile", "tag:example.org,2026:other"));
    CHECK(refused("/iat", std::to_string(kIssued)));
    CHECK(refused("/exp", kIssued));
    CHECK(refused("/exp", -1));
    CHECK(refused("/exp", 1e300));
    CHECK(refused("/exp", 18'446'744'073'709'551'615ULL));
    CHECK(refused("/exp", nullptr));
    auto without_time = claims_of(a_result());
    without_time.erase("iat");
    CHECK_FALSE(verifies(with_claims(without_time)));
}

TEST_CASE(
    "a token holds from its moment of issue until just before its expiry, by the clock and as of a time") {
    const auto token = verified(claims_of(a_result()));
    const auto name = [&](std::int64_t at, bool asked) {
        const auto validity = cli::validity_of(token, {at, asked});
        REQUIRE(validity);
        CHECK(validity->holds == (validity->name == "valid"));
        return validity->name;
    };
    for (const bool asked : {false, true}) {
        CHECK(name(kIssued, asked) == "valid");
        CHECK(name(kIssued + kDay - 1, asked) == "valid");
        CHECK(name(kIssued + kDay, asked) == "expired");
    }
    CHECK(name(kIssued - 1, true) == "issued_later");
    CHECK(name(kIssued - 1, false) == "valid");  // two clocks are never the same
    CHECK(name(kIssued - cli::kClockSkew_s, false) == "valid");
    const auto future = cli::validity_of(token, {kIssued - cli::kClockSkew_s - 1, false});
    REQUIRE_FALSE(future);
    CHECK(future.error().code == ErrorCode::refused);
}

TEST_CASE("an expired token says since when, and by which clock") {
    const auto token = verified(claims_of(a_result()));
    const auto words = [&](bool asked) {
        return cli::validity_of(token, {kIssued + (2 * kDay), asked}).value().words;
    };
    CHECK(words(false).find("EXPIRED since 2026-11-23 10:42:25Z by this machine's clock (2026-11-24 "
                            "10:42:25Z)") != std::string::npos);
    CHECK(words(true).find("EXPIRED since 2026-11-23 10:42:25Z as of 2026-11-24 10:42:25Z (--at)") !=
          std::string::npos);
}

TEST_CASE("a token without an expiry holds only as of a time that was asked for, from its issue on") {
    auto claims = claims_of(a_result());
    claims.erase("exp");
    const auto token = verified(claims);
    CHECK_FALSE(cli::validity_of(token, {kIssued, false}).value().holds);
    CHECK_FALSE(cli::validity_of(token, {kIssued + kDay, false}).value().holds);
    CHECK_FALSE(cli::validity_of(token, {kIssued - 1, true}).value().holds);
    CHECK(cli::validity_of(token, {kIssued, true}).value().holds);
    CHECK(cli::validity_of(token, {kIssued + (1000 * kDay), true}).value().holds);
}

TEST_CASE("the largest token of an older verifier is read on a stack of 256 KiB; one of 7 MiB is refused") {
    auto result = a_result();
    result.version = 1;
    result.findings.resize(1);
    auto& text = result.findings.front().actual;
    text = std::string(limits::kAttestationResult - encode_attestation_result(result).size(), 'x');
    auto claims = older_claims();
    claims["assay.result"] = nlohmann::json::parse(encode_attestation_result(result));
    claims["assay.result-id"] = attestation_result_id(result);
    const auto made = with_claims(claims);
    const auto token = made.token();
    REQUIRE(token.size() > limits::kAttestationResult);
    on_small_stack([&] {
        if (!cli::verify_token(token, made.keys.public_pem)) throw std::runtime_error("it does not verify");
        const auto huge = cli::verify_token(std::string(7U << 20U, 'A'), made.keys.public_pem);
        if (huge || huge.error().code != ErrorCode::limit) throw std::runtime_error("7 MiB verify");
    });
}

TEST_CASE("a JWKS document gives the key with the token's id, and says so where it has none") {
    const auto none = cli::verify_token(honest().token(), R"({"keys":[]})");
    REQUIRE_FALSE(none);
    CHECK(none.error().code == ErrorCode::not_found);
    CHECK(none.error().context.find("k1") != std::string::npos);
}
