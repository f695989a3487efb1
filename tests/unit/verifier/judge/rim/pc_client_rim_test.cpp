#include "verifier/judge/rim/pc_client_rim.h"

#include <catch2/catch.hpp>

#include "tests/support/builders/rim_builder.h"

using namespace assay;
using namespace assay::test;
using Catch::Matchers::Contains;

namespace {

struct World {
    RimSigners signers;
    SwidBuilder swid;
    std::int64_t at = kRimTime;
    bool trust_signer = false, allow_unsigned = false, give_support = true;
    std::string (*edit)(std::string) = [](std::string text) { return text; };

    [[nodiscard]] Result<rim::Rim> read() {
        const auto made = signers.make();
        if (swid.certificates.empty()) swid.certificates = {made.signer.der()};
        return read(edit(swid.sign(signers.signer_key)), made);
    }
    [[nodiscard]] Result<rim::Rim> read(const std::string& text, const RimSigners::Made& made) const {
        const std::vector<rim::NamedFile> support{{"example.rimel", swid.support}};
        return rim::read_pc_client_rim(
            as_view(text), std::span(support).first(give_support ? 1 : 0),
            {.certificates = std::span(trust_signer ? &made.signer : &made.root, 1),
             .keys = {},
             .at_unix_time = at,
             .allow_unsigned = allow_unsigned,
             .profiles = {}});
    }
    [[nodiscard]] std::string refusal() {
        const auto read_ = read();
        REQUIRE_FALSE(read_);
        CHECK(read_.error().code == ErrorCode::refused);
        return read_.error().context;
    }
};

}  // namespace

TEST_CASE("a signed tag and its support RIM become the values of each event") {
    World world;
    const auto read = world.read();
    REQUIRE(read);
    CHECK(read->format == rim::RimFormat::pc_client);
    CHECK(read->tag_id == world.swid.tag_id);
    CHECK(read->tag_version == 2);
    CHECK(read->version == "1.42");
    CHECK(read->maker == "Example Systems");
    CHECK(read->model == "R750 & Co");
    CHECK(read->platform_version == "1.42.0");
    CHECK(read->binding_spec == "PC Client RIM 1.2");
    REQUIRE(read->signer);
    CHECK(read->signer->subject == "CN=Test Maker RIM signer");
    CHECK(read->signer->algorithm == "RSA with SHA-256");
    CHECK(read->signer->trusted_by);
    REQUIRE(read->support.size() == 1);
    CHECK(read->support[0].name == "rim/example.rimel");
    CHECK(read->support[0].given);
    const auto log = EventLogBuilder::typical();
    CHECK(read->values.size() + 1 == log.events.size());  // all but StartupLocality, which extends nothing
    const auto& first = read->values.front();
    CHECK(first.kind == rim::RimValueKind::event);
    CHECK(first.pcr == 0U);
    CHECK(first.event_type == log.events[1].type);
    CHECK(first.place == "example.rimel event 2");
    CHECK(first.digests ==
          std::vector{log.digest_of(log.events[1], HashAlgorithm::sha256)});  // and not SHA-1
}

TEST_CASE("each approved algorithm of signature and canonicalization verifies") {
    const std::string more = "http://www.w3.org/2001/04/xmldsig-more#";
    const auto method = GENERATE_COPY(
        std::pair{more + "rsa-sha384", Key::rsa2048}, std::pair{more + "rsa-sha512", Key::rsa3072},
        std::pair{more + "ecdsa-sha256", Key::p256}, std::pair{more + "ecdsa-sha384", Key::p384},
        std::pair{more + "ecdsa-sha512", Key::p521});
    const auto canonical = GENERATE(as<std::string>(), "http://www.w3.org/2006/12/xml-c14n11",
                                    "http://www.w3.org/2001/10/xml-exc-c14n#");
    World world;
    world.swid.signature_method = method.first;
    world.signers.signer_key = shared_key(method.second);
    world.swid.canonicalization = canonical;
    world.swid.transforms += "<Transform Algorithm=\"" + canonical + "\"/>";
    world.swid.digest_method = "http://www.w3.org/2001/04/xmldsig-more#sha384";
    const auto read = world.read();
    INFO((read ? "" : describe(read.error())));
    CHECK(read);
}

TEST_CASE("a signer whose own certificate is trusted needs no root, and no certificate in the signature") {
    World world;
    world.trust_signer = true;
    CHECK(world.read());
    auto made = world.signers.make();
    world.swid.certificates.clear();
    CHECK(world.read(world.swid.sign(world.signers.signer_key), made));
}

