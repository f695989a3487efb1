#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

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
    std::string history;  ///< dotted path to the list
    std::string
        history_of;      ///< of an entry: the record that it belongs to; empty: the history is in the record
    std::string record;  ///< of a record: what `history_of` is; empty: the order's id
    std::string total;   ///< of a record: how many entries its history has; empty: nobody says it
    std::string keep_path;  ///< only entries whose value here is one of `keep`; empty: all
    std::vector<std::string> keep;
    std::string at, by;  ///< of an entry
    std::string items;   ///< of an entry: the list of its changes; empty: the entry is one change
    std::string field, before, after;  ///< of a change
    Names fields;                      ///< their fields -> our members; others are left out
};

Result<OrderMapping> read_order_mapping(const std::string& name, std::string_view toml);

/// What became of an export. Every order and every entry of the history is in it, or counted.
struct MappedOrders {
    static constexpr std::size_t kStrays = 10;

    Json orders = Json::array();        ///< the list "orders" of orders.json
    std::size_t changes = 0;            ///< of their histories
    std::size_t other_fields = 0;       ///< changes of fields that the mapping does not name
    std::size_t other_entries = 0;      ///< not among those to keep
    std::size_t strays = 0;             ///< entries that belong to no order of the export
    std::vector<std::string> stray_of;  ///< what they belong to, each once: the first kStrays
};

/// An order or an entry that cannot be read is an error that names it, and so is a history that is not there,
/// is shorter than its export says, or belongs to none of the orders: an approval is not left out.
Result<MappedOrders> map_orders(std::string_view exported, const OrderMapping& mapping);

}  // namespace assay::inputs
