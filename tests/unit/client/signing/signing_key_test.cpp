#include "client/signing/signing_key.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include "client/signing/signed_statement.h"
#include "files/output.h"
#include "tests/support/machine/skip.h"
#include "tests/support/machine/temp_folder.h"

using namespace assay;
using namespace assay::client;

namespace {

constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";

SessionStatement statement() {
    return {.action = "open",
            .role = "escort",
            .session = "s",
            .host = "rack-7",
            .order = "W-1",
            .order_digest = {},
            .nonce = "n",
            .device = {},
            .at = 1'800'000'000};
}

bool run(const std::string& command) {
    return std::system((command + " >/dev/null 2>&1").c_str()) == 0;  // NOLINT: a test's own words
}

// Tokens of SoftHSM in a folder of the test's own. One for the process: a PKCS#11 module reads its
// configuration once.
struct Tokens {
    test::TempFolder folder;
    bool there = false;

    Tokens() {
        const auto tokens = folder.path() / "tokens";
        std::filesystem::create_directory(tokens);
        const auto conf = (folder.path() / "softhsm2.conf").string();
        std::ofstream(conf) << "directories.tokendir = " << tokens.string()
                            << "\nobjectstore.backend = file\n";
        setenv("SOFTHSM2_CONF", conf.c_str(), 1);  // NOLINT: before any thread
        const auto key = [](const std::string& type, const std::string& name, const std::string& id) {
            return run("pkcs11-tool --module " + std::string(kModule) +
                       " --token-label roy --login --pin 1234 " + "--keypairgen --key-type " + type +
                       " --label " + name + " --id " + id);
        };
        there = std::filesystem::exists(kModule) && run("command -v softhsm2-util pkcs11-tool") &&
                run("softhsm2-util --init-token --free --label roy --pin 1234 --so-pin 5678") &&
                key("EC:prime256v1", "p256", "01") && key("EC:edwards25519", "ed", "02") &&
                key("EC:secp384r1", "p384", "03");
    }
};

// SoftHSM loses some bytes of each Edwards key: not ours to find.
struct TokenMayLeak {
#ifdef __SANITIZE_ADDRESS__
    __lsan::ScopedDisabler disabled;
#endif
};

const Tokens& tokens() {
    static const Tokens all;
    return all;
}

}  // namespace

TEST_CASE("a token's P-256 or Ed25519 key signs a statement that verifies by what the directory knows") {
    if (!tokens().there) ASSAY_SKIP("softhsm2 or opensc is not installed");
    const TokenMayLeak softhsm;
    const std::string object = GENERATE("p256", "ed");
    INFO(object);
    const auto key = SigningKey::open("pkcs11:token=roy;object=" + object + "?pin-value=1234");
    INFO((key ? std::string() : describe(key.error())));
    REQUIRE(key);
    const auto text = session_statement_text(statement()).value();
    const auto document = sign_statement(*key, text);
    INFO((document ? std::string() : describe(document.error())));
    REQUIRE(document);
    CHECK(session_signature_verifies(document->public_key, text, document->signature).value());
    CHECK_FALSE(session_signature_verifies(document->public_key, text + "x", document->signature).value());
    const auto back = decode_signed_statement(encode_signed_statement(*document));
    REQUIRE(back);
    CHECK(*back == *document);
}

TEST_CASE("a token's PIN is taken from the file that the URI names") {
    if (!tokens().there) ASSAY_SKIP("softhsm2 or opensc is not installed");
    const TokenMayLeak softhsm;
    const test::TempFolder folder;
    const auto file = (folder.path() / "pin").string();
    for (const auto& source : {"file:" + file, "file://" + file, file}) {
        CAPTURE(source);
        REQUIRE(files::write_output(file, as_view("1234\n")));
        CHECK(SigningKey::open("pkcs11:token=roy;object=p256?pin-source=" + source));
        REQUIRE(files::write_output(file, as_view("0000\n")));
        CHECK(SigningKey::open("pkcs11:token=roy;object=p256?pin-source=" + source).error().code ==
              ErrorCode::refused);
    }
}

TEST_CASE("a token, key or PIN that is not there is named, and nothing is signed") {
    if (!tokens().there) ASSAY_SKIP("softhsm2 or opensc is not installed");
    const TokenMayLeak softhsm;
    const auto code = [](const std::string& uri) { return SigningKey::open(uri).error().code; };
    CHECK(code("pkcs11:token=nobody?pin-value=1234") == ErrorCode::not_found);
    CHECK(code("pkcs11:token=roy;object=nothing?pin-value=1234") == ErrorCode::not_found);
    CHECK(code("pkcs11:token=roy?pin-value=1234") == ErrorCode::conflict);
    CHECK(code("pkcs11:token=roy;object=p256?pin-value=0000") == ErrorCode::refused);
    CHECK(code("pkcs11:token=roy;object=p384?pin-value=1234") == ErrorCode::unsupported);
    CHECK(code("pkcs11:token=roy;object=p256?pin-source=|echo%201234") == ErrorCode::unsupported);
    CHECK(code("pkcs11:token=roy;object=p256?pin-source=file:///nowhere") == ErrorCode::not_found);
    CHECK(code("pkcs11:=;") == ErrorCode::usage);
}

TEST_CASE("a key signs statements and nothing else, and a signed file has its three parts and no more") {
    test::TempFolder folder;
    const auto file = (folder.path() / "key.pem").string();
    REQUIRE(run("openssl genpkey -algorithm ed25519 -out " + file));
    const auto key = SigningKey::open(file);
    REQUIRE(key);
    CHECK_FALSE(sign_statement(*key, "pay 100 to me\n"));
    auto challenge = statement();
    challenge.action = "challenge";
    CHECK_FALSE(sign_statement(*key, session_statement_text(challenge).value()));
    for (const auto* text : {"", "[]", "{}", R"({"text":"a","public_key":"","signature":1})",
                             R"({"text":"a","public_key":"","signature":"","more":""})",
                             R"({"text":"a","public_key":"=","signature":""})"}) {
        CHECK_FALSE(decode_signed_statement(text));
    }
}
