#include "evidence/base/stable_sort.h"

#include <string>

#include <catch2/catch.hpp>

using namespace assay;

TEST_CASE("what is equal keeps its order") {
    struct Item {
        int rank;
        std::string name;
        bool operator==(const Item&) const = default;
    };
    std::vector<Item> items;
    for (int i = 0; i < 1000; ++i) items.push_back({i * 7919 % 5, std::to_string(i)});
    std::vector<Item> by_rank;
    for (int rank = 0; rank < 5; ++rank) {
        for (const auto& item : items)
            if (item.rank == rank) by_rank.push_back(item);
    }
    sort_stably(items, {}, &Item::rank);
    CHECK(items == by_rank);
    sort_stably(items, std::greater(), &Item::rank);
    CHECK(items.front().rank == 4);
    CHECK(items.front().name == "1");  // 7919 % 5 is 4
    std::vector<Item> none;
    sort_stably(none, {}, &Item::rank);
    CHECK(none.empty());
}