TEST_CASE("a tag signed under another root is refused") {
    World world;
    const auto text = world.swid.sign(world.signers.signer_key);
    const auto others = RimSigners{.root = CertificateSpec::ca("Other Root", "Other Root"),
                                   .signer = RimSigners::signer_spec("Test Maker RIM signer", "Other Root"),
                                   .root_key = shared_key(Key::p256)};
    world.swid.certificates = {others.make().signer.der()};
    CHECK_THAT(world.refusal(), Contains("CN=Test Maker RIM signer, which is not trusted"));
}

TEST_CASE("the signature's own key info is never trusted by itself") {
    World world;
    // The attacker's own root has the very name of the maker's, and comes along.
    RimSigners attacker;
    attacker.root_key = shared_key(Key::p256);
    attacker.signer_key = shared_key(Key::rsa3072);
    const auto evil = attacker.make();
    world.swid.certificates = {evil.signer.der(), evil.root.der()};
    const auto made = world.signers.make();
    const auto read = world.read(world.swid.sign(attacker.signer_key), made);
    REQUIRE_FALSE(read);
    CHECK_THAT(read.error().context, Contains("not trusted"));
    // A bare key is nothing at all.
    world.swid.certificates.clear();
    const auto text =
        replaced(world.swid.sign(attacker.signer_key), "</SignatureValue>",
                 "</SignatureValue><KeyInfo><KeyName>Test Maker RIM signer</KeyName></KeyInfo>");
    const auto bare = world.read(text, made);
    REQUIRE_FALSE(bare);
    CHECK_THAT(bare.error().context, Contains("not by the key of any certificate"));
}

TEST_CASE("a signer out of its validity is refused, and by the time that is given") {
    World world;
    world.signers.signer.not_after = kRimTime - 1;
    CHECK_THAT(world.refusal(), Contains("certificate has expired"));
    world.at = kRimTime - 2;
    CHECK(world.read());
    world.at = 1'600'000'000;
    CHECK_THAT(world.refusal(), Contains("not yet valid"));
}

TEST_CASE("a certificate that is not for signatures signs no manifest") {
    World world;
    world.signers.signer.set("keyUsage", "critical,keyEncipherment");
    CHECK_THAT(world.refusal(), Contains("key usage"));
}

TEST_CASE("any change after the signature is refused") {
    const auto change = GENERATE(std::pair{"example.rimel", "another.rimel"},
                                 std::pair{"tagVersion=\"2\"", "tagVersion=\"3\""},
                                 std::pair{"platformModel=\"R750", "platformModel=\"R760"},
                                 std::pair{"<Payload", "<Link rel=\"x\"/><Payload"});
    World world;
    const auto made = world.signers.make();
    world.swid.certificates = {made.signer.der()};
    const auto text = world.swid.sign(world.signers.signer_key);
    REQUIRE(world.read(text, made));
    const auto read = world.read(replaced(text, change.first, change.second), made);
    REQUIRE_FALSE(read);
    CHECK_THAT(read.error().context, Contains("was changed after it was signed"));
}

TEST_CASE("a signature over a part of the tag alone is refused") {
    World world;
    world.swid.uri = "#payload";
    world.swid.transforms = R"(<Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>)";
    CHECK_THAT(world.refusal(), Contains("'#payload' is not one element of the signature's own Object"));
    world.swid.uri = "#xpointer(/)";
    CHECK_THAT(world.refusal(), Contains("a reference to '#xpointer(/)'"));
}

TEST_CASE("a signed tag that is wrapped into another one is refused") {
    World world;
    const auto made = world.signers.make();
    world.swid.certificates = {made.signer.der()};
    const auto honest = world.swid.sign(world.signers.signer_key);
    auto inner = honest.substr(honest.find("<SoftwareIdentity"));
    world.swid.model = "R760";
    const auto signature =
        inner.substr(inner.find("<Signature"), inner.find("</Signature>") + 12 - inner.find("<Signature"));
    // The honest tag inside of the attacker's, its signature where it was ...
    const auto inside =
        world.read(replaced(world.swid.unsigned_xml(), "</Payload>", "</Payload>" + inner), made);
    REQUIRE_FALSE(inside);
    CHECK_THAT(inside.error().context, Contains("not a child of the document's root"));
    // ... or moved to where it is looked for.
    const auto moved = world.read(replaced(world.swid.unsigned_xml(), "</Payload>",
                                           "</Payload>" + replaced(inner, signature, "") + signature),
                                  made);
    REQUIRE_FALSE(moved);
    CHECK_THAT(moved.error().context, Contains("was changed"));
}

