#include "agent/state/seen.h"

#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/builders/token_builder.h"
#include "tests/support/machine/temp_folder.h"

using namespace assay;
using namespace assay::agent;

namespace {

ActHead head(std::int64_t number, std::string_view chain = "ours") {
    return {number, sha256(as_view(chain))};
}

std::string token(const ActHead& acts) {
    return test::unsigned_token(nlohmann::json{
        {"assay.result-id", std::string(64, 'a')},
        {"assay.conclusion", std::string(64, 'b')},
        {"assay.acts",
         to_text(acts)}}.dump());
}

std::ptrdiff_t witnesses(const std::filesystem::path& state) {
    return std::ranges::count_if(std::filesystem::directory_iterator(state), [](const auto& entry) {
        return entry.path().filename().string().starts_with("seen-");
    });
}

}  // namespace

TEST_CASE("the newest token stays, and says which acts and which result the verifier had") {
    const test::TempFolder folder;
    CHECK_FALSE(load_seen(folder.path()));
    remember_seen(folder.path(), {}, token(head(7)));
    const auto seen = load_seen(folder.path());
    REQUIRE(seen);
    CHECK(seen->acts == head(7));
    CHECK(seen->result_id == std::string(64, 'a'));
    remember_seen(folder.path(), seen, token(head(9)));
    CHECK(load_seen(folder.path())->acts == head(9));
    CHECK(witnesses(folder.path()) == 0);
}

TEST_CASE("a verifier that went back is noticed: fewer acts, as many and others, or none said") {
    const auto before = seen_of(token(head(7)));
    REQUIRE(before);
    CHECK(went_back(*before, seen_of(token(head(6)))));
    CHECK(went_back(*before, seen_of(token(head(7, "another")))));
    CHECK(went_back(*before, seen_of(test::unsigned_token("{}"))));
    CHECK_FALSE(went_back(*before, before));
    CHECK_FALSE(
        went_back(*before, seen_of(token(head(8, "longer")))));  // its head at 7 is the verifier's to show
    const test::TempFolder folder;
    remember_seen(folder.path(), {}, before->token);
    remember_seen(folder.path(), before, token(head(6)));
    CHECK(load_seen(folder.path())->acts == head(6));
    CHECK(witnesses(folder.path()) == 1);
}

TEST_CASE("a damaged file is as if there were none") {
    const test::TempFolder folder;
    for (const auto* acts : {"7", "0.AAAA", "07.AAAA", "7.", "-1.AAAA", "7.AAAA"}) {
        CAPTURE(acts);
        CHECK_FALSE(act_head_from(acts));
        CHECK_FALSE(seen_of(test::unsigned_token(
            nlohmann::json{{"assay.result-id", std::string(64, 'a')}, {"assay.acts", acts}}.dump())));
    }
    CHECK_FALSE(seen_of("a.b.c"));
    CHECK_FALSE(seen_of(token({0, {}})));
    CHECK(act_head_from(to_text(head(1))) == head(1));
}
