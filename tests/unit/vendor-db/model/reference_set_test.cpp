#include "vendor-db/model/reference_set.h"

#include <catch2/catch.hpp>

#include "tests/support/builders/vendor_files.h"
#include "tests/support/machine/text.h"
#include "vendor-db/bundle/bundle.h"
#include "vendor-db/bundle/difference.h"
#include "vendor-db/model/vendor_db.h"

using namespace assay;
using namespace assay::vendors;
using assay::test::first_complaint;
using assay::test::has;
using assay::test::replaced;

namespace {

ReferenceSet bios() {
    ReferenceSet set{.name = "r750 BIOS",
                     .version = "2.19.1",
                     .model = "PowerEdge R750",
                     .span = {1'000'000'000, 2'000'000'000},
                     .origin = ReferenceOrigin::rim,
                     .source = "tag 94f6b457 of \"Dell\""};
    set.events = {{0, sha256(as_view("crtm")), "EV_S_CRTM_VERSION", ""},
                  {std::nullopt, sha256(as_view("driver")), "\\EFI\\a \"b\"", ""}};
    set.pcrs = {{11, hash(HashAlgorithm::sha384, {as_view("uki")}), "the unified kernel image", ""}};
    set.files = {{std::nullopt, sha256(as_view("sshd")), "/usr/sbin/sshd", ""}};
    return set;
}

Sources sources_of(const std::string& text) {
    return {{}, {}, {}, {}, {}, {{"references/r750.toml", text}}};
}

}  // namespace

TEST_CASE("a reference set reads back as it was written") {
    const auto db = load(sources_of(to_toml({bios()})));
    REQUIRE(db);
    REQUIRE(db->references().size() == 1);
    auto read = db->references().front();
    CHECK(read.where == "references/r750.toml:1");
    CHECK(read.events.front().where == "references/r750.toml:10");
    CHECK(to_toml({read}) == to_toml({bios()}));
    CHECK(read.span.from == 1'000'000'000);
    CHECK(read.events.size() == 2);
    CHECK_FALSE(read.events[1].pcr);
    CHECK(read.events[1].what == bios().events[1].what);
    CHECK(read.pcrs[0].digest.algorithm() == HashAlgorithm::sha384);
}

TEST_CASE("what a reference set lacks or has wrong is told with its place and remedy") {
    const auto complaint = [](const std::string& text) { return first_complaint(sources_of(text)); };
    const auto text = to_toml({bios()});
    CHECK(complaint(text) == "none");
    CHECK(has(complaint(replaced(text, "\"rim\"", "\"rumour\"")), "r750.toml:7: 'rumour' is no origin"));
    CHECK(has(complaint(replaced(text, "sha384:", "sha256:")), "not a digest"));
    CHECK(has(complaint(replaced(text, "\"sha256:", "\"sha1:")), "not a digest"));
    CHECK(has(complaint(replaced(text, "pcr = 11\n", "")), "of which PCR"));
    CHECK(has(complaint(replaced(text, "pcr = 11", "pcr = 24")), "0 to 23"));
    CHECK(has(complaint(replaced(text, "pcr = 0", "pcr = \"0\"")), "whole number"));
    CHECK(has(complaint(replaced(text, "what = \"/usr", "path = \"/usr")), "path"));
    CHECK(has(complaint(text + "\n" + text), "the same version of the same set"));
    CHECK(has(complaint("[[reference]]\nname = \"a\"\nversion = \"1\"\nmodel = \"*\"\norigin = "
                        "\"list\"\nsource = \"b\"\n"),
              "without a value"));
    CHECK(has(complaint("# nothing\n"), "no reference set"));
}

TEST_CASE("several generations hold at once, each for its model and its time") {
    auto next = bios();
    next.version = "2.20.0";
    next.span = {1'500'000'000, std::nullopt};
    auto any = bios();
    any.name = "shim";
    any.model = "*";
    any.span = {};
    const std::vector<ReferenceSet> all{bios(), next, any};
    const auto names = [&](std::string_view model, std::int64_t at) {
        std::string out;
        for (const auto* set : references_of(all, model, at))
            out += set->version + set->name.substr(0, 1) + " ";
        return out;
    };
    CHECK(names("poweredge  r750", 1'200'000'000) == "2.19.1r 2.19.1s ");
    CHECK(names("PowerEdge R750", 1'600'000'000) == "2.19.1r 2.20.0r 2.19.1s ");
    CHECK(names("PowerEdge R750", 2'000'000'000) == "2.20.0r 2.19.1s ");
    CHECK(names("PowerEdge R640", 1'600'000'000) == "2.19.1s ");
    CHECK(names("", 1'600'000'000) == "2.19.1s ");
}

TEST_CASE("a bundle carries reference sets, and one without them keeps its bytes") {
    BundleContent content{
        .version = 3, .issued = 10, .expires = 20, .sources = sources_of(to_toml({bios()}))};
    const auto bytes = encode_bundle_content(content);
    REQUIRE(bytes);
    const auto read = decode_bundle_content(*bytes);
    REQUIRE(read);
    REQUIRE(read->sources.references.size() == 1);
    CHECK(read->sources.references.front().text == content.sources.references.front().text);
    content.sources.references.clear();
    const auto without = encode_bundle_content(content);
    REQUIRE(without);
    CHECK_FALSE(has(std::string(as_text(*without)), "references"));
}

TEST_CASE("whoever is asked to sign sees which values came and went") {
    auto changed_set = bios();
    changed_set.events[0].digest = sha256(as_view("implant"));
    const auto before = load(sources_of(to_toml({bios()})));
    const auto after = load(sources_of(to_toml({changed_set})));
    REQUIRE(before);
    REQUIRE(after);
    CHECK(before->digest() != after->digest());
    const auto changes = difference(*before, *after);
    REQUIRE(changes.size() == 2);
    CHECK(changes[0].of == Change::Of::reference);
    CHECK(has(changes[0].subject + changes[1].subject, sha256(as_view("implant")).hex()));
    CHECK(difference(*before, *before).empty());
}
