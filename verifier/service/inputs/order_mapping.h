#pragma once

#include <map>
#include <string>
#include <string_view>

#include "evidence/codec/json_writer.h"
#include "verifier/service/inputs/feed_mapping.h"

namespace assay::inputs {

/// How an export of a ticket system is read. docs/formats/feeds.md is the page.
struct OrderMapping {
    using Names = std::map<std::string, std::string, std::less<>>;
    TimeForm time;
    std::string records;          ///< dotted path to the list of orders; empty: the file is the list
    Names columns;                ///< our member -> dotted path in a record
    Names fixed;                  ///< members that no column has
    Names states;                 ///< their states -> draft, approved, closed, cancelled, rejected
    std::string separator = ",";  ///< between the items of a list
    // The history: within each record, or one list for all, told apart by `history_of`.
    std::string history;     ///< dotted path to the list
    std::string history_of;  ///< of an entry: the order's id; empty: the history is in the record
    std::string at, by;      ///< of an entry
    std::string items;       ///< of an entry: the list of its changes; empty: the entry is one change
    std::string field, before, after;  ///< of a change
    Names fields;                      ///< their fields -> our members; others are left out
};

Result<OrderMapping> read_order_mapping(const std::string& name, std::string_view toml);

/// The orders of an export, as the list "orders" of orders.json. An order that cannot be read is an error
/// that names it: an order is not left out.
Result<Json> map_orders(std::string_view exported, const OrderMapping& mapping);

}  // namespace assay::inputs
