#include "evidence/codec/jws.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "tests/support/builders/token_builder.h"
#include "tests/support/machine/small_stack.h"

using namespace assay;
using namespace assay::test;

namespace {

bool verifies(const std::string& token, const TokenKeys& keys) {
    auto parsed = parse_jws(token);
    return parsed && verified_payload(*std::move(parsed), Es256PublicKey::from_pem(keys.public_pem).value())
                         .has_value();
}

bool verifies(const TokenBuilder& made) {
    return verifies(made.token(), made.keys);
}

Bytes from64(std::string_view text) {
    return from_base64url(text, 128).value();
}

}  // namespace

TEST_CASE(
    "the example of RFC 7515, A.3 verifies under its key, and with any bit of its signature flipped not") {
    const auto key = Es256PublicKey::from_point(from64("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                                                from64("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"));
    REQUIRE(key);
    const std::string message =
        "eyJhbGciOiJFUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19y"
        "b290Ijp0cnVlfQ";
    const auto bytes =
        from64("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    Es256Signature signature{};
    REQUIRE(bytes.size() == signature.size());
    std::ranges::copy(bytes, signature.begin());
    CHECK(key->verifies(message, signature));
    CHECK_FALSE(key->verifies(message + " ", signature));
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
        auto other = signature;
        other.at(bit / 8) ^= static_cast<std::byte>(1U << (bit % 8));
        INFO("bit " << bit);
        CHECK_FALSE(key->verifies(message, other));
    }
}

TEST_CASE("the page's example verifies under the page's key") {
    std::ifstream file(ASSAY_SOURCE_DIR "/docs/formats/token.md");
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    const auto block = [&](const std::string& name) {
        const auto from = page.find("```" + name + "\n");
        REQUIRE(from != std::string::npos);
        const auto start = from + name.size() + 4;
        return page.substr(start, page.find("\n```", start) - start);
    };
    const auto jwk = nlohmann::json::parse(block("jwk"));
    const auto key = Es256PublicKey::from_point(from64(jwk.at("x").get<std::string>()),
                                                from64(jwk.at("y").get<std::string>()));
    const auto token = block("token");
    const auto payload = verified_payload(parse_jws(token).value(), key.value());
    REQUIRE(payload);
    CHECK(as_text(*payload) == R"({"exp":1795430545,"iat":1795344145})");
    CHECK(page.find("1*683b64") != std::string::npos);
    CHECK(base64url_size(kMaxJwsHeader) == 683);
    CHECK(base64url_size(kMaxJwsPayload) == 1'485'483);
    CHECK(kMaxJws == 1'486'254);
}

TEST_CASE("a token that was signed here has the one form, verifies, and carries the payload's own bytes") {
    const TokenBuilder made;
    const auto key = Es256PrivateKey::from_pem(made.keys.private_pem).value();
    const std::string payload = "{\"b\": 1,\n \"a\":\t2}";  // nothing sorts or tidies it
    const auto token = sign_jws(payload, "k1", key).value();
    CHECK(token.starts_with(to_base64url(as_view(R"({"alg":"ES256","kid":"k1","typ":"JWT"})")) + "."));
    auto parsed = parse_jws(token).value();
    CHECK(parsed.key_id == "k1");
    const auto verified =
        verified_payload(std::move(parsed), Es256PublicKey::from_pem(made.keys.public_pem).value());
    REQUIRE(verified);
    CHECK(as_text(*verified) == payload);
    const auto by_point = Es256PublicKey::from_point(key.x(), key.y()).value();
    CHECK(verified_payload(parse_jws(token).value(), by_point));
    CHECK_FALSE(verifies(token, TokenKeys::make()));
}

TEST_CASE("no other form of the same token parses") {
    const TokenBuilder made;
    const auto token = made.token();
    REQUIRE(verifies(token, made.keys));
    const auto first = token.find('.');
    const auto second = token.rfind('.');
    const auto header = token.substr(0, first);
    const auto payload = token.substr(first + 1, second - first - 1);
    const auto signature = token.substr(second + 1);
    const auto padded = [](std::string part) { return part + std::string((4 - part.size() % 4) % 4, '='); };
    for (const auto& other : std::vector<std::string>{
             "",
             ".",
             "..",
             "...",
             header + "." + payload,
             header + "." + payload + ".",
             token + ".",
             "." + token,
             token + ".x",
             header + ".." + payload + "." + signature,
             header + ".." + signature,
             "." + payload + "." + signature,
             token + "\n",
             " " + token,
             header + ". " + payload + "." + signature,
             token + "=",
             header + "." + payload + "." + padded(signature),
             header + "." + padded(payload) + "." + signature,
             token + std::string(1, '\0'),
             token.substr(0, token.size() - 1),
             token + "A",
             header + "." + payload + "." + signature.substr(0, 84),
         }) {
        INFO(other);
        CHECK_FALSE(parse_jws(other));
    }
}

TEST_CASE(
    "a token with other bits in the last character of a part is refused, though they decode to nothing") {
    TokenBuilder made;
    made.payload = R"({"a":10})";  // 8 bytes: four unused bits in its last character, as in the signature's
    const auto token = made.token();
    REQUIRE(verifies(token, made.keys));
    for (const auto at : {token.rfind('.') - 1, token.size() - 1}) {
        auto other = token;
        other[at] = other[at] == 'g' ? 'h' : static_cast<char>(other[at] + 1);
        CHECK_FALSE(parse_jws(other));
    }
}

TEST_CASE("the header has alg, kid and typ, and no other member; the token chooses nothing by it") {
    TokenBuilder made;
    REQUIRE(verifies(made));
    const auto refused = [&](std::string header) {
        made.header = std::move(header);
        return !parse_jws(made.token());
    };
    CHECK_FALSE(refused(R"( {"typ":"JWT", "kid":"k1", "alg":"ES256"} )"));  // JSON all the same
    CHECK(refused(R"({"alg":"none","kid":"k1","typ":"JWT"})"));
    CHECK(refused(R"({"alg":"HS256","kid":"k1","typ":"JWT"})"));
    CHECK(refused(R"({"alg":"es256","kid":"k1","typ":"JWT"})"));
    CHECK(refused(R"({"alg":["ES256"],"kid":"k1","typ":"JWT"})"));
    CHECK(refused(R"({"kid":"k1","typ":"JWT"})"));
    CHECK(refused(R"({"alg":"ES256","typ":"JWT"})"));
    CHECK(refused(R"({"alg":"ES256","kid":"","typ":"JWT"})"));
    CHECK(refused(R"({"alg":"ES256","kid":7,"typ":"JWT"})"));
    CHECK(refused(R"({"alg":"ES256","kid":")" + std::string(kMaxJwsKeyId + 1, 'k') + R"(","typ":"JWT"})"));
    CHECK_FALSE(refused(R"({"alg":"ES256","kid":")" + std::string(kMaxJwsKeyId, 'k') + R"(","typ":"JWT"})"));
    CHECK(refused(R"({"alg":"ES256","kid":"k1"})"));
    CHECK(refused(R"({"alg":"ES256","kid":"k1","typ":"jose"})"));
    CHECK(refused(R"({"alg":"ES256","crit":["b64"],"kid":"k1","typ":"JWT"})"));
    CHECK(refused(R"({"alg":"ES256","b64":false,"kid":"k1","typ":"JWT"})"));
    CHECK(refused(R"({"alg":"ES256","alg":"ES256","kid":"k1","typ":"JWT"})"));
    CHECK(refused(R"({"alg":"none","alg":"ES256","kid":"k1","typ":"JWT"})"));
    CHECK(refused(R"({"alg":"ES256","kid":"k1","typ":"JWT"}{})"));
    CHECK(refused(R"(["ES256","k1","JWT"])"));
    CHECK(refused("null"));
    CHECK(refused("{"));
}

TEST_CASE("no signature but the key's own verifies: none of zeros, of the order, in DER, of another length") {
    const TokenBuilder made;
    const auto verifies_with = [&](ByteView signature) { return verifies(made.with(signature), made.keys); };
    REQUIRE(verifies_with(made.signature(made.signed_part())));
    CHECK_FALSE(verifies_with(Bytes(64)));
    const auto order =
        from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 32).value();
    Bytes twice(order);
    twice.insert(twice.end(), order.begin(), order.end());
    CHECK_FALSE(verifies_with(twice));
    CHECK_FALSE(verifies_with(Bytes(64, std::byte{0xff})));
    for (const auto size : {1U, 32U, 63U, 65U, 70U, 96U, 132U})
        CHECK_FALSE(verifies_with(Bytes(size, std::byte{1})));
    CHECK_FALSE(verifies_with(made.hmac_under_public_key()));
    // A signature of something else by the same key.
    CHECK_FALSE(verifies_with(made.signature(made.signed_part() + "A")));
}

TEST_CASE("a token changed in any character is refused") {
    TokenBuilder made;
    made.payload = R"({"eat_profile":"x","iat":1795344145})";
    const auto token = made.token();
    for (std::size_t i = 0; i < token.size(); ++i) {
        auto changed = token;
        changed[i] = changed[i] == 'A' ? 'Q' : 'A';
        INFO("character " << i);
        CHECK_FALSE(verifies(changed, made.keys));
    }
}

TEST_CASE("what is too large is refused before it is decoded, on both sides") {
    const TokenBuilder made;
    const auto key = Es256PrivateKey::from_pem(made.keys.private_pem).value();
    const auto parsed = parse_jws(std::string(kMaxJws + 1, 'A'));
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::limit);
    const auto token = sign_jws(std::string(kMaxJwsPayload, ' '), "k1", key);
    REQUIRE(token);
    CHECK(verifies(*token, made.keys));
    CHECK_FALSE(sign_jws(std::string(kMaxJwsPayload + 1, ' '), "k1", key));
    CHECK_FALSE(sign_jws("", "k1", key));
    CHECK_FALSE(sign_jws("{}", "", key));
    CHECK_FALSE(sign_jws("{}", std::string(kMaxJwsKeyId, '\x01'), key));
    // The payload larger by its size alone: the token is not.
    auto larger = made;
    larger.header = R"({"alg":"ES256","kid":"k1","typ":"JWT"})";
    larger.payload = std::string(kMaxJwsPayload + 3, ' ');
    CHECK_FALSE(parse_jws(larger.token()));
}

