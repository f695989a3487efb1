#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include <catch2/catch.hpp>

#include "evidence/base/hex.h"
#include "tests/support/certificates/platform_certificate_builder.h"

using namespace assay;
using namespace assay::tcg;
using namespace assay::test;

namespace {

/// Everything that refuses or leaves open, by id without the prefix.
std::set<std::string> against(const PlatformVerdict& verdict) {
    std::set<std::string> ids;
    for (const auto& reason : verdict.reasons) {
        CHECK(reason.id().starts_with("platform_certificate."));
        if (reason.effect() != Effect::remark) ids.emplace(reason.id().substr(21));
    }
    CHECK(verdict.trusted() == ids.empty());
    return ids;
}
using Ids = std::set<std::string>;

std::vector<std::string> serials(const PlatformVerdict& verdict) {
    std::vector<std::string> out;
    for (const auto& component : verdict.components) out.push_back(component.serial.value_or("-"));
    return out;
}
using Serials = std::vector<std::string>;

ComponentSpec dimm(const std::string& serial, int status) {
    ComponentSpec spec;
    spec.serial = serial;
    spec.status = status;
    return spec;
}
constexpr int kAdded = 0, kModified = 1, kRemoved = 2;

}  // namespace

TEST_CASE("a platform certificate of this EK, by an issuer that leads to a root, is trusted") {
    const PlatformWorld world;
    const auto verdict = world.judged({world.base()});
    CHECK(against(verdict).empty());
    CHECK(verdict.checked.size() == 3);
    CHECK(serials(verdict) == Serials{"03A1B2C3", "03A1B2C4", "S64HNE0T100001"});
    const auto certificate = world.certificate(world.base());
    CHECK(certificate.type == PlatformCertificate::Type::base);
    CHECK(certificate.platform.manufacturer == "Example Servers");
    CHECK(certificate.platform.serial == "SRV0001");
    CHECK(certificate.components.at(0).class_value == 0x00060001U);
    CHECK(certificate.components.at(0).field_replaceable == true);
    CHECK(certificate.credential_specification->minor == 1);
    CHECK(certificate.issuer.serial_text == "51");
    CHECK(component_text(certificate.components.at(2)) ==
          "class 2.23.133.18.3.1:00070003, Samsung MZQL23T8HCLS-00A07, serial S64HNE0T100001");
}

TEST_CASE("the configuration may be of version 1, 2 or 3") {
    const PlatformWorld world;
    for (const unsigned version : {1U, 2U, 3U}) {
        auto spec = world.base();
        spec.configuration = version;
        const auto verdict = world.judged({spec});
        CHECK(against(verdict).empty());
        CHECK(serials(verdict) == Serials{"03A1B2C3", "03A1B2C4", "S64HNE0T100001"});
        CHECK(verdict.components.at(0).class_value.has_value() == (version != 1));
    }
}

TEST_CASE("a certificate in PEM is the same certificate, whatever the length of its lines") {
    const PlatformWorld world;
    const Bytes der = world.base().signed_by(world.issuer_key);
    std::string base64(der.size() * 2, '\0');
    base64.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()),
                                                           as_uchar(der), static_cast<int>(der.size()))));
    const auto pem = [&](const std::string& body) {
        return "-----BEGIN ATTRIBUTE CERTIFICATE-----\n" + body + "\n-----END ATTRIBUTE CERTIFICATE-----\n";
    };
    const auto one = PlatformCertificate::parse(as_view(pem(base64))).value();
    CHECK(one.der == der);
    CHECK(one.quirks == std::vector{PlatformReasonKind::quirk_pem_long_lines});
    std::string folded;
    for (std::size_t i = 0; i < base64.size(); i += 64) folded += base64.substr(i, 64) + "\r\n";
    CHECK(PlatformCertificate::parse(as_view(pem(folded))).value().quirks.empty());
    CHECK_FALSE(PlatformCertificate::parse(as_view(pem(base64.substr(1)))));
    CHECK_FALSE(PlatformCertificate::parse(as_view(pem("!!!!"))));
    CHECK_FALSE(PlatformCertificate::parse(as_view(pem(base64) + pem(base64))));
    CHECK_FALSE(PlatformCertificate::parse(as_view("-----BEGIN CERTIFICATE-----\n")));
}

TEST_CASE("one bit changed anywhere never leaves a trusted certificate") {
    const PlatformWorld world;
    const Bytes good = world.base().signed_by(world.issuer_key);
    unsigned parsed = 0;
    for (std::size_t at = 0; at < good.size(); ++at) {
        Bytes bad = good;
        bad[at] ^= std::byte{1};
        const auto certificate = PlatformCertificate::parse(bad);
        if (!certificate) continue;
        ++parsed;
        INFO(at);
        CHECK_FALSE(world.judged(std::vector{*certificate}).trusted());
    }
    CHECK(parsed > 300);  // most of it is text: the signature must catch that
}