TEST_CASE("transforms that may leave something out are refused") {
    const auto transforms = GENERATE(
        as<std::string>(),
        R"(<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>not(ancestor-or-self::Payload)</XPath></Transform>)",
        R"(<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>)",
        R"(<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>)",
        "");
    World world;
    const auto made = world.signers.make();
    world.swid.transforms = transforms;
    world.swid.certificates = {made.signer.der()};
    const auto read =
        world.read(world.swid.unsigned_xml(world.swid.signature_template()), made);  // the form comes first
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::refused);
    CHECK_THAT(read.error().context, Contains("transform"));
}

TEST_CASE("what libraries read differently is refused in the signed part of the signature") {
    World world;
    const auto made = world.signers.make();
    world.swid.certificates = {made.signer.der()};
    const auto text = world.swid.unsigned_xml(world.swid.signature_template());
    const auto two_uris =
        replaced(text, "<Reference URI=\"\"", "<Reference xmlns:x=\"urn:x\" x:URI=\"#payload\" URI=\"\"");
    const auto read = world.read(two_uris, made);
    REQUIRE_FALSE(read);
    CHECK_THAT(read.error().context, Contains("an attribute with a namespace"));
    const auto stranger =
        world.read(replaced(text, "</SignedInfo>", "<x xmlns=\"urn:x\"/></SignedInfo>"), made);
    REQUIRE_FALSE(stranger);
    CHECK_THAT(stranger.error().context, Contains("no element of XML Signature"));
}

TEST_CASE("of two certificates of one key it is enough that one is trusted") {
    World world;
    const auto made = world.signers.make();
    RimSigners elsewhere;
    elsewhere.root = CertificateSpec::ca("Other Root", "Other Root");
    elsewhere.signer = RimSigners::signer_spec("The same key elsewhere", "Other Root");
    elsewhere.root_key = shared_key(Key::p256);
    world.swid.certificates = {elsewhere.make().signer.der(), made.signer.der()};
    const auto read = world.read(world.swid.sign(world.signers.signer_key), made);
    REQUIRE(read);
    CHECK(read->signer->subject == "CN=Test Maker RIM signer");
}

TEST_CASE("SHA-1 is refused, in the signature and in the reference") {
    World world;
    world.swid.signature_method = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
    CHECK_THAT(world.refusal(),
               Contains("SignatureMethod 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' is not accepted"));
    World other;
    other.swid.digest_method = "http://www.w3.org/2000/09/xmldsig#sha1";
    CHECK_THAT(other.refusal(), Contains("DigestMethod"));
}

TEST_CASE("two signatures are refused, wherever the second stands") {
    World world;
    world.edit = [](std::string text) {
        return replaced(text, "</Payload>",
                        "</Payload><Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>");
    };
    CHECK_THAT(world.refusal(), Contains("a second Signature"));
    world.edit = [](std::string text) {
        return replaced(text, "</Signature>", "<Object><Signature/></Object></Signature>");
    };
    CHECK_THAT(world.refusal(), Contains("a second Signature"));
}

TEST_CASE("what stands in the signature is no part of the tag") {
    World world;
    const auto honest = world.read();
    REQUIRE(honest);
    world.edit = [](std::string text) {
        return replaced(
            text, "</Signature>",
            "<Object><Meta xmlns=\"http://standards.iso.org/iso/19770/-2/2015/schema.xsd\"/><Payload "
            "xmlns=\"http://standards.iso.org/iso/19770/-2/2015/schema.xsd\"><File name=\"evil\"/></Payload>"
            "</Object></Signature>");
    };
    const auto read = world.read();
    REQUIRE(read);
    CHECK(read->values == honest->values);
    CHECK(read->support == honest->support);
    CHECK(read->model == honest->model);
}

TEST_CASE("an unsigned tag is refused, or read and marked where that is asked for") {
    World world;
    const auto made = world.signers.make();
    const auto text = world.swid.unsigned_xml();
    const auto refused = world.read(text, made);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().context, Contains("is not signed"));
    world.allow_unsigned = true;
    const auto read = world.read(text, made);
    REQUIRE(read);
    CHECK_FALSE(read->signer);
    // But a signature that is there must hold.
    const auto broken = world.read(replaced(world.swid.sign(world.signers.signer_key), "R750", "R760"), made);
    CHECK_FALSE(broken);
}

