// Input: a mapping of a ticket system, a line "---", and its export. Of the orders none is left out, each
// is one that the verifier takes, and the changes of their histories are those that were counted.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <nlohmann/json.hpp>

#include "evidence/codec/json_reader.h"
#include "tests/fuzz/round_trip.h"
#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/service/inputs/order_mapping.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    constexpr std::string_view kBetween = "\n---\n";
    const auto input = as_text(fuzz::view_of(data, size));
    const auto end = std::min(input.find(kBetween), input.size());
    const auto mapping = inputs::read_order_mapping("mapping.toml", input.substr(0, end));
    if (!mapping) {
        if (mapping.error().context.empty()) std::abort();
        return 0;
    }
    const auto exported = input.substr(std::min(end + kBetween.size(), input.size()));
    const auto orders = inputs::map_orders(exported, *mapping);
    if (!orders) {
        if (orders.error().context.empty()) std::abort();
        return 0;
    }
    JsonReader all(exported, {.open = true});
    std::size_t records = 0;
    if (!all.each_at(mapping->records, [&](JsonReader&) { ++records; }) || orders->orders.size() != records)
        std::abort();
    JsonReader made(orders->orders.dump(), {.open = true});
    std::size_t changes = 0;
    made.each("", [&](JsonReader& order) {
        if (!accompaniment::read_order(order.encoded(""), "", accompaniment::Source::import)) std::abort();
        changes += order.size("history");
    });
    if (changes != orders->changes || (orders->strays == 0) != orders->stray_of.empty()) std::abort();
    return 0;
}
