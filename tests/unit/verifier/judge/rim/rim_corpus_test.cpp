// Manifests of other projects, at ASSAY_CORPUS_DIR/rim; what is expected of each is in its MANIFEST.tsv.
#include <algorithm>
#include <sstream>

#include <catch2/catch.hpp>

#include "evidence/base/hex.h"
#include "evidence/certificate/pem.h"
#include "tests/support/builders/corim_builder.h"
#include "tests/support/machine/corpus.h"
#include "tests/support/machine/skip.h"
#include "verifier/judge/rim/comid.h"
#include "verifier/judge/rim/corim.h"
#include "verifier/judge/rim/pc_client_rim.h"

using namespace assay;
using Catch::Matchers::Contains;

namespace {

constexpr std::int64_t kNow = 1'795'737'600;      // 2026-11-27
constexpr std::int64_t kJanuary = 1'705'276'800;  // 2024-01-15

std::filesystem::path at(const std::string& file) {
    return corpus::folder("rim") / file;
}

tcg::Certificate certificate(const std::string& file) {
    return tcg::Certificate::parse(tcg::pem_or_der(corpus::read(at(file)), "CERTIFICATE").value().front())
        .value();
}

Result<rim::Rim> read_tag(const std::filesystem::path& file, const tcg::Certificate& trusted,
                          std::int64_t time, const std::vector<rim::NamedFile>& support = {}) {
    return rim::read_pc_client_rim(
        corpus::read(file), support,
        {.certificates = std::span(&trusted, 1), .keys = {}, .at_unix_time = time});
}

// One line of what xmlsec1 said: "xmlsec1 <how>: exit <code> ...".
struct Expected {
    std::string trusted;
    std::int64_t time = kNow;
    bool valid = false;
};
Expected expectation(const std::string& line) {
    Expected out;
    out.trusted = line.find("pubkey tools") != std::string::npos     ? "hirs/tool_RimSignCert.pem"
                  : line.find("pubkey RimSign") != std::string::npos ? "hirs/RimSignCert.pem"
                                                                     : "nvidia-nvtrust/verifier_RIM_root.pem";
    if (line.find("at 2024-01-15") != std::string::npos) out.time = kJanuary;
    out.valid = line.find(": exit 0 OK") != std::string::npos;
    return out;
}

// The P-256 key of a JWK file, as what the owner trusts.
std::vector<Bytes> key_of(const std::string& file) {
    const auto jwk = corpus::read_text(at(file));
    const auto member = [&](const std::string& name) {
        const auto start = jwk.find("\"" + name + "\": \"") + name.size() + 5;
        return from_base64url(jwk.substr(start, jwk.find('"', start) - start), 32).value();
    };
    tcg::EccPublic point;
    point.curve = tcg::EccCurve::p256;
    point.x = member("x");
    point.y = member("y");
    return {test::public_key_der(tcg::openssl_key(point).value().get())};
}

rim::RimTrust unsigned_at(std::int64_t time, std::span<const std::string> profiles = {}) {
    return {
        .certificates = {}, .keys = {}, .at_unix_time = time, .allow_unsigned = true, .profiles = profiles};
}

}  // namespace

TEST_CASE("each signed tag of the corpus verifies exactly where xmlsec1 by itself says so") {
    if (!corpus::present("rim")) ASSAY_SKIP("no corpus of manifests");
    std::size_t checked = 0;
    std::size_t valid = 0;
    for (const auto* folder : {"hirs", "nvidia-nvtrust", "nvidia-attestation-sdk"}) {
        for (const auto& file : std::filesystem::directory_iterator(at(folder) / "expected")) {
            const auto name = file.path().filename().string();
            const auto tag = at(folder) / name.substr(0, name.find(".xmlsec1.txt"));
            for (const auto& line : corpus::lines(corpus::read_text(file.path()))) {
                const auto expected = expectation(line);
                const auto trusted = certificate(expected.trusted);
                const auto read = read_tag(tag, trusted, expected.time);
                INFO(tag << ": " << line << ": " << (read ? "read" : describe(read.error())));
                CHECK(read.has_value() == expected.valid);
                ++checked;
                valid += read ? 1U : 0U;
            }
        }
    }
    CHECK(checked == 48);
    CHECK(valid == 22);
}

