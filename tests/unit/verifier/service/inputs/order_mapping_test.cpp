#include "verifier/service/inputs/order_mapping.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/service/inputs/shipped_mappings.h"

using namespace assay;
using namespace assay::inputs;
using nlohmann::json;

namespace {

OrderMapping shipped_orders(const std::string& name) {
    auto mapping = read_order_mapping(name, shipped_mapping(name).value());
    INFO((mapping ? "" : mapping.error().context));
    REQUIRE(mapping.has_value());
    return *std::move(mapping);
}

// What is as in any export, of records `id` and `state`, with histories of their own or one for all.
OrderMapping plain_mapping(const std::string& history) {
    auto mapping = read_order_mapping("plain.toml", R"(
kind = "orders"
records = "orders"
[columns]
id = "key"
issuer = "issuer"
requester = "who"
hosts = "hosts"
technicians = "people"
devices = "devices"
from = "from"
to = "to"
state = "state"
created_at = "made"
created_by = "who"
[states]
"ok" = "approved"
"new" = "draft"
[history]
at = "at"
by = "by"
field = "field"
old = "old"
new = "new"
)" + history + "\n[fields]\n\"state\" = \"state\"\n");
    INFO((mapping ? "" : mapping.error().context));
    REQUIRE(mapping.has_value());
    return *std::move(mapping);
}
constexpr const char* kOwn = "list = \"log\"";
constexpr const char* kShared = "list = \"log\"\norder = \"of\"\nrecord = \"row\"";

json plain_order() {
    return {{"key", "W-1"},
            {"row", "r-1"},
            {"issuer", "dc-ops"},
            {"who", "ann"},
            {"hosts", "h-1, h-2"},
            {"from", "2026-03-02T14:00:00Z"},
            {"to", "2026-03-02T15:00:00Z"},
            {"state", "ok"},
            {"made", "2026-03-01T09:00:00Z"}};
}

json approval(const std::string& of) {
    return {{"of", of},   {"at", "2026-03-01T10:00:00Z"}, {"by", "boss"}, {"field", "state"}, {"old", "new"},
            {"new", "ok"}};
}

json plain_export() {
    return {{"orders", json::array({plain_order()})}, {"log", json::array({approval("r-1")})}};
}

Result<MappedOrders> mapped(const json& exported, const OrderMapping& mapping) {
    return map_orders(exported.dump(), mapping);
}

json first_of(const Result<MappedOrders>& orders) {
    INFO((orders ? "" : orders.error().context));
    REQUIRE(orders.has_value());
    REQUIRE(orders->orders.size() >= 1);
    return json::parse(orders->orders.dump())[0];
}

std::string refusal_of(const Result<MappedOrders>& orders) {
    return orders ? "taken" : orders.error().context;
}

json with_member(const std::string& key, const json& value) {
    auto out = plain_export();
    out["orders"][0][key] = value;
    return out;
}

}  // namespace

TEST_CASE("a history is found by the member of an order that its entries name") {
    const auto orders = mapped(plain_export(), plain_mapping(kShared));
    const auto order = first_of(orders);
    REQUIRE(order.at("history").size() == 1);
    CHECK(order.at("history")[0].at("new") == "approved");
    CHECK(order.at("history")[0].at("by") == "boss");
    CHECK(orders->changes == 1);
    CHECK(orders->strays == 0);
    const auto read = accompaniment::read_order(order.dump(), "");
    REQUIRE(read.has_value());
    CHECK(read->contradiction.empty());
    // Without `record`, by the id.
    auto by_id = plain_export();
    by_id["log"][0]["of"] = "W-1";
    CHECK(first_of(mapped(by_id, plain_mapping("list = \"log\"\norder = \"of\""))).at("history").size() == 1);
}

TEST_CASE(
    "entries of a history that belong to no order are told, and where none belongs the export is refused") {
    auto exported = plain_export();
    exported["log"].push_back(approval("r-2"));
    exported["log"].push_back(approval("r-2"));
    exported["log"].push_back(approval("r-3"));
    const auto orders = mapped(exported, plain_mapping(kShared));
    CHECK(first_of(orders).at("history").size() == 1);
    CHECK(orders->strays == 3);
    CHECK(orders->stray_of == std::vector<std::string>{"r-2", "r-3"});
    exported["log"].erase(0);
    const auto lost = refusal_of(mapped(exported, plain_mapping(kShared)));
    CHECK(lost.find("none of the 3 entries") != std::string::npos);
    CHECK(lost.find("\"of\" is \"r-2\"") != std::string::npos);
    CHECK(lost.find("\"row\" of an order is \"r-1\"") != std::string::npos);
    // Joined by the wrong member, as the id: the same.
    CHECK(refusal_of(mapped(plain_export(), plain_mapping("list = \"log\"\norder = \"of\"")))
              .find("\"key\" of an order is \"W-1\"") != std::string::npos);
    for (const auto* member : {"of", "at", "by"}) {
        auto nobody = plain_export();
        nobody["log"][0].erase(member);
        CHECK(refusal_of(mapped(nobody, plain_mapping(kShared))) != "taken");
    }
    exported["orders"] = json::array();
    const auto none = mapped(exported, plain_mapping(kShared));
    REQUIRE(none.has_value());
    CHECK(none->strays == 3);
}

