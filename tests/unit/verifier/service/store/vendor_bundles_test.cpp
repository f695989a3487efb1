#include "verifier/service/store/vendor_bundles.h"

#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"

using namespace assay;
using namespace builders;

STORE_TEST(highest_bundle,
           "the highest vendor bundle that was ever loaded is kept over a restart, whatever came after") {
    {
        const auto store = database.open();
        REQUIRE(store::VendorBundles(*store).newest());
        CHECK_FALSE(*store::VendorBundles(*store).newest());
        REQUIRE(store::VendorBundles(*store).add({7, digest_of("seven"), kNow}));
        REQUIRE(store::VendorBundles(*store).add({9, digest_of("nine"), kNow + 1}));
        REQUIRE(store::VendorBundles(*store).add({8, digest_of("eight"), kNow + 2}));
    }
    const auto newest = store::VendorBundles(*database.open()).newest();
    REQUIRE(newest);
    REQUIRE(*newest);
    CHECK((*newest)->version == 9);
    CHECK((*newest)->digest == digest_of("nine"));
    CHECK((*newest)->loaded_at == kNow + 1);
}

STORE_TEST(bundle_version_once,
           "a version stands for one content: the same again is nothing, another is refused") {
    const auto store = database.open();
    REQUIRE(store::VendorBundles(*store).add({7, digest_of("seven"), kNow}));
    REQUIRE(store::VendorBundles(*store).add({7, digest_of("seven"), kNow + 5}));
    const auto other = store::VendorBundles(*store).add({7, digest_of("another"), kNow});
    REQUIRE_FALSE(other);
    CHECK(other.error().code == ErrorCode::conflict);
    CHECK((*store::VendorBundles(*store).newest())->loaded_at == kNow);
}