TEST_CASE("the support RIMs of the corpus are those of their tags, and no other's") {
    if (!corpus::present("rim")) ASSAY_SKIP("no corpus of manifests");
    const auto trusted = certificate("hirs/RimSignCert.pem");
    const auto other = corpus::read(at("hirs/laptop.default.1.rimel"));
    for (const auto* stem : {"laptop.default.1", "laptop_varOsInstall_oem.1", "laptop_varOsInstall_var.1",
                             "laptop_badOemInstall_oem.1", "laptop_badOemInstall_var.1"}) {
        INFO(stem);
        const auto tag = at(std::string("hirs/") + stem + ".swidtag");
        const auto log = corpus::read(at(std::string("hirs/") + stem + ".rimel"));
        const auto read = read_tag(tag, trusted, kNow, {{std::string(stem) + ".rimel", log}});
        INFO((read ? "" : describe(read.error())));
        REQUIRE(read);
        CHECK(read->maker == "Dell Inc.");
        CHECK(read->model == "Latitude 5580");
        CHECK(read->support.front().given);
        CHECK_FALSE(read->values.empty());
        if (std::string_view(stem) == "laptop.default.1") continue;
        const auto wrong = read_tag(tag, trusted, kNow, {{std::string(stem) + ".rimel", other}});
        REQUIRE_FALSE(wrong);
        CHECK(wrong.error().code == ErrorCode::refused);
    }
}

TEST_CASE("a device maker's tag has a value for each alternative of each active measurement") {
    if (!corpus::present("rim")) ASSAY_SKIP("no corpus of manifests");
    const auto read = read_tag(at("nvidia-nvtrust/g520_0200_885_9600740001_PROD.swidtag"),
                               certificate("nvidia-nvtrust/verifier_RIM_root.pem"), kJanuary);
    REQUIRE(read);
    CHECK(read->maker == "NVIDIA Corporation");
    CHECK(read->model == "GH100");
    CHECK(read->signer->algorithm == "ECDSA with SHA-384");
    CHECK(std::ranges::count(read->values, "Measurement_12", &rim::RimValue::path) == 4);
    CHECK(std::ranges::count(read->values, "Measurement_7", &rim::RimValue::path) == 0);  // not active
}

TEST_CASE("a tag without a tagId is no RIM, and neither are the tags that break SWID's own rules about it") {
    if (!corpus::present("rim")) ASSAY_SKIP("no corpus of manifests");
    const auto trusted = certificate("hirs/RimSignCert.pem");
    const auto read = read_tag(at("hirs/testCsv.swidtag"), trusted, kNow);
    REQUIRE_FALSE(read);
    CHECK_THAT(read.error().context, Contains("no tagId"));
    // The rules for entities and links are of no use to a reader of digests; none of these is signed.
    for (const auto& file : std::filesystem::directory_iterator(at("nist-swid"))) {
        if (file.path().extension() == ".tsv") continue;
        INFO(file.path());
        const auto tag = read_tag(file.path(), trusted, kNow);
        REQUIRE_FALSE(tag);
        CHECK((tag.error().code == ErrorCode::not_found || tag.error().code == ErrorCode::malformed));
    }
}

TEST_CASE("the signed CoRIMs of the corpus verify with the key that they were signed with, in their time") {
    if (!corpus::present("rim")) ASSAY_SKIP("no corpus of manifests");
    const auto keys = key_of("veraison-corim/ec-p256.jwk");
    const auto bytes = corpus::read(at("veraison-corim/corim_signed-good-corim.cbor"));
    const auto read = rim::read_corim(bytes, {.certificates = {}, .keys = keys, .at_unix_time = kJanuary});
    INFO((read ? "" : describe(read.error())));
    REQUIRE(read);
    CHECK(read->maker == "ACME");
    CHECK(read->model == "RoadRunner");
    CHECK(read->values.size() == 3);
    CHECK_FALSE(
        rim::read_corim(bytes, {.certificates = {}, .keys = keys, .at_unix_time = kNow}));  // until 2025
    CHECK_FALSE(rim::read_corim(
        bytes, {.certificates = {}, .keys = {}, .at_unix_time = kJanuary, .allow_unsigned = true}));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        auto changed = bytes;
        changed[i] ^= std::byte{0x40};
        const auto other =
            rim::read_corim(changed, {.certificates = {}, .keys = keys, .at_unix_time = kJanuary});
        INFO("byte " << i);
        CHECK_FALSE(other);
    }
}