TEST_CASE("an export without its history is refused, and so is one that was cut") {
    auto exported = plain_export();
    exported.erase("log");
    CHECK(refusal_of(mapped(exported, plain_mapping(kShared))).find("expected the history at \"log\"") !=
          std::string::npos);
    CHECK(refusal_of(mapped(exported, plain_mapping(kOwn))).find("expected the history at \"log\"") !=
          std::string::npos);
    exported["orders"][0]["log"] = json::array();
    CHECK(first_of(mapped(exported, plain_mapping(kOwn))).at("history").empty());
    const auto counted = plain_mapping(std::string(kOwn) + "\ntotal = \"logged\"");
    exported["orders"][0]["log"].push_back(approval(""));
    CHECK(first_of(mapped(exported, counted)).at("history").size() == 1);  // nobody says how many there are
    exported["orders"][0]["logged"] = 1;
    CHECK(first_of(mapped(exported, counted)).at("history").size() == 1);
    exported["orders"][0]["logged"] = 2;
    CHECK(refusal_of(mapped(exported, counted)).find("expected the 2 entries that its history has, got 1") !=
          std::string::npos);
}

TEST_CASE("entries of other records and changes of other fields are counted, and none of all is refused") {
    const auto keep =
        plain_mapping(std::string(kShared) + "\n[history.keep]\nfield = \"table\"\nvalues = [\"change\"]");
    auto exported = plain_export();
    exported["log"].push_back(approval("r-9"));
    exported["log"][1]["table"] = "incident";
    exported["log"].push_back(approval("r-1"));
    exported["log"][2]["field"] = "comments";
    const auto orders = mapped(exported, keep);
    CHECK(first_of(orders).at("history").size() == 1);  // one that does not say its table may be one of them
    CHECK(orders->other_entries == 1);
    CHECK(orders->other_fields == 1);
    CHECK(orders->strays == 0);
    for (auto& entry : exported["log"]) entry["table"] = "u_change";
    CHECK(refusal_of(mapped(exported, keep)).find("[history.keep]") != std::string::npos);
}

TEST_CASE("a list in a mapped column is a list: empty, of texts, or of references") {
    const auto mapping = plain_mapping(kShared);
    CHECK(first_of(mapped(with_member("hosts", json::array()), mapping)).at("hosts").empty());
    CHECK(first_of(mapped(with_member("hosts", nullptr), mapping)).at("hosts").empty());
    CHECK(first_of(mapped(with_member("hosts", "h-1, h-2"), mapping)).at("hosts") == json{"h-1", "h-2"});
    CHECK(first_of(mapped(with_member("hosts", {"h-1", "h,2"}), mapping)).at("hosts") == json{"h-1", "h,2"});
    CHECK(first_of(
              mapped(with_member("people", {{{"value", "t-1"}, {"link", "x"}}, {{"value", "t-2"}}}), mapping))
              .at("technicians") == json{"t-1", "t-2"});
    CHECK(first_of(mapped(with_member("devices", {"kind=storage", "kind=hid serial=A1"}), mapping))
              .at("devices") == json::parse(R"([{"kind": "storage"}, {"kind": "hid", "serial": "A1"}])"));
    CHECK(first_of(mapped(with_member("devices", json::array()), mapping)).at("devices").empty());
    for (const auto& [key, value] :
         std::vector<std::pair<std::string, json>>{{"hosts", {{"name", "h-1"}}},
                                                   {"hosts", json::array({"h-1", nullptr})},
                                                   {"people", json::array({json::array({"t-1"})})},
                                                   {"who", json::array({"ann"})},
                                                   {"who", {{"display_value", "Ann"}, {"link", "x"}}},
                                                   {"state", json::array()},
                                                   {"from", {{"display_value", "tomorrow"}}}}) {
        const auto said = refusal_of(mapped(with_member(key, value), mapping));
        INFO(key << ": " << value << ": " << said);
        CHECK(said.find("order 1 of the export") != std::string::npos);
    }
    CHECK(first_of(mapped(with_member("who", {{"value", "ann"}, {"link", "x"}}), mapping)).at("requester") ==
          "ann");
}