TEST_CASE("a platform certificate cut anywhere is refused") {
    const PlatformWorld world;
    const Bytes good = world.base().signed_by(world.issuer_key);
    for (std::size_t size = 0; size < good.size(); ++size) {
        CHECK_FALSE(PlatformCertificate::parse(ByteView(good).first(size)));
    }
    Bytes more = good;
    more.push_back(std::byte{0});
    CHECK_FALSE(PlatformCertificate::parse(more));
}

TEST_CASE("each thing that is wrong with one certificate has its own reason") {
    const PlatformWorld world;
    const auto with = [&](auto&& change) {
        auto spec = world.base();
        change(spec);
        return against(world.judged({spec}));
    };
    CHECK(with([](PlatformSpec& spec) { spec.more_extensions = {{"2.5.29.55", true}}; }) ==
          Ids{"critical_extension_unknown"});
    CHECK(with([](PlatformSpec& spec) { spec.more_extensions = {{"2.5.29.55", false}}; }).empty());
    CHECK(with([](PlatformSpec& spec) { spec.algorithm = "1.2.840.10045.4.1"; }) ==  // ecdsa-with-SHA1
          Ids{"signature_algorithm_not_allowed"});
    CHECK(with([](PlatformSpec& spec) { spec.hash = "SHA384"; }) == Ids{"signature_invalid"});
    CHECK(with([](PlatformSpec& spec) { spec.issuer = "Somebody"; }) == Ids{"issuer_not_given"});
    CHECK(with([](PlatformSpec& spec) { spec.not_before = "20300101000000Z"; }) == Ids{"not_yet_valid"});
    CHECK(with([](PlatformSpec& spec) { spec.not_after = "20250101000000Z"; }) == Ids{"expired"});
    CHECK(with([](PlatformSpec& spec) { spec.components.at(0).status = kAdded; }) == Ids{"base_has_status"});
    CHECK(with([](PlatformSpec& spec) { spec.holder = der_of(der::tag::kSequence, {}); }) ==
          Ids{"holder_names_nothing"});
    CHECK(with([](PlatformSpec& spec) {
              spec.components.clear();
              spec.components_uri = "https://example.com/parts";
          }) == Ids{"components_elsewhere"});
}

TEST_CASE("a certificate of another EK is refused: another serial, another issuer, another digest") {
    const PlatformWorld world;
    auto other = world.base();
    other.holder = PlatformSpec::holder_of(der_name("Test TPM CA"), 0x77);
    CHECK(against(world.judged({other})) == Ids{"holder_is_another"});

    const auto right = world.certificate(world.base()).holder->serial;
    other.holder = PlatformSpec::holder_of(der_name("Another TPM CA"), der_of(der::tag::kInteger, {right}));
    CHECK(against(world.judged({other})) == Ids{"holder_is_another"});

    auto digest = world.base();
    digest.holder = PlatformSpec::holder_digest_of(world.ek);
    CHECK(against(world.judged({digest})).empty());
    digest.holder = PlatformSpec::holder_digest_of(world.root);
    CHECK(against(world.judged({digest})) == Ids{"holder_is_another"});

    const auto certificate = world.certificate(world.base());
    const auto verdict = judge_platform_certificates({.certificates = std::span(&certificate, 1),
                                                      .issuers = std::span(&world.issuer, 1),
                                                      .roots = std::span(&world.root, 1),
                                                      .ek = nullptr,
                                                      .at = PlatformWorld::kNow});
    CHECK(against(verdict) == Ids{"ek_not_given"});
}

