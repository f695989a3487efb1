#include "verifier/judge/ledger/audit.h"

#include <functional>

#include <catch2/catch.hpp>
#include <fmt/core.h>

using namespace assay;
using namespace assay::judge;

namespace {

struct Stored {
    ChainedAct act;
    std::string head;
};

std::vector<Stored> chain_of(std::int64_t size) {
    std::vector<Stored> out;
    auto head = empty_chain();
    for (std::int64_t i = 1; i <= size; ++i) {
        const ChainedAct act{
            i,         1'790'000'000'000 + i, "labels.set", "operator:ada", fmt::format("host:r-{}", i), "o",
            sha256({})};
        head = head_after(head, entry_of(act));
        out.push_back({act, head.hex()});
    }
    return out;
}

std::vector<std::string> told(const std::vector<Stored>& chain) {
    ChainWalk walk;
    std::vector<std::string> out;
    for (const auto& each : chain) {
        if (const auto found = walk.next(each.act, each.head)) out.push_back(found->what);
    }
    return out;
}

const std::vector<ResultLink> kResults{
    {1, 100, "a", ""}, {2, 200, "b", "a"}, {3, 300, "c", "b"}, {5, 500, "e", ""}};  // 4: another TPM

}  // namespace

TEST_CASE("a chain that nobody touched contradicts nothing") {
    CHECK(told(chain_of(100'000)).empty());
}

TEST_CASE("whatever of an act was changed is told once, with its number") {
    const std::vector<std::function<void(Stored&)>> changes{
        [](auto& it) { ++it.act.at_ms; },       [](auto& it) { it.act.kind += "x"; },
        [](auto& it) { it.act.hand += "x"; },   [](auto& it) { it.act.subject += "x"; },
        [](auto& it) { it.act.object += "x"; }, [](auto& it) { it.act.document = empty_chain(); }};
    for (const auto& change : changes) {
        auto chain = chain_of(20);
        change(chain[7]);
        const auto found = told(chain);
        REQUIRE(found.size() == 1);
        CHECK(found.front().starts_with("act 8: "));
    }
    auto chain = chain_of(20);
    chain[7].head[0] = chain[7].head[0] == '0' ? '1' : '0';
    CHECK(told(chain).front().starts_with("act 8: "));
    CHECK(told(chain).back().starts_with("act 9: "));  // which stands on the head that was there
}

TEST_CASE("an act that was taken away, and one whose time lies before the one before it, are told") {
    auto chain = chain_of(20);
    chain.erase(chain.begin() + 7);
    CHECK(told(chain).front() == "act 8 is missing: act 9 follows");
    chain = chain_of(3);
    chain[2].act.at_ms = 1;
    CHECK(told(chain).front().starts_with("act 3: expected a time at or after that of act 2"));
}

TEST_CASE("results that name each other, over an exchange of the TPM, contradict nothing") {
    CHECK(result_contradictions("rack-7", kResults, {{9, 300'000, "c"}}, 5).empty());
}

TEST_CASE("a result that was taken away is told by the one that names it, or by the act") {
    auto links = kResults;
    links.erase(links.begin() + 1);
    const auto found = result_contradictions("rack-7", links, {}, 5);
    REQUIRE(found.size() == 1);
    CHECK(found.front().what == "rack-7: result 2 is missing: result 3 of 1970-01-01 00:05:00Z names it");
    links = kResults;
    links.pop_back();
    CHECK(result_contradictions("rack-7", links, {}, 4).empty());  // nothing names the newest: the agent does
    const auto sealed = result_contradictions("rack-7", links, {{12, 500'000, "e"}}, 4);
    REQUIRE(sealed.size() == 1);
    CHECK(sealed.front().what.starts_with("rack-7: result e is missing: act 12 of "));
    CHECK(result_contradictions("rack-7", kResults, {}, 4).size() == 1);
}

TEST_CASE("a row is as its newest act says, or it is told with that act") {
    CHECK_FALSE(row_contradiction({"operator otto", "d", "d", 5, 1000}));
    CHECK_FALSE(row_contradiction({"labels of rack-7", "", "", 0, 0}));
    CHECK(row_contradiction({"operator otto", "d", "", 0, 0})->what == "operator otto: no act says so");
    CHECK(row_contradiction({"operator otto", "d", "e", 5, 1000})->what ==
          "operator otto: expected what act 5 of 1970-01-01 00:00:01Z says, got something else");
    CHECK(row_contradiction({"operator otto", "", "e", 5, 1000})->what.ends_with("got nothing"));
}
