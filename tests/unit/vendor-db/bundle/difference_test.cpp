#include "vendor-db/bundle/difference.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/unit/vendor-db/builder.h"

using namespace assay;
using namespace assay::vendors;

namespace {

VendorDb loaded(const Sources& sources) {
    auto db = load(sources);
    INFO((db ? "" : describe(db.error())));
    REQUIRE(db);
    return std::move(*db);
}

const std::string kSource = "source = \"test\"\n";

std::string maker(const std::string& id, const std::string& pci, const std::string& more = "") {
    return "id = \"" + id + "\"\n[[names]]\nkind = \"legal\"\ntexts = [\"" + id + " works\"]\n" + kSource +
           "[[ids]]\nnamespace = \"pci\"\nvalues = [\"" + pci + "\"]\n" + kSource + more;
}

std::string decided(const std::string& decision) {
    return "[[decisions]]\nentities = [\"acme\"]\ndecision = \"" + decision +
           "\"\nreason = \"because\"\napprover = \"carla\"\nfrom = 2024-01-01\n";
}

Sources base() {
    return {{{"vendors/acme.toml", maker("acme", "1234")}, {"vendors/bolt.toml", maker("bolt", "5678")}},
            {},
            {{"decisions/d.toml", decided("allow")}},
            {}};
}

std::vector<std::string> said(const Sources& from, const Sources& to) {
    std::vector<std::string> out;
    for (const auto& change : difference(loaded(from), loaded(to)))
        out.push_back(std::string(to_string(change.of)) + " " + change.subject + ": " + change.text);
    return out;
}

using Said = std::vector<std::string>;

}  // namespace

TEST_CASE("the same data in other files and another order is no difference") {
    auto other = base();
    std::ranges::reverse(other.vendors);
    other.vendors.front().name = "vendors/elsewhere.toml";
    other.decisions.front().text = "# a comment\n" + other.decisions.front().text;
    CHECK(said(base(), other) == Said{});
}

TEST_CASE("a decision that is turned round is told with both sides and who approved") {
    auto other = base();
    other.decisions.front().text = decided("deny");
    CHECK(said(base(), other) == Said{"decision entities acme, any: was (allow: because; approved by carla, "
                                      "since 2024-01-01), is now (deny: "
                                      "because; approved by carla, since 2024-01-01)"});
}

TEST_CASE("an identifier that another maker has now is told as moved") {
    auto other = base();
    other.vendors = {{"vendors/acme.toml", maker("acme", "9abc")},
                     {"vendors/bolt.toml", maker("bolt", "1234")}};
    CHECK(said(base(), other) ==
          Said{"vendor acme: pci 1234 removed (test)", "vendor acme: pci 9abc added (test)",
               "vendor bolt: pci 1234 moved here from acme", "vendor bolt: pci 5678 removed (test)",
               "vendor bolt: pci 1234 added (test)"});
}

TEST_CASE("a new owner, a new maker and one that is gone are told") {
    auto other = base();
    other.vendors = {
        {"vendors/acme.toml", maker("acme", "1234", "[[owned_by]]\nowner = \"core\"\npct = 51\n" + kSource)},
        {"vendors/core.toml", maker("core", "def0")}};
    const auto changes = said(base(), other);
    CHECK(std::ranges::count(changes, "vendor acme: owner core added (51 %, test; sourced)") == 1);
    CHECK(std::ranges::count(changes, "vendor bolt: removed") == 1);
    CHECK(std::ranges::count(changes, "vendor core: new") == 1);
    CHECK(std::ranges::count(changes, "vendor core: pci def0 added (test)") == 1);
}
