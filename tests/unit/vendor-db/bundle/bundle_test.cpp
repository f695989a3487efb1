#include <catch2/catch.hpp>

#include "evidence/base/hex.h"
#include "tests/support/builders/bundle_builder.h"
#include "tests/support/machine/baseline.h"

using namespace assay;
using namespace assay::test;
using namespace assay::vendors;

namespace {

std::vector<std::string> refusals(const Result<BundleJudgement>& judged) {
    std::vector<std::string> out;
    REQUIRE(judged.has_value());
    for (const auto& each : judged->reasons) {
        if (each.effect() == Effect::invalid) out.emplace_back(each.id());
    }
    return out;
}
using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("a bundle holds what was put in, and the same content gives the same bytes") {
    BundleBuilder builder;
    builder.content.sources.vendors.insert(builder.content.sources.vendors.begin(),
                                           {"vendors/zeta.toml", "x"});
    builder.content.sources.decisions = {{"decisions/b.toml", "b"}, {"decisions/a.toml", "ä"}};
    const auto bytes = builder.encoded_content();
    const auto content = decode_bundle_content(bytes);
    REQUIRE(content);
    CHECK(content->version == 7);
    CHECK(content->issued == BundleBuilder::kIssued);
    CHECK(content->expires == BundleBuilder::kIssued + BundleBuilder::kDay);
    REQUIRE(content->sources.vendors.size() == 2);
    CHECK(content->sources.vendors[1].name == "vendors/zeta.toml");
    REQUIRE(content->sources.decisions.size() == 2);
    CHECK(content->sources.decisions[0].text == "ä");
    CHECK(encode_bundle_content(*content) == bytes);
    CHECK(encode_bundle(*decode_bundle(builder.file())) == builder.file());
}

TEST_CASE("the page shows a bundle of one file that one signer has signed") {
    BundleBuilder builder;
    builder.signers = {builder.anna};
    CHECK(baseline::hex_block("docs/formats/vendor-bundle.md", "bundle", builder.file()) ==
          to_hex(builder.file()));
    CHECK(baseline::file("tests/fuzz/vendor-db/fuzz_vendor_bundle_corpus/one_signature", builder.file()) ==
          builder.file());
}

TEST_CASE("what the format does not have is not built") {
    BundleBuilder builder;
    const auto refused = [&](auto&& change) {
        auto content = builder.content;
        change(content);
        const auto built = encode_bundle_content(content);
        return !built && built.error().code == ErrorCode::usage;
    };
    CHECK(refused([](BundleContent& content) { content.version = 0; }));
    CHECK(refused([](BundleContent& content) { content.version = 1ULL << 63U; }));
    CHECK(refused([](BundleContent& content) { content.expires = content.issued; }));
    CHECK(refused([](BundleContent& content) { content.sources.vendors[0].name = "a\nb"; }));
    CHECK(refused([](BundleContent& content) { content.sources.vendors[0].name = ""; }));
    CHECK(refused([](BundleContent& content) { content.sources.vendors[0].text = "\xff"; }));
    CHECK(refused(
        [](BundleContent& content) { content.sources.vendors.push_back(content.sources.vendors[0]); }));
    CHECK_FALSE(refused([](BundleContent&) {}));
}

TEST_CASE("two of three configured signers, in time and newer than the last: it is loaded") {
    BundleBuilder builder;
    builder.last = LastBundle{6, sha256(as_view("another"))};
    const auto judged = builder.judge();
    REQUIRE(judged);
    CHECK(judged->reasons.empty());
    CHECK(judged->checked ==
          std::vector<std::string>{"signature by anna.pem", "signature by bert.pem", "version 7 is in date"});
    REQUIRE(judged->bundle);
    CHECK(judged->bundle->content().version == 7);
    CHECK(judged->bundle->digest() == builder.bundle().digest());
}

TEST_CASE("the bundle that was loaded last is loaded again, also with one more signature") {
    BundleBuilder builder;
    builder.last = LastBundle{7, builder.bundle().digest()};
    CHECK(builder.judge()->bundle);
    builder.signers.push_back(builder.carla);
    CHECK(builder.judge()->bundle);
}

TEST_CASE("a signature that does not count is a remark, and refuses nothing that others carry") {
    BundleBuilder builder;
    builder.signers.push_back(builder.stranger);
    auto judged = builder.judge();
    CHECK(judged->bundle);
    CHECK(judged->has(BundleReason::unknown_key));
    builder.signers.back() = builder.carla;
    builder.retired = {builder.keys.back()};
    builder.keys.pop_back();
    judged = builder.judge();
    CHECK(judged->bundle);
    CHECK(judged->has(BundleReason::retired_key));
}

TEST_CASE("all reasons are given at once") {
    BundleBuilder builder;
    builder.signers = {builder.anna};
    builder.now = BundleBuilder::kIssued + BundleBuilder::kDay;
    builder.last = LastBundle{8, {}};
    CHECK(refusals(builder.judge()) ==
          Ids{"vendors.too_few_signatures", "vendors.expired", "vendors.rolled_back"});
}

TEST_CASE("the last second of a bundle is the one before it expires, the first the one it is issued in") {
    BundleBuilder builder;
    builder.now = BundleBuilder::kIssued;
    CHECK(builder.judge()->bundle);
    builder.now = BundleBuilder::kIssued - 1;
    CHECK(refusals(builder.judge()) == Ids{"vendors.not_yet_issued"});
    builder.now = BundleBuilder::kIssued + BundleBuilder::kDay - 1;
    CHECK(builder.judge()->bundle);
    builder.now = BundleBuilder::kIssued + BundleBuilder::kDay;
    CHECK(refusals(builder.judge()) == Ids{"vendors.expired"});
}

TEST_CASE("no byte of a bundle can be another, and none can go or come") {
    const BundleBuilder builder;
    const auto file = builder.file();
    for (std::size_t i = 0; i < file.size(); ++i) {
        for (const auto flip : {std::byte{0x01}, std::byte{0x80}}) {
            auto edited = file;
            edited[i] ^= flip;
            const auto judged = builder.judge(edited);
            INFO("byte " << i);
            CHECK((!judged || !judged->bundle));
        }
        CHECK_FALSE(builder.judge(ByteView(file).first(i)));
    }
    auto longer = file;
    longer.push_back(std::byte{0});
    CHECK_FALSE(builder.judge(longer));
}

TEST_CASE(
    "a configuration under which one signer would count as two, or nobody would be needed, is refused") {
    const BundleBuilder builder;
    const auto anna = builder.keys.at(0);
    auto again = anna;
    again.name = "copy.pem";
    const auto trust = BundleTrust::of({anna, again}, {}, 2);
    REQUIRE_FALSE(trust);
    CHECK(trust.error().code == ErrorCode::usage);
    CHECK(trust.error().context.find("copy.pem is also in anna.pem") != std::string::npos);
    CHECK_FALSE(BundleTrust::of({anna}, {again}, 1));
    CHECK_FALSE(BundleTrust::of({anna}, {}, 0));
    CHECK_FALSE(BundleTrust::of({anna}, {}, 2));
    CHECK_FALSE(BundleTrust::of({}, {}, 0));
    CHECK(BundleTrust::of({anna}, {}, 1));
}

TEST_CASE("only an Ed25519 public key is a signer's key") {
    const BundleBuilder builder;
    CHECK(BundleKey::from_pem("a", builder.anna.secret).error().code == ErrorCode::refused);
    CHECK(BundleKey::from_pem("a", "no key").error().code == ErrorCode::crypto);
    const CHandle<EVP_PKEY, EVP_PKEY_free> ec(EVP_EC_gen("P-256"));
    const CHandle<BIO, BIO_free> bio(BIO_new(BIO_s_mem()));
    REQUIRE(PEM_write_bio_PUBKEY(bio.get(), ec.get()) == 1);
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &data);
    const auto other = BundleKey::from_pem("a", {data, static_cast<std::size_t>(size)});
    CHECK(other.error().code == ErrorCode::unsupported);
    CHECK(sign_content(as_view("x"), "no key", "").error().code == ErrorCode::crypto);
}
