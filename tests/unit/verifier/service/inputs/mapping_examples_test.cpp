#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "verifier/service/inputs/feed_reader.h"
#include "verifier/service/inputs/order_mapping.h"
#include "verifier/service/inputs/shipped_mappings.h"

// Each mapping that ships against exports of the shape that the page which it names describes.
using namespace assay;
using namespace assay::inputs;
using nlohmann::json;

namespace {

struct Told {
    std::vector<json> rows;
    std::vector<std::string> reasons;
    std::size_t left_out = 0;
};

Told told_by(std::string_view toml, std::string_view text) {
    auto mapping = read_feed_mapping("shipped.toml", toml);
    INFO((mapping ? "" : mapping.error().context));
    REQUIRE(mapping.has_value());
    Told out;
    FeedReader reader(
        *mapping,
        [&](const Json& row) -> Result<> {
            out.rows.push_back(json::parse(row.dump()));
            return {};
        },
        [&](const RejectedFeedRow& row) -> Result<> {
            out.reasons.push_back(row.reason);
            return {};
        });
    REQUIRE(reader.take(text).has_value());
    REQUIRE(reader.finish().has_value());
    out.left_out = reader.left_out();
    return out;
}

Told told(const std::string& name, std::string_view text) {
    return told_by(shipped_mapping(name).value(), text);
}

json one_row(const std::string& name, std::string_view text) {
    const auto out = told(name, text);
    INFO(name << ": " << (out.reasons.empty() ? "" : out.reasons.front()));
    REQUIRE(out.rows.size() == 1);
    return out.rows.front();
}

Result<json> orders_of(const std::string& name, const std::string& exported) {
    const auto mapping = TRY(read_order_mapping(name, shipped_mapping(name).value()));
    const auto mapped = TRY(map_orders(exported, mapping));
    return json::parse(mapped.orders.dump());
}

json one_order(const std::string& name, const std::string& exported) {
    const auto orders = orders_of(name, exported);
    INFO(name << ": " << (orders ? "" : orders.error().context));
    REQUIRE(orders.has_value());
    REQUIRE(orders->size() == 1);
    return orders->front();
}

std::string complaint_of(const std::string& name, const std::string& exported) {
    const auto orders = orders_of(name, exported);
    return orders ? "taken" : orders.error().context;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE(
    "the mappings in the program are the files of verifier/inputs/mappings, each with its published format") {
    std::size_t count = 0;
    for (const auto& file :
         std::filesystem::directory_iterator(ASSAY_SOURCE_DIR "/verifier/inputs/mappings")) {
        const auto name = file.path().stem().string();
        std::ifstream in(file.path());
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        INFO(name);
        CHECK(shipped_mapping(name) == text);
        CHECK(shipped_mapping_names().find(name) != std::string::npos);
        CHECK(text.find("Published format: ") != std::string::npos);
        CHECK((read_feed_mapping(name, text).has_value() || read_order_mapping(name, text).has_value()));
        ++count;
    }
    CHECK(count == 8);
    CHECK_FALSE(shipped_mapping("onguard.toml").has_value());
    CHECK_FALSE(shipped_mapping("").has_value());
}

TEST_CASE("assay: rows in our own columns") {
    const std::string top =
        "event_id,feed_pos,person_id,credential_id,reader_id,zone_from,zone_to,direction,result,occurred_at,"
        "received_at\n";
    const auto row = one_row(
        "assay", top + "7,7,p-1,,r-1,hall,room,in,granted,2026-03-02T14:07:00Z,2026-03-02T14:07:02Z\n");
    CHECK(row.at("occurred_at") == "2026-03-02T14:07:00Z");
    CHECK(row.at("zone_to") == "room");
    CHECK(one_row("assay", top + "8,8,,0012345,\"#4, rear\",,,out,denied,2026-03-02T15:07:00.5+0100,\n")
              .at("reader") == "#4, rear");
}

TEST_CASE("brivo: an event object a line") {
    const std::string event =
        R"({"uuid": "0b7e", "accountId": 12, "occurred": "2026-03-02T14:07:00Z", "processed": "2026-03-02T14:07:03.120Z",
"objectType": "ACCESS_POINT", "actor": {"id": 9876, "name": "A. Person"}, "eventObject": {"id": 332211, "name": "Rear",
"deviceType": {"id": 1, "name": "Door"}}, "eventData": {"actionAllowed": true, "credentialObjectId": 887766},
"securityAction": {"securityActionId": 2004, "exception": false}})";
    const auto line = [&](std::string text) {
        std::erase(text, '\n');
        return text + "\n";
    };
    const auto row = one_row("brivo", line(event));
    CHECK(row.at("person") == "9876");
    CHECK(row.at("credential") == "887766");
    CHECK(row.at("reader") == "332211");
    CHECK(row.at("result") == "granted");
    CHECK(row.at("recorded_at") == "2026-03-02T14:07:03.120Z");
    CHECK(one_row("brivo", line(replaced(event, "2004", "5012"))).at("result") == "denied");
    const auto other = told("brivo", line(replaced(event, "2004", "5021")));
    REQUIRE(other.reasons.size() == 1);
    CHECK(other.reasons.front().find("got \"5021\"") != std::string::npos);
    CHECK(told("brivo", line(replaced(event, "securityActionId", "id"))).reasons.size() == 1);
}

