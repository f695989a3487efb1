#include "evidence/tpm/key/credential.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "evidence/base/byte_writer.h"
#include "evidence/base/hex.h"
#include "tests/support/machine/skip.h"
#include "tests/support/tpm/swtpm.h"
#include "tests/support/tpm/tpm_builder.h"

using namespace assay;
using namespace assay::tcg;
using namespace assay::test;
using test::Key;

namespace {

const Bytes kSecret = to_bytes(sha256(as_view("a secret for one host")).view());

Bytes some_name() {
    return compute_name(encode_tpm_public(ak_public(shared_key(Key::p256)))).value();
}

Bytes read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    return to_bytes(text);
}

void write_file(const std::filesystem::path& path, ByteView bytes) {
    std::ofstream(path, std::ios::binary) << as_text(bytes);
}

/// Runs tpm2-tools in `folder` against the TPM of `tcti`, one command after the other until one fails.
bool tpm2(const std::filesystem::path& folder, const std::string& tcti, const std::string& commands) {
    const std::string line = "cd '" + folder.string() + "' && export TPM2TOOLS_TCTI='" + tcti +
                             "' && ( set -e; " + commands + " ) >>tools.log 2>&1";
    return std::system(line.c_str()) == 0;  // NOLINT: a fixed line of the test's own
}

bool tools_installed() {
    return std::system("command -v tpm2_activatecredential >/dev/null 2>&1") == 0;
}  // NOLINT

/// tpm2-tools keeps public areas as TPM2B_PUBLIC: the area follows two bytes of size.
Bytes public_area(const std::filesystem::path& file) {
    const Bytes stored = read_file(file);
    return stored.size() < 2 ? Bytes{} : Bytes(stored.begin() + 2, stored.end());
}

}  // namespace

TEST_CASE("a credential has the sizes that its parts claim") {
    const auto [kind, secret_size] = GENERATE(table<Key, std::size_t>(
        {{Key::rsa2048, 2 + 256}, {Key::p256, 2 + 2 * (2 + 32)}, {Key::p384, 2 + 2 * (2 + 48)}}));
    const auto made = make_credential(ek_public(shared_key(kind)), some_name(), kSecret).value();
    CHECK(made.encrypted_secret.size() == secret_size);
    CHECK(made.id_object.size() == 2 + (2 + 32) + (2 + kSecret.size()));
}

TEST_CASE("two credentials of one secret have nothing in common") {
    const auto ek = ek_public(shared_key(GENERATE(Key::rsa2048, Key::p256)));
    const auto first = make_credential(ek, some_name(), kSecret).value();
    const auto second = make_credential(ek, some_name(), kSecret).value();
    CHECK(first.id_object != second.id_object);
    CHECK(first.encrypted_secret != second.encrypted_secret);
}

TEST_CASE("a secret of other than 16 to 32 bytes, or a name that is none, is refused") {
    const auto ek = ek_public(shared_key(Key::p256));
    CHECK(make_credential(ek, some_name(), Bytes(16)));
    for (const std::size_t size : {0U, 15U, 33U}) {
        CHECK(make_credential(ek, some_name(), Bytes(size)).error().code == ErrorCode::usage);
    }
    Bytes name = some_name();
    SECTION("empty") {
        name.clear();
    }
    SECTION("shorter") {
        name.pop_back();
    }
    SECTION("longer") {
        name.push_back(std::byte{0});
    }
    SECTION("a handle") {
        name = Bytes(4);
    }
    SECTION("SHA-1") {
        name = Bytes(22);
        name[1] = std::byte{0x04};
    }
    CHECK(make_credential(ek, name, kSecret).error().code == ErrorCode::usage);
}

TEST_CASE("no secret goes to an EK whose template an attacker chose, and every reason is given") {
    auto ek = ek_public(shared_key(Key::rsa1024));
    ek.attributes = ObjectAttributes(ObjectAttributes::kDecrypt);
    ek.symmetric = {};
    const auto made = make_credential(ek, some_name(), kSecret);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == ErrorCode::refused);
    for (const auto* reason : {"not restricted", "not fixedTPM", "AES-CFB", "under 2048"}) {
        CHECK_THAT(made.error().context, Catch::Contains(reason));
    }
}

