#include <catch2/catch.hpp>
#include <openssl/pem.h>

#include "files/output.h"
#include "tests/support/certificates/ek_path_builder.h"
#include "tests/support/machine/temp_folder.h"
#include "verifier/service/inputs/certificate_files.h"
#include "verifier/service/inputs/inputs.h"
#include "verifier/service/inputs/tpm_roots.h"

using namespace assay;
using namespace assay::test;

namespace {

/// A pinned root, and a file to be imported.
struct Imported {
    TempFolder folder;
    tcg::Certificate root = EkPathBuilder().make().root;
    vendors::TpmRootPin pin{.sha256 = root.sha256(),
                            .vendor = "Maker",
                            .subject = root.subject(),
                            .not_before = root.not_before(),
                            .not_after = root.not_after(),
                            .manufacturers = {},
                            .sources = {"test"},
                            .where = "pins.toml:1"};

    [[nodiscard]] std::vector<inputs::RootImport> of(ByteView content) const {
        const auto file = folder.path() / "roots.pem";
        require(files::write_output(file, content).has_value(), "write");
        return inputs::judge_roots(file, {pin}).value();
    }
};

}  // namespace

TEST_CASE("a root whose digest is pinned is accepted, as DER or in a PEM bundle with others") {
    const Imported imported;
    const auto alone = imported.of(imported.root.der());
    REQUIRE(alone.size() == 1);
    CHECK(alone.front().pin);
    CHECK(alone.front().der == imported.root.der());
    const auto made = EkPathBuilder().make();
    const auto both = imported.of(as_view(pem(made.intermediate) + pem(imported.root)));
    REQUIRE(both.size() == 2);
    CHECK_FALSE(both[0].pin);
    CHECK_THAT(both[0].why_not, Catch::Contains("no root"));
    CHECK(both[1].pin);
}

TEST_CASE("a root with a pinned one's name and dates is left out, and the reason says whose name it has") {
    const Imported imported;
    EkPathBuilder rogue;
    rogue.root_key = shared_key(Key::p521);
    const auto judged = imported.of(rogue.make().root.der());
    REQUIRE(judged.size() == 1);
    CHECK_FALSE(judged.front().pin);
    CHECK(judged.front().der.empty());
    CHECK_THAT(judged.front().why_not, Catch::Contains("has the name of Maker's root"));
}

TEST_CASE("a pin that says other facts than its certificate is to be corrected, and accepts nothing") {
    Imported imported;
    imported.pin.not_after += 1;
    CHECK_THAT(imported.of(imported.root.der()).front().why_not, Catch::Contains("correct the pin"));
    imported.pin.not_after -= 1;
    imported.pin.subject = "CN=Other";
    CHECK_THAT(imported.of(imported.root.der()).front().why_not, Catch::Contains("correct the pin"));
}

TEST_CASE("what is no certificate is listed with the reason, beside those that are") {
    const Imported imported;
    CHECK_THAT(imported.of(as_view("hello")).front().why_not, Catch::Contains("certificate"));
    const auto text = pem(imported.root);
    CHECK_THAT(imported.of(as_view(text.substr(0, text.size() / 2))).front().why_not, Catch::Contains("cut"));
    CHECK_FALSE(inputs::judge_roots(imported.folder.path() / "absent.pem", {}));
}

TEST_CASE("the makers of a folder's pins go with its roots") {
    const Imported imported;
    const auto folder = imported.folder.path();
    require(files::write_output(folder / "root.der", imported.root.der()).has_value(), "write");
    CHECK(inputs::read_pinned_roots(folder)->makers.empty());
    const std::string pins = "[[root]]\nsha256 = \"" + imported.root.sha256().hex() +
                             "\"\nvendor = \"Maker\"\nsubject = \"CN=Root\"\nnot_before = 2020-01-01\n"
                             "not_after = 2040-01-01\nmanufacturers = [\"id:4E544300\"]\nsources = [\"x\"]\n";
    require(files::write_output(folder / "pins.toml", as_view(pins)).has_value(), "write");
    const auto read = inputs::read_pinned_roots(folder).value();
    REQUIRE(read.certificates.size() == 1);
    REQUIRE(read.makers.size() == 1);
    CHECK(read.makers.front().root == imported.root.sha256());
    CHECK(read.makers.front().manufacturers == std::vector<std::string>{"id:4E544300"});
}