TEST_CASE("the largest token is signed and verified on a stack of 256 KiB, by several threads with one key") {
    const TokenBuilder made;
    const auto secret = Es256PrivateKey::from_pem(made.keys.private_pem).value();
    const auto open = Es256PublicKey::from_pem(made.keys.public_pem).value();
    const std::string payload(kMaxJwsPayload, 'x');
    const auto work = [&] {
        const auto token = sign_jws(payload, std::string(kMaxJwsKeyId, 'k'), secret);
        if (!token) throw std::runtime_error(describe(token.error()));
        const auto verified = verified_payload(parse_jws(*token).value(), open);
        if (!verified || as_text(*verified) != payload) throw std::runtime_error("the payload is another");
        if (parse_jws(std::string(7U << 20U, 'A') + ".A.A")) throw std::runtime_error("7 MiB parse");
    };
    std::vector<std::jthread> threads;
    std::vector<std::exception_ptr> thrown(3);
    for (auto& each : thrown) {
        threads.emplace_back([&] {
            try {
                on_small_stack(work);
            } catch (...) {
                each = std::current_exception();
            }
        });
    }
    threads.clear();  // joined
    for (const auto& each : thrown) CHECK(each == nullptr);
}

TEST_CASE("a key that is no P-256 key, or no point of the curve, is refused") {
    CHECK_FALSE(Es256PublicKey::from_point(Bytes(32), Bytes(32)));
    CHECK_FALSE(Es256PublicKey::from_point(Bytes(31), Bytes(32)));
    CHECK_FALSE(Es256PublicKey::from_point(Bytes(32, std::byte{0xff}), Bytes(32, std::byte{0xff})));
    CHECK_FALSE(Es256PublicKey::from_pem(""));
    CHECK_FALSE(Es256PublicKey::from_pem(std::string(1U << 20U, '-')));
    const auto keys = TokenKeys::make();
    CHECK_FALSE(Es256PublicKey::from_pem(keys.private_pem));
    CHECK_FALSE(Es256PrivateKey::from_pem(keys.public_pem));
    CHECK_FALSE(Es256PrivateKey::from_pem(""));
}
