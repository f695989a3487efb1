#include "verifier/judge/ledger/act_chain.h"

#include <functional>

#include <catch2/catch.hpp>

using namespace assay;
using namespace assay::judge;

TEST_CASE("each member of an act, and the head before it, is in the head of the chain") {
    const ChainedAct act{2, 1'790'000'000'000, "labels.set", "operator:ada", "host:web-1", "o", sha256({})};
    const auto head = head_after(empty_chain(), entry_of(act));
    const std::vector<std::function<void(ChainedAct&)>> changes{
        [](auto& it) { ++it.number; },
        [](auto& it) { ++it.at_ms; },
        [](auto& it) { it.kind += "x"; },
        [](auto& it) { it.hand += "x"; },
        [](auto& it) { it.subject += "x"; },
        [](auto& it) { it.object += "x"; },
        [](auto& it) { it.document = empty_chain(); }};
    for (const auto& change : changes) {
        auto other = act;
        change(other);
        CHECK(head_after(empty_chain(), entry_of(other)) != head);
    }
    CHECK(head_after(head, entry_of(act)) != head);
    CHECK(head_after(empty_chain(), entry_of(act)) == head);
}
