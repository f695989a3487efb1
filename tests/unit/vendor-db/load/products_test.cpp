// A name or number that several makers print, told apart by the product.
#include <catch2/catch.hpp>

#include "tests/support/builders/vendor_files.h"
#include "tests/unit/vendor-db/builder.h"

namespace assay::vendors {
namespace {

using test::load_files;
using test::maker;

std::string printing(const std::string& text, const std::string& products) {
    return "[[names]]\nkind = \"smbios\"\ntexts = [\"" + text + "\"]\nproducts = [" + products +
           "]\nsource = \"a dump\"\n";
}

std::string names(const std::string& text) {
    return "[[names]]\nkind = \"alias\"\ntexts = [\"" + text + "\"]\nsource = \"a register\"\n";
}

std::string complaint_of(const std::vector<SourceFile>& files) {
    return assay::test::first_complaint({files, {}, {}, {}});
}

}  // namespace

TEST_CASE("the longest family that begins the product says whose the name is") {
    const auto db = load_files({maker("old", names("Both")), maker("servers", printing("Both", "\"Rack\"")),
                                maker("blades", printing("Both", "\"Rack Blade\", \"Edge\""))});
    REQUIRE(db);
    const auto who = [&](std::string_view product) {
        const auto found = db->resolve(Namespace::smbios, "BOTH", product);
        return found.others.empty() ? found.entity : found.entity + "?";
    };
    CHECK(who("Rack 100") == "servers");
    CHECK(who("RACK-blade 7") == "blades");
    CHECK(who("edge") == "blades");
    CHECK(who("Racks") == "old?");
    CHECK(who("Tower") == "old?");
    CHECK(who("") == "old?");
    CHECK(db->resolve(Namespace::smbios, "Both").others.size() == 2);
}

TEST_CASE("a name for some products alone is nobody else's, whatever the product") {
    const auto db = load_files({maker("servers", printing("Rackprint", "\"Rack\""))});
    REQUIRE(db);
    CHECK(db->resolve(Namespace::smbios, "Rackprint", "Rack 1").entity == "servers");
    CHECK(db->resolve(Namespace::smbios, "Rackprint", "Tower").entity == "servers");
    CHECK(db->resolve(Namespace::smbios, "Rack").outcome == Resolution::Outcome::unknown);
}

TEST_CASE("one product is one maker's: a second claim, an empty family and a placeholder are refused") {
    CHECK(complaint_of({maker("old", names("Both")), maker("servers", printing("Both", "\"Rack\""))}) ==
          "none");
    CHECK(complaint_of(
              {maker("blades", printing("Both", "\"RACK\"")), maker("servers", printing("Both", "\"Rack\""))})
              .find("is also at") != std::string::npos);
    CHECK(complaint_of({maker("old", names("Both")), maker("rival", names("Both"))}).find("is also at") !=
          std::string::npos);
    CHECK(complaint_of({maker("servers", printing("Both", ""))}) != "none");
    CHECK(complaint_of({maker("servers", printing("Both", "\"System Product Name\""))})
              .find("names no product") != std::string::npos);
    auto legal = maker("servers");
    legal.text += "products = [\"Rack\"]\n";
    CHECK(complaint_of({legal}).find("legal name") != std::string::npos);
}

TEST_CASE("a product in the data changes what names it") {
    const auto without = load_files({maker("old", names("Both"))});
    const auto with = load_files({maker("old", printing("Both", "\"Rack\""))});
    const auto other = load_files({maker("old", printing("Both", "\"Tower\""))});
    REQUIRE((without && with && other));
    CHECK(with->digest() != without->digest());
    CHECK(with->digest() != other->digest());
}

}  // namespace assay::vendors