TEST_CASE("ccure: journal rows, with a narrow blank before PM, and other messages left out") {
    const std::string top =
        "MessageGUID,MessageTime,MessageType,PersonnelID,CardNumber,ObjectName,DoorDirection\n";
    const auto row = one_row(
        "ccure", top + "6f0c,03/02/2026 2:07:00\u202fPM,CardAdmitted,p-1,0012345,\"Cage 4\nrear\",In\n");
    CHECK(row.at("occurred_at") == "2026-03-02T20:07:00Z");
    CHECK(row.at("reader") == "Cage 4 rear");
    CHECK(row.at("credential") == "0012345");
    const auto out =
        told("ccure", top + "1,03/02/2026 2:07:00 PM,CardRejected,,77,Cage 4,Out\n2,,Tamper,,,,\n");
    REQUIRE(out.rows.size() == 1);
    CHECK(out.rows[0].at("result") == "denied");
    CHECK(out.left_out == 1);
}

TEST_CASE("genetec: rows of the raw event query, told apart by Access Manager and position") {
    const std::string event =
        R"({"AccessManagerGuid": "am-1", "Position": 7, "InsertionTimestamp": "2026-03-02T14:07:02.1234567Z", "Timestamp": "2026-03-02T14:07:00Z", )"
        R"("EventType": "AccessGranted", "CardholderGuid": "ch-1", "CredentialGuid": "cr-1", "AccessPointGuid": "ap-1", "DeviceGuid": null, )"
        R"("AccessPointGroupGuid": null, "SourceGuid": "s", "TimeZone": "UTC", "OccurrencePeriod": "Online"})"
        "\n";
    const auto row = one_row("genetec", event);
    CHECK(row.at("event_id") == "am-1/7");
    CHECK(row.at("reader") == "ap-1");
    CHECK(row.at("recorded_at") == "2026-03-02T14:07:02.123Z");
    CHECK_FALSE(row.contains("direction"));
    const auto both = told(
        "genetec", event + replaced(event, "am-1", "am-2") + replaced(event, "AccessGranted", "DoorOpen"));
    REQUIRE(both.rows.size() == 2);
    CHECK(both.rows[1].at("event_id") == "am-2/7");
    CHECK(both.left_out == 1);
    const auto no_offset = told("genetec", replaced(event, "14:07:00Z", "14:07:00"));
    REQUIRE(no_offset.reasons.size() == 1);
    CHECK(no_offset.reasons.front().find("time_zone or utc_offset") != std::string::npos);
}

