#include <catch2/catch.hpp>

#include "tests/support/builders/vendor_files.h"
#include "tests/unit/vendor-db/builder.h"

namespace assay::vendors {
namespace {

using Catch::Matchers::Contains;
using test::maker;
using test::owned_by;

TEST_CASE("What ships has nothing to complain about") {
    for (const auto& complaint : check(assay::test::shipped_sources())) FAIL_CHECK(to_string(complaint));
}

TEST_CASE("All complaints are given at once, each with file, line and remedy") {
    auto broken = maker("acme", owned_by("nobody", "pct = 60"));
    broken.text += "[[ids]]\nnamespace = \"pci\"\nvalues = [\"xyz\"]\n";
    const auto complaints = check({{broken, {"vendors/syntax.toml", "id = \n"}},
                                   {{"lists/l.toml", "id = \"l\"\n"}},
                                   {{"decisions/d.toml", "[[decisions]]\n"}},
                                   {}});
    const auto has = [&](const std::string& file, std::size_t line, const std::string& what) {
        for (const auto& complaint : complaints) {
            if (complaint.file == file && complaint.line == line &&
                complaint.what.find(what) != std::string::npos) {
                CHECK_FALSE(complaint.remedy.empty());
                return true;
            }
        }
        return false;
    };
    CHECK(has("vendors/acme.toml", 7, "owner 'nobody' has no vendor file"));
    CHECK(has("vendors/acme.toml", 11, "no 'source'"));
    CHECK(has("vendors/acme.toml", 13, "not four hex digits"));
    CHECK(has("vendors/syntax.toml", 1, "not TOML"));
    CHECK(has("lists/l.toml", 1, "no 'title'"));
    CHECK(has("lists/l.toml", 1, "no 'bars'"));
    CHECK(has("decisions/d.toml", 1, "about nobody"));
    CHECK(has("decisions/d.toml", 1, "no 'approver'"));
}

TEST_CASE("Loading refuses with the first complaint and the number of the others") {
    const Sources sources{
        {{"vendors/a.toml", "id = \"a\"\n"}}, {}, {{"decisions/d.toml", "[[decisions]]\n"}}, {}};
    const auto complaints = check(sources);
    REQUIRE(complaints.size() > 1);
    CHECK(load(sources).error().context ==
          to_string(complaints[0]) + " (and " + std::to_string(complaints.size() - 1) + " more)");
}

TEST_CASE("A complaint reads as file, line, what and remedy") {
    CHECK(to_string(Complaint{"a.toml", 7, "wrong", "correct it"}) == "a.toml:7: wrong; correct it");
    CHECK(to_string(Complaint{"a.toml", 0, "wrong", ""}) == "a.toml: wrong");
}

}  // namespace
}  // namespace assay::vendors
