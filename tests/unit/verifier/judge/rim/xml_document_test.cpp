#include "verifier/judge/rim/xml_document.h"

#include <catch2/catch.hpp>

#include "verifier/judge/rim/swid_tag.h"

using namespace assay;
using namespace assay::rim;
using Catch::Matchers::Contains;

namespace {

Error refusal(const std::string& text) {
    const auto parsed = xml::parse(as_view(text));
    REQUIRE_FALSE(parsed);
    return parsed.error();
}

std::string nested(int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += "<a>";
    for (int i = 0; i < depth; ++i) text += "</a>";
    return text;
}

std::string tag(const std::string& attributes, const std::string& content = "") {
    return "<SoftwareIdentity xmlns=\"http://standards.iso.org/iso/19770/-2/2015/schema.xsd\" " + attributes +
           ">" + content + "</SoftwareIdentity>";
}

Result<SwidTag> swid(const std::string& text) {
    const auto parsed = xml::parse(as_view(text));
    REQUIRE(parsed);
    return read_swid_tag(*parsed);
}

}  // namespace

TEST_CASE("a document type declaration is refused before anything of it is used") {
    const auto bomb = GENERATE(
        as<std::string>(),
        "<!DOCTYPE a [<!ENTITY b \"xx\"><!ENTITY c \"&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;\">]><a>&d;</a>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
        "<!DOCTYPE a SYSTEM \"http://127.0.0.1/a.dtd\"><a/>",
        "<!DOCTYPE a [<!ATTLIST a Id ID #IMPLIED>]><a Id=\"x\"/>");
    const auto error = refusal(bomb);
    CHECK(error.code == ErrorCode::refused);
    CHECK_THAT(error.context, Contains("line 1") && Contains("document type declaration"));
}

TEST_CASE("depth, elements and attributes have limits") {
    CHECK(xml::parse(as_view(nested(xml::kDepth))));
    CHECK(refusal(nested(xml::kDepth + 1)).code == ErrorCode::limit);
    std::string wide = "<r>";
    for (int i = 0; i <= xml::kElements; ++i) wide += "<a/>";
    CHECK(refusal(wide + "</r>").code == ErrorCode::limit);
    std::string many = "<r";
    for (int i = 0; i <= xml::kAttributes; ++i) many += " a" + std::to_string(i) + "=\"\"";
    CHECK(refusal(many + "/>").code == ErrorCode::limit);
    CHECK(refusal(std::string((4U << 20U) + 1, ' ')).code == ErrorCode::limit);
}

TEST_CASE("what is no XML in UTF-8 is refused, with its line") {
    CHECK(refusal("").code == ErrorCode::truncated);
    const auto error = refusal("<a>\n<b></a>");
    CHECK(error.code == ErrorCode::malformed);
    CHECK_THAT(error.context, Contains("line 2"));
    CHECK(refusal("<a b:c=\"\"/>").code == ErrorCode::malformed);
    CHECK(refusal("<a>&unknown;</a>").code == ErrorCode::malformed);
    CHECK(refusal("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>").code == ErrorCode::refused);
    CHECK(refusal("<?xml version=\"1.1\"?><a/>").code == ErrorCode::refused);
    CHECK(refusal(std::string("\xff\xfe<\0a\0/\0>\0", 10)).code == ErrorCode::refused);
    CHECK(refusal("<?xml-stylesheet href=\"file:///x\"?><a/>").code == ErrorCode::refused);
}

TEST_CASE("a comment inside a text changes nothing of it") {
    const auto parsed = xml::parse(as_view("<a>one<!-- and -->two</a>"));
    REQUIRE(parsed);
    CHECK(xml::text_in(xmlDocGetRootElement(parsed->get())) == "onetwo");
}

TEST_CASE(
    "a tag without an identifier, with a version that is no number, or with a second payload is malformed") {
    CHECK(swid(tag("tagId=\"a\"")));
    const auto error = GENERATE(as<std::string>(), "", "tagId=\" \"", "tagId=\"a\" tagVersion=\"1.0\"",
                                "tagId=\"a\" tagVersion=\"-1\"", "tagId=\"a\" patch=\"maybe\"");
    CHECK_FALSE(swid(tag(error)));
    CHECK_FALSE(swid(tag("tagId=\"a\"", "<Payload/><Payload/>")));
    CHECK_FALSE(swid(tag("tagId=\"a\"", "<Meta/><Meta/>")));
    CHECK_FALSE(swid("<SoftwareIdentity tagId=\"a\"/>"));
}

TEST_CASE("a hash of the wrong size is malformed, and SHA-1 is none") {
    const auto file = [](const std::string& ns, const std::string& hex) {
        return tag("tagId=\"a\"", "<Payload>\n<File xmlns:h=\"http://www.w3.org/2001/04/" + ns +
                                      "\" name=\"f\" h:hash=\"" + hex + "\"/></Payload>");
    };
    const auto good = swid(file("xmlenc#sha256", std::string(64, 'A')));
    REQUIRE(good);
    CHECK(good->files.front().hashes.digests.front().hex() == std::string(64, 'a'));
    const auto short_hash = swid(file("xmlenc#sha256", std::string(62, 'a')));
    REQUIRE_FALSE(short_hash);
    CHECK_THAT(short_hash.error().context, Contains("line 2") && Contains("64 hex digits"));
    const auto old = swid(file("xmldsig#sha1", std::string(40, 'a')));
    REQUIRE(old);
    CHECK(old->files.front().hashes.digests.empty());
    CHECK(old->files.front().hashes.others == 1);
}