TEST_CASE("an issuer must be allowed to sign, and lead to a root") {
    PlatformWorld world;
    const std::vector certificates{world.certificate(world.base())};
    const auto reissued = [&](CertificateSpec spec) {
        world.issuer = PlatformWorld::made(std::move(spec), world.issuer_key, world.root_key, &world.root);
        return against(world.judged(certificates));
    };
    CHECK(reissued(PlatformWorld::issuer_spec()).empty());
    CHECK(reissued(PlatformWorld::issuer_spec().set("keyUsage", "critical,keyCertSign")) ==
          Ids{"issuer_may_not_sign"});
    CHECK(reissued(PlatformWorld::issuer_spec().set("extendedKeyUsage", "serverAuth")) ==
          Ids{"issuer_may_not_sign"});
    CHECK(reissued(PlatformWorld::issuer_spec().set("extendedKeyUsage", "2.23.133.8.2")).empty());
    auto old = PlatformWorld::issuer_spec();
    old.not_after = 1'750'000'000;
    CHECK(reissued(old) == Ids{"issuer_not_trusted"});

    world.issuer = PlatformWorld::made(PlatformWorld::issuer_spec(), world.issuer_key, shared_key(Key::p521),
                                       &world.root);  // not the root's signature
    CHECK(against(world.judged(certificates)) == Ids{"issuer_not_trusted"});
    const auto judged = [&](std::span<const Certificate> issuers, std::span<const Certificate> roots) {
        return against(judge_platform_certificates({.certificates = certificates,
                                                    .issuers = issuers,
                                                    .roots = roots,
                                                    .ek = &world.ek,
                                                    .at = PlatformWorld::kNow}));
    };
    const std::span issuer(&world.issuer, 1);
    CHECK(judged(issuer, {}) == Ids{"roots_not_given"});
    CHECK(judged({}, std::span(&world.root, 1)) == Ids{"issuer_not_given"});
    CHECK(judged({}, issuer).empty());  // pinned itself
}

TEST_CASE("a stranger with the issuer's name has another key") {
    const PlatformWorld world;
    const auto forged =
        PlatformCertificate::parse(world.base().signed_by(fresh_key(Key::p256).get())).value();
    CHECK(against(world.judged(std::vector{forged})) == Ids{"signature_invalid"});
}

TEST_CASE("deltas change the base in the order of their dates, whatever the order of the files") {
    const PlatformWorld world;
    const auto added = PlatformSpec::delta(0, {dimm("NEW1", kAdded)});
    const auto removed = PlatformSpec::delta(1, {dimm("03A1B2C3", kRemoved)});
    auto changed = dimm("NEW1", kModified);
    changed.revision = "B";
    const auto modified = PlatformSpec::delta(2, {changed});
    for (const auto& order : {std::vector{world.base(), added, removed, modified},
                              std::vector{modified, removed, added, world.base()}}) {
        const auto verdict = world.judged(order);
        CHECK(against(verdict).empty());
        CHECK(serials(verdict) == Serials{"03A1B2C4", "S64HNE0T100001", "NEW1"});
        CHECK(verdict.components.back().revision == "B");
        CHECK_FALSE(verdict.components.back().status);
    }
}

TEST_CASE("a delta may name the delta before it as its holder") {
    const PlatformWorld world;
    const auto first = PlatformSpec::delta(0, {dimm("NEW1", kAdded)});
    auto second = PlatformSpec::delta(1, {dimm("NEW2", kAdded)});
    second.holder = PlatformSpec::holder_of(der_name(first.issuer), first.serial);
    CHECK(against(world.judged({world.base(), second, first})).empty());
    CHECK(against(world.judged({world.base(), second})) == Ids{"delta.of_another_base"});
}

TEST_CASE("a delta that is not of this base, or does not fit it, is refused by id") {
    const PlatformWorld world;
    const auto with = [&](PlatformSpec delta) { return against(world.judged({world.base(), delta})); };
    auto delta = PlatformSpec::delta(0, {dimm("NEW1", kAdded)});
    CHECK(with(delta).empty());
    CHECK(against(world.judged({delta})) == Ids{"base_not_given"});
    CHECK(against(world.judged({world.base(), delta, delta})) ==
          Ids{"given_twice", "delta.adds_what_is_there"});

    auto other = delta;
    other.holder = PlatformSpec::holder_of(der_name(delta.issuer), 0x52);
    CHECK(with(other) == Ids{"delta.of_another_base"});
    other.holder = PlatformSpec::holder_of(der_name("Another issuer"), 0x51);
    CHECK(with(other) == Ids{"delta.of_another_base"});
    other.holder = PlatformSpec::holder_of(world.ek);
    CHECK(with(other) == Ids{"delta.of_another_base"});

    other = delta;
    other.platform_serial = "SRV0002";
    CHECK(with(other) == Ids{"delta.of_another_platform"});
    other = delta;
    other.not_before = "20231231000000Z";
    CHECK(with(other) == Ids{"delta.older_than_base"});
    CHECK(with(PlatformSpec::delta(0, {dimm("NEW1", -1)})) == Ids{"delta.without_status"});
    CHECK(with(PlatformSpec::delta(0, {dimm("03A1B2C3", kAdded)})) == Ids{"delta.adds_what_is_there"});
    CHECK(with(PlatformSpec::delta(0, {dimm("ELSE", kRemoved)})) == Ids{"delta.changes_what_is_not_there"});
    CHECK(with(PlatformSpec::delta(0, {dimm("ELSE", kModified)})) == Ids{"delta.changes_what_is_not_there"});
    CHECK(with(PlatformSpec::delta(0, {dimm("", kRemoved)})) == Ids{"delta.is_ambiguous"});

    auto second = world.base();
    second.serial = 0x52;
    CHECK(against(world.judged({world.base(), second})) == Ids{"two_bases"});
}

