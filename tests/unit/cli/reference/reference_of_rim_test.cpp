#include "cli/reference/reference_of_rim.h"

#include <catch2/catch.hpp>

#include "tests/support/builders/corim_builder.h"
#include "tests/support/builders/rim_builder.h"
#include "tests/support/machine/temp_folder.h"
#include "vendor-db/model/vendor_db.h"

using namespace assay;
using namespace assay::cli;
using namespace assay::test;
using Catch::Matchers::Contains;

namespace {

// A maker's folder: tag, support RIM beside it, the root.
struct Folder {
    TempFolder folder;
    RimSigners signers;
    RimSigners::Made made = signers.make();
    SwidBuilder swid;

    [[nodiscard]] std::string write(const std::string& name, ByteView content) const {
        const auto path = (folder.path() / name).string();
        REQUIRE(write_output(path, content));
        return path;
    }
    [[nodiscard]] RimFiles files() {
        swid.certificates = {made.signer.der()};
        RimFiles out;
        out.manifests = {write("example.swidtag", as_view(swid.sign(signers.signer_key)))};
        out.roots = {write("root.der", made.root.der())};
        return out;
    }
    [[nodiscard]] Result<std::vector<RimFile>> read(const RimFiles& files) const {
        return read_rims(files, kRimTime);
    }
};

std::size_t events_of(const vendors::ReferenceSet& set, std::uint32_t pcr) {
    return static_cast<std::size_t>(std::ranges::count(set.events, pcr, &vendors::ReferenceValue::pcr));
}

}  // namespace

TEST_CASE("a tag becomes a set of its boot PCRs, which reads back as it was made") {
    Folder folder;
    auto files = folder.files();
    files.support = {folder.write("log.bin", folder.swid.support)};
    const auto rims = folder.read(files);
    INFO((rims ? "" : describe(rims.error())));
    REQUIRE(rims);
    const auto made = reference_of_rim(rims->front(), {});
    REQUIRE(made);
    const auto& set = made->set;
    CHECK(set.title() == "Example BIOS 1.42");
    CHECK(set.model == "R750 & Co");
    CHECK(set.origin == vendors::ReferenceOrigin::rim);
    CHECK_THAT(set.source, Contains("example.swidtag, sha256 ") &&
                               Contains("tag " + folder.swid.tag_id + " version 2") &&
                               Contains("signed by CN=Test Maker RIM signer"));
    CHECK(events_of(set, 7) > 0);
    CHECK(events_of(set, 1) == 0);
    CHECK_THAT(made->left_out.front(), Contains("values of PCR 1 (--pcrs)"));
    const auto back = vendors::load({{}, {}, {}, {}, {}, {{"set.toml", vendors::to_toml({set})}}});
    INFO((back ? "" : describe(back.error())));
    REQUIRE(back);
    REQUIRE(back->references().size() == 1);
    CHECK(back->references().front().events.size() == set.events.size());
    const auto others =
        reference_of_rim(rims->front(), {.name = "n", .version = "v", .model = "*", .span = {}, .pcrs = {1}});
    REQUIRE(others);
    CHECK(others->set.title() == "n v");
    CHECK(events_of(others->set, 1) > 0);
    CHECK(events_of(others->set, 7) == 0);
}

TEST_CASE("a support RIM is found beside its tag, and its absence is an error that names its digest") {
    Folder folder;
    const auto files = folder.files();
    const auto without = folder.read(files);
    REQUIRE(without);
    const auto set = reference_of_rim(without->front(), {});
    REQUIRE_FALSE(set);
    CHECK_THAT(set.error().context, Contains("rim/example.rimel") &&
                                        Contains(sha256(folder.swid.support).hex()) && Contains("--support"));
    (void)folder.write("example.rimel", folder.swid.support);
    const auto with = folder.read(files);
    REQUIRE(with);
    CHECK(reference_of_rim(with->front(), {}));
    (void)folder.write("example.rimel", as_view("not it"));
    CHECK_FALSE(folder.read(files)->front().rim.support.front().given);
}

TEST_CASE("a support RIM of none of the manifests is refused") {
    Folder folder;
    auto files = folder.files();
    files.support = {folder.write("other.rimel", as_view("another log"))};
    const auto read = folder.read(files);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::refused);
    CHECK_THAT(read.error().context, Contains("other.rimel") && Contains("wants rim/example.rimel"));
}

TEST_CASE("an older manifest than the last one of its tag is refused, and a newer one is not") {
    Folder folder;
    folder.swid.tag_version = "3";
    folder.swid.certificates = {folder.made.signer.der()};
    const auto last = folder.write("last.swidtag", as_view(folder.swid.sign(folder.signers.signer_key)));
    folder.swid.tag_version = "2";
    auto files = folder.files();
    files.last = last;
    const auto older = folder.read(files);
    REQUIRE_FALSE(older);
    CHECK(older.error().code == ErrorCode::refused);
    CHECK_THAT(older.error().context, Contains("example.swidtag") && Contains("tag version 2"));
    folder.swid.tag_version = "4";
    files = folder.files();
    files.last = last;
    CHECK(folder.read(files));
}

TEST_CASE("what nobody signed counts as a list, in whichever format it comes") {
    Folder folder;
    CorimBuilder corim;
    const auto digest = Digest::filled(HashAlgorithm::sha256, std::byte{5});
    corim.measurements = {cbor_map(
        {{1, cbor_map({{14, cbor_map({{7, cbor::array({CorimBuilder::digest(1, digest.view())})}})}})}})};
    RimFiles files;
    files.manifests = {folder.write("maker.corim", corim.unsigned_corim())};
    files.allow_unsigned = true;
    const auto rims = folder.read(files);
    INFO((rims ? "" : describe(rims.error())));
    REQUIRE(rims);
    const auto made =
        reference_of_rim(rims->front(), {.name = {}, .version = "1", .model = {}, .span = {}, .pcrs = {}});
    REQUIRE(made);
    CHECK(made->set.origin == vendors::ReferenceOrigin::list);
    CHECK_THAT(made->set.source, Contains("signed by nobody"));
    REQUIRE(made->set.pcrs.size() == 1);
    CHECK(made->set.pcrs.front().pcr == 7U);
    CHECK(made->set.span.from == corim.not_before);
    CHECK(made->set.span.to == corim.not_after);
}

TEST_CASE("a list needs a name, version and model, and says none of them itself") {
    Folder folder;
    RimFiles files;
    files.manifests = {folder.write("kernels.txt", as_view(std::string(64, 'a') + "  boot/vmlinuz\n"))};
    const auto rims = folder.read(files);
    REQUIRE(rims);
    const auto nameless = reference_of_rim(rims->front(), {});
    REQUIRE_FALSE(nameless);
    CHECK(nameless.error().code == ErrorCode::usage);
    const auto made = reference_of_rim(
        rims->front(), {.name = "kernel", .version = "6.1", .model = "*", .span = {}, .pcrs = {}});
    REQUIRE(made);
    REQUIRE(made->set.files.size() == 1);
    CHECK(made->set.files.front().what == "boot/vmlinuz");
}

TEST_CASE("measurements of components make no reference of a boot") {
    Folder folder;
    CorimBuilder corim;
    RimFiles files;
    files.manifests = {folder.write("gpu.corim", corim.unsigned_corim())};
    files.allow_unsigned = true;
    const auto rims = folder.read(files);
    REQUIRE(rims);
    const auto made = reference_of_rim(rims->front(), {});
    REQUIRE_FALSE(made);
    CHECK(made.error().code == ErrorCode::not_found);
    CHECK_THAT(made.error().context, Contains("1 measurements of components"));
}