TEST_CASE("the signature's time stamp is told only where it is signed") {
    const std::string stamp =
        "<Object><SignatureProperties><SignatureProperty Id=\"TST\" Target=\"RimSignature\"><TimeStamp "
        "dateTime=\"2026-09-21T14:13:20Z\"/></SignatureProperty></SignatureProperties></Object>";
    World world;
    world.swid.objects = stamp;
    world.swid.references_extra =
        "<Reference URI=\"#TST\"><DigestMethod "
        "Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><DigestValue/></Reference>";
    const auto read = world.read();
    INFO((read ? "" : describe(read.error())));
    REQUIRE(read);
    CHECK(read->signed_at == 1'790'000'000);
    world.edit = [](std::string text) { return replaced(text, "2026-09-21", "2026-09-22"); };
    CHECK_THAT(world.refusal(), Contains("was changed"));
    World unsigned_stamp;
    unsigned_stamp.swid.objects = stamp;
    const auto other = unsigned_stamp.read();
    REQUIRE(other);
    CHECK_FALSE(other->signed_at);
}

TEST_CASE("a support RIM with other content, or that the tag does not name, is refused") {
    World world;
    const auto made = world.signers.make();
    world.swid.certificates = {made.signer.der()};
    const auto text = world.swid.sign(world.signers.signer_key);
    world.swid.support.back() ^= std::byte{1};
    const auto changed = world.read(text, made);
    REQUIRE_FALSE(changed);
    CHECK(changed.error().code == ErrorCode::refused);
    CHECK_THAT(changed.error().context,
               Contains("example.rimel") && Contains("the manifest's rim/example.rimel has sha256"));
    const std::vector<rim::NamedFile> stranger{{"other.rimel", as_view("x")}};
    const auto unknown = rim::read_pc_client_rim(
        as_view(text), stranger,
        {.certificates = std::span(&made.root, 1), .keys = {}, .at_unix_time = kRimTime});
    REQUIRE_FALSE(unknown);
    CHECK_THAT(unknown.error().context, Contains("names no such support RIM"));
}

TEST_CASE("without its support RIM a tag has no values, and says which file it lacks") {
    World world;
    world.give_support = false;
    const auto read = world.read();
    REQUIRE(read);
    CHECK(read->values.empty());
    REQUIRE(read->support.size() == 1);
    CHECK_FALSE(read->support[0].given);
}

TEST_CASE("a support RIM with SHA-1 alone is no reference") {
    World world;
    world.swid.support = EventLogBuilder::typical().sha1_bytes();
    const auto read = world.read();
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::unsupported);
    CHECK_THAT(read.error().context, Contains("SHA-1 alone"));
}

TEST_CASE("files and measurements of another binding specification are the values themselves") {
    World world;
    world.swid.binding_spec = "RIMIM";
    world.swid.payload_extra =
        "<Resource xmlns:h=\"http://www.w3.org/2001/04/xmlenc#sha384\" type=\"Measurement\" index=\"3\" "
        "active=\"True\" "
        "name=\"Measurement_3\" h:Hash0=\"" +
        std::string(96, 'a') + "\" h:Hash1=\"" + std::string(96, 'b') +
        "\"/>"
        "<Resource xmlns:h=\"http://www.w3.org/2001/04/xmlenc#sha384\" type=\"Measurement\" index=\"4\" "
        "active=\"False\" "
        "name=\"Measurement_4\" h:Hash0=\"" +
        std::string(96, 'c') + "\"/>";
    world.give_support = false;
    const auto read = world.read();
    REQUIRE(read);
    REQUIRE(read->values.size() == 3);
    CHECK(read->values[0].kind == rim::RimValueKind::file);
    CHECK(read->values[0].path == "rim/example.rimel");
    CHECK(read->values[1].path == "Measurement_3");
    CHECK(read->values[2].digests.front().hex() == std::string(96, 'b'));
}

TEST_CASE("a manifest older than the last one of its tag is told apart") {
    World world;
    const auto read = world.read();
    REQUIRE(read);
    CHECK(rim::check_not_older(*read, world.swid.tag_id, 2));
    CHECK(rim::check_not_older(*read, world.swid.tag_id, 1));
    CHECK(rim::check_not_older(*read, "another tag", 9));
    const auto older = rim::check_not_older(*read, world.swid.tag_id, 3);
    REQUIRE_FALSE(older);
    CHECK_THAT(older.error().context, Contains("tag version 2, and 3 was read before"));
}