TEST_CASE("an order that names a part by a number that a spreadsheet made is refused") {
    const auto said =
        refusal_of(mapped(with_member("devices", "serial=8.93901E+18"), plain_mapping(kShared)));
    CHECK(said.find("got 8.93901E+18") != std::string::npos);
    CHECK(
        first_of(mapped(with_member("devices", "serial=893E16"), plain_mapping(kShared))).at("devices")[0] ==
        json{{"serial", "893E16"}});
}

TEST_CASE("an order that cannot be read is told with its number, and none is left out silently") {
    const auto orders = mapped(with_member("from", "soon"), plain_mapping(kShared));
    REQUIRE_FALSE(orders.has_value());
    CHECK(orders.error().context.find("order 1 of the export") != std::string::npos);
    CHECK(orders.error().context.find("soon") != std::string::npos);
    CHECK_FALSE(mapped(json::object(), plain_mapping(kShared)).has_value());
    CHECK(refusal_of(mapped({{"log", json::array()}}, plain_mapping(kShared))).find("no list of orders") !=
          std::string::npos);
}

TEST_CASE("a change request with its audit rows becomes an order with its history") {
    const auto exported = json::parse(
        R"({"result": [{"sys_id": "a1", "number": "CHG001", "u_issuer": "dc-ops", "requested_by": "u1", "u_technicians": "t1, t2",
        "u_escorts": "e1", "u_assets": "asset-7", "u_racks": "", "u_devices": "kind=storage serial=4C530001",
        "start_date": "2026-03-02 14:00:00", "end_date": "2026-03-02 15:00:00", "state": "-1",
        "sys_created_on": "2026-03-01 09:00:00", "sys_created_by": "u1"}],
      "sys_audit": [
        {"documentkey": "a1", "sys_created_on": "2026-03-01 10:00:00", "user": "boss", "fieldname": "state", "oldvalue": "-4", "newvalue": "-2"},
        {"documentkey": "a1", "sys_created_on": "2026-03-02 13:55:00", "user": "t1", "fieldname": "state", "oldvalue": "-2", "newvalue": "-1"},
        {"documentkey": "a1", "sys_created_on": "2026-03-02 16:00:00", "user": "u1", "fieldname": "u_assets", "oldvalue": "asset-6", "newvalue": "asset-7"},
        {"documentkey": "a1", "sys_created_on": "2026-03-02 16:01:00", "user": "u1", "fieldname": "comments", "oldvalue": "", "newvalue": "x"}]})");
    const auto order =
        accompaniment::read_order(first_of(mapped(exported, shipped_orders("servicenow"))).dump(), "");
    REQUIRE(order.has_value());
    CHECK(order->contradiction.empty());
    // created, approved by boss, widened by u1; implementing is no second approval
    REQUIRE(order->versions.size() == 3);
    CHECK(order->versions[1].by == "boss");
    CHECK(order->versions[1].fields.state == "approved");
    CHECK(order->versions[1].fields.hosts == std::vector<std::string>{"asset-6"});
    CHECK(order->versions[2].fields.hosts == std::vector<std::string>{"asset-7"});
    CHECK(order->versions[2].fields.technicians == std::vector<std::string>{"t1", "t2"});
    CHECK(order->versions[2].fields.devices.front().serial == "4C530001");
}

TEST_CASE("a mapping of orders with a key that is of no use where it stands is refused") {
    const auto complaint = [](const std::string& history) {
        const auto read = read_order_mapping(
            "orders.toml",
            "kind = \"orders\"\n[columns]\nid = \"i\"\nstate = \"s\"\n[history]\nlist = \"l\"\nat = "
            "\"a\"\nby = \"b\"\nfield = \"f\"\nold = \"o\"\nnew = \"n\"\n" +
                history);
        return read ? std::string("taken") : read.error().context;
    };
    CHECK(complaint("") == "taken");
    CHECK(complaint("order = \"x\"\nrecord = \"y\"\n[history.keep]\nfield = \"t\"\nvalues = [\"c\"]") ==
          "taken");
    CHECK(complaint("record = \"y\"").find("orders.toml:12: expected order with it") == 0);
    CHECK(complaint("[history.keep]\nfield = \"t\"\nvalues = [\"c\"]").find("expected order with it") !=
          std::string::npos);
    CHECK(complaint("order = \"x\"\ntotal = \"t\"").find("leave out total or order") != std::string::npos);
    CHECK(complaint("order = \"x\"\n[history.keep]\nfield = \"t\"").find("values") != std::string::npos);
}