TEST_CASE("onguard: serial numbers are those of a panel") {
    const std::string top = "serialnum,machine,device,cardnumber,eventtype,time,site\n";
    const auto out =
        told("onguard", top +
                            "41,panel-1,Rear door,7001,Access Granted,2026-03-02 14:07:00,1\n"
                            "41,panel-2,Front door,7001,Access Denied,2026-03-02 14:07:00.000,1\n"
                            "42,panel-2,Front door,,Door Forced Open,2026-03-02 14:08:00,1\n");
    REQUIRE(out.rows.size() == 2);
    CHECK(out.rows[0].at("event_id") == "panel-1/41");
    CHECK(out.rows[1].at("event_id") == "panel-2/41");
    CHECK(out.rows[1].at("result") == "denied");
    CHECK(out.left_out == 1);
    CHECK(told("onguard", top + "41,panel-1,Rear door,7.001E+12,Access Granted,2026-03-02 14:07:00,1\n")
              .reasons.size() == 1);
}

TEST_CASE("salto: an event of a type that the site has not written down is rejected and told") {
    const std::string event =
        R"({"name": "installations/i/events/01AR", "type": "opened", "resource": "installations/i/access-points/rear", )"
        R"("create_time": "2026-03-02T14:07:05Z", "occur_time": "2026-03-02T14:07:00.250Z", "data": {"user": "installations/i/users/7"}})"
        "\n";
    const auto out = told("salto", event);
    CHECK(out.rows.empty());
    REQUIRE(out.reasons.size() == 1);
    CHECK(out.reasons.front().find("got \"opened\"") != std::string::npos);
    const auto own = std::string(shipped_mapping("salto").value()) + "\"opened\" = \"granted\"\n";
    const auto row = told_by(own, event).rows.at(0);
    CHECK(row.at("event_id") == "installations/i/events/01AR");
    CHECK(row.at("reader") == "installations/i/access-points/rear");
    CHECK(row.at("occurred_at") == "2026-03-02T14:07:00.250Z");
    const auto unknown = told_by(own, replaced(event, R"("2026-03-02T14:07:00.250Z")", "null")).rows.at(0);
    CHECK(unknown.at("occurred_to") == "2026-03-02T14:07:05Z");
}

TEST_CASE("jira: issues of a search with their changelog") {
    const std::string search =
        R"({"expand": "names,schema", "startAt": 0, "maxResults": 50, "total": 1, "issues": [
      {"id": "10412", "key": "OPS-7", "fields": {"reporter": {"accountId": "5b-1", "displayName": "A"}, "creator": {"accountId": "5b-1"},
        "assignee": {"accountId": "5b-2"}, "customfield_hosts": ["h-b07"], "customfield_racks": [], "customfield_devices": null,
        "customfield_start": "2026-03-02T15:00:00.000+0100", "customfield_end": "2026-03-02T16:00:00.000+0100",
        "status": {"name": "In Progress", "id": "3"}, "created": "2026-03-01T09:00:00.000+0000"},
       "changelog": {"startAt": 0, "maxResults": 2, "total": 2, "histories": [
         {"id": "2", "author": {"accountId": "5b-2"}, "created": "2026-03-02T15:01:00.000+0100",
          "items": [{"field": "status", "fieldId": "status", "from": "2", "fromString": "Approved", "to": "3", "toString": "In Progress"}]},
         {"id": "1", "author": {"accountId": "5b-9"}, "created": "2026-03-01T11:00:00.250+0100",
          "items": [{"field": "labels", "from": null, "fromString": "", "to": null, "toString": "dc"},
                    {"field": "status", "from": "1", "fromString": "To Do", "to": "2", "toString": "Approved"}]}]}}]})";
    const auto order = one_order("jira", search);
    CHECK(order.at("from") == "2026-03-02T14:00:00Z");
    CHECK(order.at("hosts") == json{"h-b07"});
    CHECK(order.at("racks").empty());
    REQUIRE(order.at("history").size() == 1);
    CHECK(order.at("history")[0].at("at") == "2026-03-01T10:00:00.250Z");
    CHECK(order.at("history")[0].at("by") == "5b-9");
    const auto options = replaced(search, R"(["h-b07"])", R"([{"self": "x", "value": "h-b07", "id": "1"}])");
    CHECK(one_order("jira", replaced(options, "09:00:00.000+0000", "09:00:00.000Z")) == order);
    CHECK(complaint_of("jira", replaced(search, R"("total": 2)", R"("total": 41)")).find("the 41 entries") !=
          std::string::npos);
    CHECK(complaint_of("jira", replaced(search, "\"changelog\"", "\"other\"")).find("changelog.histories") !=
          std::string::npos);
    CHECK(complaint_of("jira", replaced(search, "15:00:00.000+0100", "15:00:00.000+01")) != "taken");
    CHECK(one_order("jira", replaced(search, "In Progress\", \"id", "Waved through\", \"id")).at("state") ==
          "unknown: Waved through");
}