TEST_CASE("the COSE vectors of the corpus verify, but for an algorithm that nobody signed") {
    if (!corpus::present("rim")) ASSAY_SKIP("no corpus of manifests");
    const auto keys = key_of("hirs-cbor/signed-01.json.key");
    const auto verify = [&](const std::string& file) {
        const auto bytes = corpus::read(at(file));
        const auto item = rim::cbor::parse(bytes).value();
        const auto message = rim::read_cose_sign1(item.content()).value();
        return rim::verify_cose_sign1(message, {.certificates = {}, .keys = keys, .at_unix_time = kNow});
    };
    CHECK(verify("hirs-cbor/sign-pass-02.cose").has_value() ==
          false);  // signed over external data that is not here
    const auto first = verify("hirs-cbor/sign-pass-01.cose");
    REQUIRE_FALSE(first);
    CHECK_THAT(first.error().context, Contains("not in the protected header"));
}

TEST_CASE("the unsigned CoRIMs and the CoMIDs of the corpus are read") {
    if (!corpus::present("rim")) ASSAY_SKIP("no corpus of manifests");
    std::size_t corims = 0;
    std::size_t comids = 0;
    for (const auto& file : std::filesystem::directory_iterator(at("veraison-corim"))) {
        if (!file.is_regular_file()) continue;
        const auto name = file.path().filename().string();
        const auto bytes = corpus::read(file.path());
        INFO(name);
        if (name.starts_with("comid_")) {
            const auto item = rim::cbor::parse(bytes);
            REQUIRE(item);
            rim::Rim rim;
            const auto read = rim::read_comid(*item, rim);
            INFO((read ? "" : describe(read.error())));
            CHECK(read);
            ++comids;
        } else if (name.starts_with("corim_") && name.find("signed-") == std::string::npos) {
            const std::vector<std::string> profile{"2.16.840.1.113741.1.15.6"};
            const auto read = rim::read_corim(bytes, unsigned_at(kJanuary, profile));
            INFO((read ? "" : describe(read.error())));
            CHECK(read);
            ++corims;
        }
    }
    CHECK(comids == 14);
    CHECK(corims == 3);
    const auto good = rim::read_corim(corpus::read(at("veraison-corim/corim_unsigned-good-corim.cbor")),
                                      unsigned_at(kJanuary));
    REQUIRE(good);
    CHECK(good->values.size() == 3);
    const std::vector<std::string> profile{"https://testprofile"};
    const auto hirs = rim::read_corim(corpus::read(at("hirs-cbor/corim_expected_with_comid.cbor")),
                                      unsigned_at(kJanuary, profile));
    INFO((hirs ? "" : describe(hirs.error())));
    REQUIRE(hirs);
    CHECK(hirs->maker == "ACME Inc.");
    CHECK(hirs->values.size() == 2);
}

TEST_CASE("what the corpus says that a profile must refuse is refused, as every unknown profile is") {
    if (!corpus::present("rim")) ASSAY_SKIP("no corpus of manifests");
    std::size_t refused = 0;
    for (const auto* folder : {"veraison-corim", "veraison-services"}) {
        for (const auto& entry : corpus::lines(corpus::read_text(at(folder) / "MANIFEST.tsv"))) {
            if (entry.find("must be refused") == std::string::npos) continue;
            const auto file = at(folder) / entry.substr(0, entry.find('\t'));
            const auto read = rim::read_corim(corpus::read(file), unsigned_at(kJanuary));
            INFO(file << (read ? "" : describe(read.error())));
            // A riot scheme has no profile, and only attestation keys: nothing of it is a reference value.
            if (read)
                CHECK(read->values.empty());
            else
                ++refused;
        }
    }
    CHECK(refused > 10);
    const std::vector<std::string> profiles{"tag:github.com/parallaxsecond,2023-03-03:tpm"};
    const auto file = corpus::read(at("veraison-services/corim-parsec-tpm-valid.cbor"));
    CHECK_FALSE(rim::read_corim(file, unsigned_at(kJanuary)));
    const auto read = rim::read_corim(file, unsigned_at(kJanuary, profiles));
    REQUIRE(read);
    REQUIRE(read->values.size() == 3);
    CHECK(read->values[2].path == "2");
    CHECK(read->values[2].digests.size() == 2);
    CHECK(read->not_used ==
          std::vector<std::string>{"attest-key-triples of tag eee06f93e9824dbc9585620a816c2e59"});
}
