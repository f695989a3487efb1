#include "verifier/service/inputs/order_mapping.h"

#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "verifier/judge/accompaniment/reading/case.h"

using namespace assay;
using namespace assay::inputs;
using nlohmann::json;

namespace {

OrderMapping shipped(const std::string& name) {
    std::ifstream in(ASSAY_SOURCE_DIR "/verifier/service/inputs/mappings/" + name + ".toml");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto mapping = read_order_mapping(name, text);
    INFO((mapping ? "" : mapping.error().context));
    REQUIRE(mapping.has_value());
    return *std::move(mapping);
}

json servicenow() {
    return json::parse(
        R"({"result": [{"number": "CHG001", "u_issuer": "dc-ops", "requested_by": "u1", "u_technicians": "t1, t2",
        "u_escorts": "e1", "u_assets": "asset-7", "u_racks": "", "u_devices": "kind=storage serial=4C530001",
        "start_date": "2026-03-02 14:00:00", "end_date": "2026-03-02 15:00:00", "state": "-1",
        "sys_created_on": "2026-03-01 09:00:00", "sys_created_by": "u1"}],
      "sys_audit": [
        {"documentkey": "CHG001", "sys_created_on": "2026-03-01 10:00:00", "user": "boss", "fieldname": "state", "oldvalue": "-4", "newvalue": "-2"},
        {"documentkey": "CHG001", "sys_created_on": "2026-03-02 13:55:00", "user": "t1", "fieldname": "state", "oldvalue": "-2", "newvalue": "-1"},
        {"documentkey": "CHG001", "sys_created_on": "2026-03-02 16:00:00", "user": "u1", "fieldname": "u_assets", "oldvalue": "asset-6", "newvalue": "asset-7"},
        {"documentkey": "CHG001", "sys_created_on": "2026-03-02 16:01:00", "user": "u1", "fieldname": "comments", "oldvalue": "", "newvalue": "x"},
        {"documentkey": "CHG002", "sys_created_on": "2026-03-02 16:01:00", "user": "u1", "fieldname": "state", "oldvalue": "", "newvalue": "3"}]})");
}

Result<json> mapped(const json& exported, const OrderMapping& mapping) {
    const auto orders = TRY(map_orders(exported.dump(), mapping));
    return json::parse(orders.dump());
}

}  // namespace

TEST_CASE("a change request with its audit rows becomes an order with its history") {
    const auto orders = mapped(servicenow(), shipped("servicenow"));
    INFO((orders ? "" : orders.error().context));
    REQUIRE(orders.has_value());
    REQUIRE(orders->size() == 1);
    const auto order = accompaniment::read_order((*orders)[0].dump(), "");
    REQUIRE(order.has_value());
    CHECK(order->contradiction.empty());
    CHECK(order->versions.size() ==
          3);  // created, approved by boss, widened by u1; implementing is no second approval
    CHECK(order->versions[1].by == "boss");
    CHECK(order->versions[1].fields.state == "approved");
    CHECK(order->versions[1].fields.hosts == std::vector<std::string>{"asset-6"});
    CHECK(order->versions[2].fields.hosts == std::vector<std::string>{"asset-7"});
    CHECK(order->versions[2].fields.technicians == std::vector<std::string>{"t1", "t2"});
    CHECK(order->versions[2].fields.devices.front().serial == "4C530001");
}

TEST_CASE(
    "an issue with its changelog becomes an order; a state that the mapping does not have approves nothing") {
    auto issues = json::parse(
        R"({"issues": [{"key": "DC-12", "fields": {"reporter": {"accountId": "u1"}, "assignee": {"accountId": "t1"},
        "creator": {"accountId": "u1"}, "customfield_hosts": "asset-7", "customfield_racks": null, "customfield_devices": "kind=hid; kind=storage",
        "customfield_start": "2026-03-02T14:00:00.000+0100", "customfield_end": "2026-03-02T15:00:00.000+0100", "status": {"name": "Approved"},
        "created": "2026-03-01T09:00:00.000+0000"},
      "changelog": {"histories": [{"created": "2026-03-01T10:00:00.000+0000", "author": {"accountId": "boss"},
        "items": [{"field": "status", "fromString": "To Do", "toString": "Approved"}, {"field": "labels", "fromString": "", "toString": "x"}]}]}}]})");
    const auto orders = mapped(issues, shipped("jira"));
    INFO((orders ? "" : orders.error().context));
    REQUIRE(orders.has_value());
    const auto order = accompaniment::read_order((*orders)[0].dump(), "");
    REQUIRE(order.has_value());
    CHECK(order->versions.back().by == "boss");
    CHECK(order->versions.back().fields.devices.size() == 2);
    issues["issues"][0]["fields"]["status"]["name"] = "Rubber-stamped";
    const auto odd = mapped(issues, shipped("jira"));
    REQUIRE(odd.has_value());
    CHECK((*odd)[0].at("state") == "unknown: Rubber-stamped");
    CHECK_FALSE(accompaniment::read_order((*odd)[0].dump(), "")->contradiction.empty());
}

TEST_CASE("an order that cannot be read is told with its number, and none is left out silently") {
    auto exported = servicenow();
    exported["result"][0]["start_date"] = "soon";
    const auto orders = mapped(exported, shipped("servicenow"));
    REQUIRE_FALSE(orders.has_value());
    CHECK(orders.error().context.find("order 1 of the export") != std::string::npos);
    CHECK(orders.error().context.find("soon") != std::string::npos);
    CHECK_FALSE(mapped(json::object(), shipped("servicenow")).has_value());
}
