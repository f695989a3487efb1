#include "evidence/wire/statement/session_statement.h"

#include <catch2/catch.hpp>

#include "evidence/wire/statement/session_document.h"
#include "tests/support/tpm/key_holder.h"

using namespace assay;

namespace {

SessionStatement statement() {
    return {.action = "open",
            .role = "escort",
            .session = "6f2c",
            .host = "rack-7",
            .order = "WO: 1017",
            .order_digest = {},
            .nonce = "ab",
            .device = {},
            .at = 1'800'000'000};
}

}  // namespace

TEST_CASE("a statement's text is read back to the statement") {
    const auto text = session_statement_text(statement()).value();
    const auto read = parse_session_statement(text).value();
    CHECK(read.order == "WO: 1017");
    CHECK(read.at == 1'800'000'000);
    CHECK(session_statement_text(read).value() == text);
}

TEST_CASE("no other text is read as a statement") {
    const auto text = session_statement_text(statement()).value();
    for (std::size_t i = 0; i < text.size(); ++i) CHECK_FALSE(parse_session_statement(text.substr(0, i)));
    for (const auto* behind : {" ", "\n", "x: y\n"}) CHECK_FALSE(parse_session_statement(text + behind));
    auto other = text;
    other.replace(other.find("v1"), 2, "v2");
    CHECK_FALSE(parse_session_statement(other));
    for (const auto* at : {"+1800000000", "01800000000", "1800000000 ", "", "99999999999999999999"}) {
        other = text.substr(0, text.find("at: ") + 4) + at + "\n";
        CHECK_FALSE(parse_session_statement(other));
    }
    other = text;
    other.replace(other.find("rack-7"), 6, "rack\t7");
    CHECK_FALSE(parse_session_statement(other));
}

TEST_CASE("a session document is read back, and one that lacks a part or has one more is refused") {
    const test::KeyHolder key;
    const auto text = session_statement_text(statement()).value();
    const SessionDocument document{.text = text, .public_key = key.public_key(), .signature = key.sign(text)};
    const auto bytes = encode_session_document(document);
    CHECK(decode_session_document(bytes).value() == document);
    CHECK(session_signature_verifies(document.public_key, document.text, document.signature).value());
    for (std::size_t i = 0; i < bytes.size(); ++i)
        CHECK_FALSE(decode_session_document(ByteView(bytes).first(i)));
    CHECK_FALSE(decode_session_document(to_bytes("\xa0")));
    auto longer = bytes;
    longer.push_back(std::byte{0});
    CHECK_FALSE(decode_session_document(longer));
}
