#include "verifier/service/setup/vendor_data.h"

#include <filesystem>

#include <catch2/catch.hpp>

#include "files/output.h"
#include "tests/support/appraisal/evidence_builder.h"
#include "tests/support/machine/temp_folder.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/inputs/inputs.h"
#include "verifier/service/setup/authority.h"
#include "verifier/service/store/vendor_bundles.h"

// The vendor data of a verifier's state folder: what is loaded, what is refused, and that nothing changes
// then.
using namespace assay;
using namespace assay::setup;
using assay::test::must;

namespace {

constexpr std::int64_t kAt = 1'800'000'000;

/// A state folder with an example bundle, and a signer whose key is configured beside the example one.
class Verifier {
  public:
    Verifier() {
        REQUIRE(make_example_bundle(state, config, test::test_vendor_sources(), kAt));
        store = must(store::Store::open("sqlite:" + (folder_.path() / "assay.db").string()));
        add_key("carla.pem", carla);
    }
    void add_key(const std::string& name, const KeyPair& key) {
        REQUIRE(files::write_output(state.root / config.vendor_keys / name, as_view(key.public_pem)));
    }
    /// The file of a bundle of this version, signed by carla.
    std::filesystem::path bundle(std::uint64_t version, const std::string& note = "",
                                 std::int64_t expires = kAt + 1000) {
        auto sources = test::test_vendor_sources();
        sources.vendors.front().text += "# " + note + "\n";
        const auto content = must(vendors::encode_bundle_content(
            {.version = version, .issued = kAt, .expires = expires, .sources = std::move(sources)}));
        const auto file = folder_.path() / ("vendors-" + std::to_string(version) + note + ".bundle");
        const auto signature = must(vendors::sign_content(content, carla.private_pem, ""));
        REQUIRE(files::write_output(file, vendors::encode_bundle({content, {signature}})));
        return file;
    }
    Result<vendors::VendorDb> start(std::int64_t at = kAt) {
        auto loaded = TRY(load_vendor_data(state, config, *store, at));
        TRY_VOID(remember_vendor_data(state, *store, *loaded.edition(), at));
        return loaded;
    }
    Result<vendors::Edition> install(const std::filesystem::path& file) {
        return install_vendor_bundle(state, config, *store, file, kAt);
    }
    /// As a copy by hand, past `install`.
    void put(const std::filesystem::path& file) {
        std::filesystem::copy_file(file, state.root / config.vendors,
                                   std::filesystem::copy_options::overwrite_existing);
    }

  private:
    test::TempFolder folder_;

  public:
    StateFolder state{folder_.path() / "state"};
    Config config;
    KeyPair carla = must(make_bundle_key());
    std::unique_ptr<store::Store> store;
};

std::string refusal(const auto& result) {
    REQUIRE_FALSE(result);
    return describe(result.error());
}

bool says(const std::string& text, const std::string& part) {
    INFO(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the example bundle of init is loaded, and names itself by version and digest") {
    Verifier verifier;
    const auto loaded = verifier.start();
    REQUIRE(loaded);
    REQUIRE(loaded->edition());
    CHECK(loaded->edition()->version == 1);
    CHECK((*store::VendorBundles(*verifier.store).newest())->digest == loaded->digest().hex());
}

TEST_CASE("sources with a fault make no example bundle, and the fault is named with file and line") {
    const test::TempFolder folder;
    auto sources = test::test_vendor_sources();
    sources.vendors.front().text += "colour = \"red\"\n";
    const auto made = make_example_bundle({folder.path() / "state"}, {}, sources, kAt);
    CHECK(says(refusal(made), "vendors/good.toml"));
    CHECK_FALSE(std::filesystem::exists(folder.path() / "state" / "vendors.bundle"));
}

TEST_CASE("a newer bundle is installed and loaded at the next start") {
    Verifier verifier;
    REQUIRE(verifier.start());
    REQUIRE(verifier.install(verifier.bundle(2)));
    CHECK(verifier.start()->edition()->version == 2);
}

TEST_CASE("after a newer bundle an older one is refused, installed or copied by hand, over restarts") {
    Verifier verifier;
    const auto older = verifier.bundle(2);
    REQUIRE(verifier.install(verifier.bundle(3)));
    REQUIRE(verifier.start());
    CHECK(says(refusal(verifier.install(older)), "vendors.rolled_back"));
    CHECK(verifier.start()->edition()->version == 3);
    verifier.put(older);
    CHECK(says(refusal(verifier.start()), "vendors.rolled_back"));
    CHECK(says(refusal(verifier.start()), "docs/howto/sign-vendor-data.md"));
}

TEST_CASE("another content under the version that was loaded is refused") {
    Verifier verifier;
    verifier.put(verifier.bundle(3));
    REQUIRE(verifier.start());
    verifier.put(verifier.bundle(3, "other"));
    CHECK(says(refusal(verifier.start()), "vendors.version_reused"));
}

TEST_CASE("a bundle that has expired does not start a verifier, not even the one that was loaded before") {
    Verifier verifier;
    verifier.put(verifier.bundle(2));
    REQUIRE(verifier.start(kAt + 999));
    CHECK(says(refusal(verifier.start(kAt + 1000)), "vendors.expired"));
}

TEST_CASE("two signatures wanted are two signers' signatures") {
    Verifier verifier;
    verifier.config.vendor_signatures = 2;
    CHECK(says(refusal(verifier.install(verifier.bundle(2))), "vendors.too_few_signatures"));
    verifier.config.vendor_signatures = 3;
    CHECK(says(refusal(verifier.start()), "vendor_signatures"));
}

TEST_CASE("a signature by a retired key does not count") {
    Verifier verifier;
    const auto keys = verifier.state.root / verifier.config.vendor_keys;
    std::filesystem::create_directory(keys / "retired");
    std::filesystem::rename(keys / "carla.pem", keys / "retired" / "carla.pem");
    CHECK(says(refusal(verifier.install(verifier.bundle(2))), "vendors.too_few_signatures"));
}

TEST_CASE("a folder where the bundle should be is told, with the way to a bundle") {
    Verifier verifier;
    verifier.config.vendors = "vendor-keys";
    const auto text = refusal(verifier.start());
    CHECK(says(text, "is a folder"));
    CHECK(says(text, "assay vendors build"));
}

TEST_CASE("without any key nothing is loaded") {
    Verifier verifier;
    std::filesystem::remove_all(verifier.state.root / verifier.config.vendor_keys);
    CHECK_FALSE(verifier.start());
}