TEST_CASE("a component that one delta removes cannot be hidden by another that adds it back") {
    const PlatformWorld world;
    const auto removed = PlatformSpec::delta(0, {dimm("03A1B2C3", kRemoved)});
    const auto back = PlatformSpec::delta(1, {dimm("03A1B2C3", kAdded)});
    CHECK(against(world.judged({world.base(), removed, back})) == Ids{"delta.adds_what_was_removed"});
    const auto another = PlatformSpec::delta(1, {dimm("NEW1", kAdded)});
    CHECK(against(world.judged({world.base(), removed, another})).empty());
}

TEST_CASE("what is not a platform certificate of the profile does not parse, and says where") {
    const PlatformWorld world;
    const auto refusal = [&](auto&& change) {
        auto spec = world.base();
        change(spec);
        const auto read = PlatformCertificate::parse(spec.signed_by(world.issuer_key));
        REQUIRE_FALSE(read);
        return describe(read.error());
    };
    const auto has = [](const std::string& text, const std::string& part) {
        INFO(text);
        CHECK(text.find(part) != std::string::npos);
    };
    has(refusal([](auto& spec) { spec.type = "2.23.133.8.4"; }), "credential type 2.23.133.8.4");
    has(refusal([](auto& spec) { spec.components.at(1).class_value.pop_back(); }),
        "component 1: component class");
    has(refusal([](auto& spec) { spec.components.at(1).status = 3; }), "status");
    has(refusal([](auto& spec) { spec.not_after = "20231301000000Z"; }), "notAfterTime");
    has(refusal([](auto& spec) { spec.more_extensions = {{"2.5.29.55", false}, {"2.5.29.55", false}}; }),
        "twice");
    has(refusal([](auto& spec) {
            using namespace der::tag;
            const auto again = der_of(
                kSequence,
                {der_oid("2.23.133.2.25"), der_of(kSet, {der_of(kSequence, {der_oid("2.23.133.8.2")})})});
            spec.more_attributes = {again};
        }),
        "there twice");
    has(refusal([](auto& spec) { spec.components.at(0).model = std::string(2000, 'x'); }), "a long text");
    has(refusal([](auto& spec) { spec.components.assign(1025, ComponentSpec()); }),
        "platform certificate of");
    // Two algorithms: what is signed says another one than what is outside.
    const auto mixed =
        PlatformSpec::wrapped(world.base().info(), "1.2.840.10045.4.3.3", "SHA384", world.issuer_key);
    CHECK_FALSE(PlatformCertificate::parse(mixed));
}

TEST_CASE("every kind of reason has its own id and words") {
    std::set<std::string_view> ids;
    for (const auto& kind : kPlatformReasons) {
        CHECK(ids.insert(kind.id).second);
        CHECK_FALSE(kind.sentence.empty());
    }
}

TEST_CASE("the page has every reason on a platform certificate") {
    std::ifstream file(ASSAY_SOURCE_DIR "/docs/formats/platform-certificate.md");
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    for (const auto& kind : kPlatformReasons) {
        INFO(kind.id);
        CHECK(page.find("`" + std::string(kind.id) + "`") != std::string::npos);
    }
}

TEST_CASE("seeds for the fuzzer are what the builder makes", "[.seeds]") {
    const char* folder = std::getenv("ASSAY_WRITE_SEEDS");
    REQUIRE(folder != nullptr);
    const PlatformWorld world;
    const auto write = [&](const std::string& name, const PlatformSpec& spec) {
        const Bytes der = spec.signed_by(world.issuer_key);
        std::ofstream file(std::filesystem::path(folder) / name, std::ios::binary);
        file << as_text(der);
    };
    for (const unsigned version : {1U, 2U, 3U}) {
        auto spec = world.base();
        spec.configuration = version;
        spec.components.at(2).mac = "6C:92:BF:01:02:03";
        spec.more_extensions = {{"2.5.29.31", false}, {"2.5.29.55", true}};
        write("configuration_" + std::to_string(version), spec);
    }
    write("delta", PlatformSpec::delta(0, {dimm("NEW1", kAdded), dimm("03A1B2C3", kRemoved)}));
    auto digest = world.base();
    digest.holder = PlatformSpec::holder_digest_of(world.ek);
    write("holder_digest", digest);
}
