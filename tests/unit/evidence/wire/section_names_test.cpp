#include "evidence/wire/section/section_names.h"

#include <iterator>
#include <set>

#include <catch2/catch.hpp>

#include "evidence/wire/names.h"

using namespace assay;

TEST_CASE("every section has a name of its own that a manifest can hold, and all fit into one manifest") {
    std::set<std::string_view> seen;
    for (const auto name : section::kAll) {
        INFO(name);
        CHECK(wire::is_section_name(name));
        CHECK(seen.insert(name).second);
    }
    static_assert(std::size(section::kAll) <= limits::kSections);
    CHECK(seen.contains(section::kGaps));
}