TEST_CASE("no secret goes to an EK point off its curve") {
    auto ek = ek_public(shared_key(Key::p256));
    std::get<EccPublic>(ek.key).y.back() ^= std::byte{1};
    CHECK(make_credential(ek, some_name(), kSecret).error().code == ErrorCode::crypto);
}

TEST_CASE("a TPM gives back the secret for the key that was named, and for no other") {
    if (!tools_installed()) ASSAY_SKIP("tpm2-tools is not installed");
    const auto swtpm = Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    const TempFolder folder;
    const auto& root = folder.path();
    const std::string high =
        "tpm2_createprimary -Q -C e -c ek.ctx -a 'fixedtpm|fixedparent|sensitivedataorigin|"
        "userwithauth|restricted|decrypt' ";
    // The templates of tpm2_createek need its policy for activation; the others are authorised by the empty
    // password.
    const auto [create, policy] = GENERATE_COPY(table<std::string, bool>({
        {"tpm2_createek -Q -c ek.ctx -G rsa", true},
        {"tpm2_createek -Q -c ek.ctx -G ecc", true},
        {high + "-G ecc384:aes256cfb -g sha384", false},
        {high + "-G rsa2048:aes256cfb -g sha384", false},
        {high + "-G rsa2048:aes128cfb -g sha512", false},
    }));
    INFO(create);
    const std::string session =
        "tpm2_startauthsession -Q --policy-session -S s.ctx; tpm2_policysecret -Q -S s.ctx -c e; ";
    const std::string ak_attributes =
        "'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign|noda'";
    const std::string create_ak = "tpm2_create -Q -C ek.ctx -G ecc256:ecdsa-sha256:null -g sha256 -a " +
                                  ak_attributes + " -u ak.pub -r ak.priv" +
                                  (policy ? " -P session:s.ctx; " : "; ");
    const std::string flush = "tpm2_flushcontext -Q s.ctx; ";
    const std::string load_ak = "tpm2_load -Q -C ek.ctx -u ak.pub -r ak.priv -c ak.ctx -n ak.name" +
                                std::string(policy ? " -P session:s.ctx; " : "; ");
    std::string make = create + "; tpm2_readpublic -Q -c ek.ctx -o ek.pub; ";
    const std::string clear = "tpm2_flushcontext -Q -t; ";  // there is no resource manager, and three slots
    make += clear + (policy ? session + create_ak + clear + flush + session + load_ak + clear + flush
                            : create_ak + clear + load_ak + clear);
    REQUIRE(tpm2(root, swtpm->tcti(), make));

    const auto ek = parse_tpm_public(public_area(root / "ek.pub"));
    REQUIRE(ek);
    REQUIRE(ek_template_violations(*ek).empty());
    const Bytes ak_area = public_area(root / "ak.pub");
    CHECK(restricted_signing_key_violations(parse_tpm_public(ak_area).value()).empty());
    const Bytes name = compute_name(ak_area).value();
    CHECK(name == read_file(root / "ak.name"));  // ours is the TPM's

    const std::string activate = (policy ? session : std::string()) +
                                 "tpm2_activatecredential -Q -c ak.ctx -C ek.ctx -i credential -o secret" +
                                 (policy ? " -P session:s.ctx; " : "; ") + (policy ? flush : "") + clear;
    const auto store = [&](const Credential& credential) {  // the file format of tpm2-tools: magic, version
        write_file(root / "credential", ByteWriter()
                                            .u32be(0xbadcc0de)
                                            .u32be(1)
                                            .bytes(credential.id_object)
                                            .bytes(credential.encrypted_secret)
                                            .take());
    };
    store(make_credential(*ek, name, kSecret).value());
    REQUIRE(tpm2(root, swtpm->tcti(), activate));
    CHECK(to_hex(read_file(root / "secret")) == to_hex(kSecret));

    Bytes other = name;
    other.back() ^= std::byte{1};
    store(make_credential(*ek, other, kSecret).value());
    CHECK_FALSE(tpm2(root, swtpm->tcti(), activate));
}
