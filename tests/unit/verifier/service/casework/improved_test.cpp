#include "tests/unit/verifier/service/casework/site_world.h"
#include "verifier/judge/devices/judged_matter.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"

using namespace assay;
using namespace assay::api;
using namespace assay::test;

namespace {

constexpr std::int64_t kDay = 86'400;

// A visit whose doors tell nothing for 25 hours, and then all of it, in order.
struct LateFeed {
    Site site;

    LateFeed() {
        site.give_all();
        const auto visit = site.visit();
        REQUIRE(site.report(visit, site.right_clock()).status == 200);
        orders();
        site.service.now += kDay + Site::kHour;
        orders();
        REQUIRE(verdict().at("reason") == "UNPROVEN");
        REQUIRE(verdict().at("severity") == "high");
        const auto rows = site.give_badges(site.badges(site.service.now - kStart));
        INFO(rows.body);
        REQUIRE(rows.status == 200);
    }
    void orders() {
        const auto now = site.at(site.service.now - kStart);
        REQUIRE(site.give_order({{"watermark", now}, {"orders", json::array()}}).status == 200);
    }
    json verdict() { return site.verdict("rack-7/4"); }
    // What the host's results tell until it is acknowledged.
    OpenMatter matter() {
        OpenMatter out;
        out.id = "usb.verdict_improved";
        out.tier = "warning";
        out.basis = "bound";
        out.since = kStart;
        out.record = 4;
        out.device = MatterDevice();
        out.device->came_from_ms = out.device->came_to_ms = (kStart - 10) * 1000;
        const auto database = must(store::Database::open("sqlite:" + site.service.file().string()));
        must(database->write([&](soci::session& sql) {
            return store::execute(sql, "UPDATE host_state SET open_matters = :open WHERE host = 'rack-7'",
                                  to_hex(encode_open_matters({out})));
        }));
        return out;
    }
    Response acknowledge(const Caller& by) {
        return site.service.post(
            "/v1/acknowledgements",
            {{"host", "rack-7"}, {"matter", matter_id(matter())}, {"reason", "the line was cut: INC-9"}}, by);
    }
};

}  // namespace

TEST_CASE(
    "a verdict that became better after it was high says so, with what it was and which inputs came since") {
    LateFeed late;
    const auto verdict = late.verdict();
    INFO(verdict.dump(1));
    CHECK(verdict.at("outcome") == "ACCOMPANIED");
    const auto& improved = verdict.at("improved");
    CHECK(improved.at("severity") == "high");
    CHECK(improved.at("inputs").dump().contains("feed:doors"));
    // The next report tells it, and so does each of its versions.
    std::vector<JudgedEvent> judged;
    late.site.service.alter = [&](const judge::Context& context, AttestationResult&) {
        judged = context.known_host.judged.value();
    };
    REQUIRE(late.site.report({}, late.site.right_clock()).status == 200);
    REQUIRE(judged.size() == 1);
    CHECK(judged.front().notes.front().id == "VERDICT_IMPROVED");
    late.site.deliver();
    CHECK(late.verdict().contains("improved"));
}

TEST_CASE(
    "who delivered what made a verdict better cannot acknowledge it, by no certificate; a reviewer can") {
    LateFeed late;
    const auto database = must(store::Database::open("sqlite:" + late.site.service.file().string()));
    must(database->write([&](soci::session& sql) {
        return store::execute(
            sql,
            "INSERT INTO operators (certificate, name, role, created_at, revoked_at, person) "
            "VALUES ('c1', 'doors', 'badge-feed', 0, 0, 'p-bo')");
    }));
    CHECK(late.acknowledge(TestService::an_operator()).status == 403);
    const auto refused = late.acknowledge({Role::reviewer, true, "bo", "p-bo"});
    CHECK(refused.status == 403);
    CHECK(refused.body.contains("who delivered nothing"));
    CHECK(late.acknowledge(TestService::a_reviewer()).status == 200);
}

TEST_CASE("an acknowledged improvement is told no more, and a later one is told again") {
    LateFeed late;
    REQUIRE(late.acknowledge(TestService::a_reviewer()).status == 200);
    CHECK_FALSE(late.verdict().contains("improved"));
    CHECK(late.verdict().at("outcome") == "ACCOMPANIED");
}

TEST_CASE("a case that is saved says the receipts and hands that the verdict stands on") {
    LateFeed late;
    const auto files = json_of(late.site.service.get("/v1/hosts/rack-7/accompaniment/case"));
    const auto& badges = files.at("badges.json");
    CHECK(badges.at("rows").at(0).at("hand") == "feed:doors");
    CHECK(badges.at("rows").at(0).at("received_at") == late.site.at(late.site.service.now - kStart));
    CHECK(badges.at("feeds").at(0).at("passed").size() == 1);
    const auto& order = files.at("orders.json").at("orders").at(0);
    CHECK(order.at("hand") == "feed:jira");
    CHECK(order.at("received_at") == late.site.at(-Site::kHour));
    CHECK(order.at("history").at(0).at("received_at") == late.site.at(-Site::kHour));
    const auto& person = files.at("directory.json").at("persons").at(0);
    CHECK(person.at("hand") == "operator:karl");
    CHECK(person.at("hands") == json{"operator:kim"});
}