TEST_CASE(
    "servicenow: change requests and audit rows of the Table API, plain, with links and with all values") {
    const std::string plain = R"({"result": [{"sys_id": "9d41", "number": "CHG0040007", "u_issuer": "dc-ops",
      "requested_by": {"link": "https://x.service-now.com/api/now/table/sys_user/62ab", "value": "62ab"},
      "u_technicians": "51aa,51bb", "u_escorts": "", "u_assets": "h-b07", "u_racks": "", "u_devices": "kind=storage",
      "start_date": "2026-03-02 14:00:00", "end_date": "2026-03-02 16:00:00", "state": "-2",
      "sys_created_on": "2026-03-01 09:00:00", "sys_created_by": "abel"}],
     "sys_audit": [{"tablename": "change_request", "documentkey": "9d41", "fieldname": "state", "oldvalue": "-4", "newvalue": "-2",
      "user": "bow", "sys_created_on": "2026-03-01 10:00:00"},
      {"tablename": "incident", "documentkey": "77cc", "fieldname": "state", "oldvalue": "1", "newvalue": "2", "user": "bow",
       "sys_created_on": "2026-03-01 10:00:00"}]})";
    const auto order = one_order("servicenow", plain);
    CHECK(order.at("id") == "CHG0040007");
    CHECK(order.at("requester") == "62ab");
    CHECK(order.at("technicians") == json{"51aa", "51bb"});
    REQUIRE(order.at("history").size() == 1);
    CHECK(order.at("history")[0].at("by") == "bow");
    // sysparm_display_value=all: every field is an object.
    auto all = json::parse(plain);
    for (const auto* list : {"result", "sys_audit"}) {
        for (auto& record : all[list]) {
            for (auto& [name, value] : record.items()) {
                const auto own = value.is_object() ? value["value"] : value;
                value = {{"display_value", "as a person sees it"}, {"value", own}};
            }
        }
    }
    CHECK(one_order("servicenow", all.dump()) == order);
    // sysparm_display_value=true: a reference has no value.
    CHECK(complaint_of("servicenow", replaced(plain, R"("value": "62ab")", R"("display_value": "Abel")"))
              .find("an object with \"value\"") != std::string::npos);
    // A number is never a sys_id.
    CHECK(complaint_of("servicenow",
                       replaced(plain, R"("documentkey": "9d41")", R"("documentkey": "CHG0040007")"))
              .find("documentkey") != std::string::npos);
    CHECK(complaint_of("servicenow", replaced(plain, "sys_id", "id")).find("sys_id") != std::string::npos);
    CHECK(complaint_of("servicenow", replaced(plain, "\"sys_audit\"", "\"audit\"")).find("sys_audit") !=
          std::string::npos);
}
