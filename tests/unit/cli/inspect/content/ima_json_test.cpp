#include "cli/inspect/content/ima_json.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "tests/support/builders/ima_builder.h"

using namespace assay;
using namespace assay::cli;
using nlohmann::json;
using test::ImaBuilder;

namespace {

ImaBuilder three_entries() {
    ImaBuilder list;
    list.file("boot_aggregate", "the boot").file("/usr/bin/true", "a program").violation("/var/log/x");
    return list;
}

json shown_list(ByteView bytes) {
    const auto made = inspect_ima(bytes);
    REQUIRE(made);
    return json::parse(made->dump());
}

}  // namespace

TEST_CASE("an IMA list is shown entry by entry, with the PCRs that it replays to and nothing verified") {
    const auto list = three_entries();
    const auto out = shown_list(list.bytes());
    CHECK(out["form"] == "binary");
    CHECK(out["verified"] == false);
    CHECK(out["count"] == 3);
    CHECK(out["violations"] == 1);
    CHECK(out["edited"] == 0);
    CHECK(out["pcrs"]["sha256"]["10"] == list.pcr10_sha256.hex());
    CHECK(out["pcrs"]["sha1"]["10"] == list.pcr10_sha1.hex());
    CHECK(out["boot_aggregate"] == "sha256:" + sha256(as_view("the boot")).hex());
    const auto& file = out["entries"][1];
    CHECK(file["path"] == "/usr/bin/true");
    CHECK(file["file_hash"] == "sha256:" + sha256(as_view("a program")).hex());
    CHECK(file["violation"] == false);
    CHECK(file["digest_covers_data"] == true);
    CHECK(out["entries"][2]["violation"] == true);
}

TEST_CASE("the kernel's text form is told by its first bytes and shown alike") {
    const auto digest = hash(HashAlgorithm::sha1, {as_view("x")}).hex();
    const auto text = "10 " + digest + " ima-ng sha256:" + std::string(64, 'a') + " /usr/bin/true\n";
    const auto out = shown_list(as_view(text));
    CHECK(out["form"] == "ascii");
    CHECK(out["count"] == 1);
    CHECK(out["entries"][0]["path"] == "/usr/bin/true");
    CHECK(out["edited"] == 1);  // its digest is not that of its data
}

TEST_CASE("an edited entry is counted and named, and a hostile path is printable") {
    ImaBuilder list;
    list.file("boot_aggregate", "b").edited("/etc/shadow").file("/tmp/\x1b[31m\n", "c");
    const auto out = shown_list(list.bytes());
    CHECK(out["edited"] == 1);
    CHECK(out["entries"][1]["digest_covers_data"] == false);
    CHECK(out["entries"][2]["path"].get<std::string>().find('\x1b') == std::string::npos);
}

TEST_CASE("a list with template digests of SHA-256 is read as one") {
    const auto data = ByteWriter()
                          .bytes(ImaBuilder::digest_field(sha256(as_view("f")).view()))
                          .bytes(ImaBuilder::path_field("/usr/bin/f"))
                          .take();
    const auto list = ByteWriter()
                          .u32le(10)
                          .bytes(sha256(data).view())
                          .bytes(ImaBuilder::field(as_view("ima-ng")))
                          .bytes(ImaBuilder::field(data))
                          .take();
    const auto out = shown_list(list);
    CHECK(out["entries"][0]["template_digest"] == sha256(data).hex());
    CHECK(out["entries"][0]["digest_covers_data"] == true);
}

TEST_CASE("what is cut, another file or noise is refused with its place") {
    auto bytes = three_entries().bytes();
    bytes.pop_back();
    const auto cut = inspect_ima(bytes);
    REQUIRE_FALSE(cut);
    CHECK(cut.error().offset.has_value());
    CHECK_FALSE(inspect_ima(as_view("a text that is no list\n")));
    CHECK_FALSE(inspect_ima(Bytes(64, std::byte{0xff})));
    CHECK(shown_list({})["count"] == 0);
}