TEST_CASE("an order that is rewritten past its history is as late as what rewrote it") {
    Site site;
    site.give_all();
    site.service.now += 600;
    auto order = site.order();
    order["technicians"] = {"p-tech", "p-new"};  // and no change of it says so
    REQUIRE(site.give_order(order).status == 200);
    site.plug(1, 10);
    const auto files = json_of(site.service.get("/v1/hosts/rack-7/accompaniment/case"));
    CHECK(files.at("orders.json").at("orders").at(0).at("received_at") == site.at(600));
}

TEST_CASE("an import that was cut off is judged by the next one, and its rows keep their first receipt") {
    Site site;
    site.give_all();
    REQUIRE(site.report(site.visit(), site.right_clock()).status == 200);
    auto rows = site.badges(0);
    rows.erase("feeds");
    rows["judge"] = false;  // and the process ends here
    REQUIRE(site.give_badges(rows).status == 200);
    const auto left = [&] {
        return must(store::SiteDocuments(site.service.store()).list({.kind = "to-judge", .open_only = true}))
            .size();
    };
    CHECK(left() == 1);
    const auto first = site.service.now - kStart;
    site.deliver();
    CHECK(left() == 0);
    const auto files = json_of(site.service.get("/v1/hosts/rack-7/accompaniment/case"));
    for (const auto& row : files.at("badges.json").at("rows")) CHECK(row.at("received_at") == site.at(first));
    CHECK(site.verdict("rack-7/4").at("outcome") == "ACCOMPANIED");
}

TEST_CASE(
    "a watermark of the future is taken as of now, and one feed's certificate brings no rows of another") {
    Site site;
    site.give_all();
    const auto answer = json_of(site.give_badges(site.badges(7000)));
    CHECK(answer.at("added") == 2);
    CHECK(json_of(site.service.get("/v1/badges")).at("feeds").at(0).at("watermark") == site.at(0));
    const auto refused =
        site.service.post("/v1/badges", site.badges(0), {Role::badge_feed, true, "salto", "p-bo", "salto"});
    CHECK(refused.status == 403);
    CHECK(refused.body.contains("rows[0].source: expected salto"));
    auto order = site.order();
    order["issuer"] = "dc-abroad";
    CHECK(site.give_order(order).status == 403);
    CHECK(site.service.post("/v1/work-orders", site.order(), TestService::an_operator()).status == 403);
    CHECK(site.service.post("/v1/directory", site.directory(), an_admin()).status == 403);
}

TEST_CASE("where one person has the site for themselves no second keeper is asked") {
    Site site;
    REQUIRE(site.service.post("/v1/accompaniment/policy", {{"hands", "single"}}, an_admin()).status == 200);
    CHECK(site.service.post("/v1/directory", site.directory(), TestService::a_keeper()).status == 200);
}

TEST_CASE("what only takes away is in force at once, and what it left waits for nobody") {
    Site site;
    site.give_all();
    auto less = site.directory();
    less["persons"].erase(0);
    const auto answer = site.service.post("/v1/directory", less, TestService::a_keeper());
    CHECK(answer.status == 200);
    CHECK(json_of(answer).at("in_force") == true);
    CHECK(json_of(site.service.get("/v1/directory")).at("persons").size() == 1);
    const auto back = site.service.post("/v1/directory", site.directory(), TestService::a_keeper());
    CHECK(back.status == 202);
    const auto open = json_of(site.service.get("/v1/directory/proposals"));
    REQUIRE(open.size() == 1);
    CHECK(open[0].at("change") == json{"persons: adds p-tech"});
    CHECK(json_of(site.service.get("/v1/directory")).at("persons").size() == 1);
}

TEST_CASE("an order that comes after the device is a finding of the next result; one in time is none") {
    for (const bool late : {true, false}) {
        Site site;
        site.service.now -= Site::kHour;
        REQUIRE(site.service.give_directory(site.directory()).status == 200);
        REQUIRE(site.service.post("/v1/accompaniment/policy", {{"issuers", {"dc-ops"}}}, an_admin()).status ==
                200);
        if (!late) REQUIRE(site.give_order({{"orders", {site.order()}}}).status == 200);
        site.service.now += Site::kHour + 60;
        site.plug(1, 10);
        site.service.now += 600;
        if (late) REQUIRE(site.give_order({{"orders", {site.order()}}}).status == 200);
        site.deliver();
        std::vector<JudgedEvent> judged;
        site.service.alter = [&](const judge::Context& context, AttestationResult&) {
            judged = context.known_host.judged.value();
        };
        REQUIRE(site.report({}, site.right_clock()).status == 200);
        REQUIRE(judged.size() == 1);
        const auto matters = judge::matters_of(judged.front());
        const auto told = std::ranges::find(matters, "usb.order_late", &judge::JudgedMatter::id);
        CHECK((told != matters.end()) == late);
        if (!late) continue;
        CHECK(told->tier == Tier::warning);
        CHECK(told->actual.contains("order W-1, dated " + site.at(-86400) + ", was received at " +
                                    site.at(660) + " by feed:jira"));
    }
}
