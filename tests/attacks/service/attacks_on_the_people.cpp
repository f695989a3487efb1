#include "tests/attacks/attack.h"
#include "tests/unit/verifier/service/casework/site_world.h"

// A technician's stick that nobody accompanied is to become an accompanied one: by what is brought of people,
// orders, doors and signatures after the deed, by one pair of hands, or by a gap in what was told.
using namespace assay;
using namespace assay::test;

namespace {

// What was not there at the time, and is brought twenty minutes later.
struct Late {
    bool directory = false, order = false, rows = false, signature = false;
};

Outcome outcome_of(const json& verdict) {
    const std::string said = verdict.at("outcome");
    const bool passes = said == "ACCOMPANIED";
    return {.passes = passes,
            .said = passes ? said : "not accompanied",
            .reasons = {passes ? said : "does not count", said}};
}

// The feeds say up to when they are complete, and nothing else.
void pass_watermarks(Site& site) {
    const auto now = site.at(site.service.now - kStart);
    REQUIRE(site.give_order({{"watermark", now}, {"orders", json::array()}}).status == 200);
    REQUIRE(site.give_badges({{"feeds", {{{"source", "doors"}, {"watermark", now}, {"zones", {"site-1"}}}}}})
                .status == 200);
}

void sign_late(Site& site) {
    auto statement = site.statement("late", "escort", 0);
    statement.session = statement.nonce = "";
    statement.device = sha256(stick()).hex();
    const auto text = must(session_statement_text(statement));
    (void)site.service.post("/v1/late-attestations", {{"host", "rack-7"},
                                                      {"order", "W-1"},
                                                      {"device", statement.device},
                                                      {"at", statement.at},
                                                      {"public_key", to_base64url(site.escort.public_key())},
                                                      {"signature", to_base64url(site.escort.sign(text))}});
}

json rows_of(const Site& site) {
    return {{"rows", site.badges(0).at("rows")}};
}

// A visit at rack-7, and then what is late.
Outcome visited(const Late& late, const json& policy = {{"issuers", {"dc-ops"}}}) {
    Site site;
    auto nobody = site.directory();
    nobody["persons"] = json::array();
    site.service.now -= Site::kHour;
    REQUIRE(site.service.give_directory(late.directory ? nobody : site.directory()).status == 200);
    REQUIRE(site.service.post("/v1/accompaniment/policy", policy, an_admin()).status == 200);
    if (!late.order) REQUIRE(site.give_order({{"orders", {site.order()}}}).status == 200);
    site.service.now += Site::kHour;
    auto records = site.visit();
    if (late.signature) records.erase(records.begin() + 2);
    if (!late.rows) REQUIRE(site.give_badges(rows_of(site)).status == 200);
    REQUIRE(site.report(records, site.right_clock()).status == 200);
    site.service.now += 300;
    pass_watermarks(site);
    site.service.now += 900;
    if (late.directory) REQUIRE(site.service.give_directory(site.directory()).status == 200);
    if (late.order) REQUIRE(site.give_order({{"orders", {site.order()}}}).status == 200);
    if (late.rows) REQUIRE(site.give_badges(rows_of(site)).status == 200);
    if (late.signature) sign_late(site);
    site.service.now += 300;
    pass_watermarks(site);
    return outcome_of(site.verdict("rack-7/4"));
}

Outcome in_time() {
    return visited({});
}

// An order of a batch issuer that comes half an hour after the visit, as export 42 of its hand; 40 came
// before.
Outcome exported(bool with_41) {
    Site site;
    site.service.now -= Site::kHour;
    REQUIRE(site.service.give_directory(site.directory()).status == 200);
    const json policy{{"issuers", json::array({{{"id", "dc-ops"}, {"batch_s", 3600}}})}};
    REQUIRE(site.service.post("/v1/accompaniment/policy", policy, an_admin()).status == 200);
    const auto give = [&](int number, const json& orders) {
        REQUIRE(site.give_order({{"export", number}, {"orders", orders}}).status == 200);
    };
    auto other = site.order();
    other["id"] = "W-0";
    other["hosts"] = {"asset-8"};
    give(40, json::array({other}));
    site.service.now += Site::kHour;
    REQUIRE(site.give_badges(rows_of(site)).status == 200);
    REQUIRE(site.report(site.visit(), site.right_clock()).status == 200);
    site.service.now += 1800;
    other["id"] = "W-00";
    if (with_41) give(41, json::array({other}));
    give(42, json::array({site.order()}));
    pass_watermarks(site);
    return outcome_of(site.verdict("rack-7/4"));
}

// Proposed by karl; `by` approves it.
Outcome approved(const api::Caller& by, bool stale = false) {
    Site site;
    const auto propose = [&](const json& directory) {
        const auto answer = site.service.post("/v1/directory", directory, TestService::a_keeper());
        REQUIRE(answer.status == 202);
        return std::string(json_of(answer).at("proposal"));
    };
    const auto approve = [&](const std::string& id, const api::Caller& caller) {
        return site.service.post("/v1/directory/proposals/" + id + "/approval", json::object(), caller);
    };
    const auto id = propose(site.directory());
    if (stale) {
        auto other = site.directory();
        other["persons"].erase(0);
        REQUIRE(approve(propose(other), TestService::a_second_keeper()).status == 200);
    }
    const auto answer = approve(id, by);
    return {.passes = answer.status == 200,
            .said = answer.status == 200 ? "in force" : std::to_string(answer.status),
            .reasons = {answer.status == 200 ? "in force"
                        : std::string(json_of(answer).at("detail")).contains("another keeper")
                            ? "another keeper"
                            : "changed since"}};
}

Outcome by_two() {
    return approved(TestService::a_second_keeper());
}

}  // namespace

ATTACK_RUN(
    "people: directory after the deed", "enters technician and escort after they were there",
    "does not count", "not accompanied", [] { return visited({.directory = true}); }, in_time)
ATTACK_RUN(
    "people: order after the deed", "imports an order that says it was approved yesterday", "does not count",
    "not accompanied", [] { return visited({.order = true}); }, in_time)
ATTACK_RUN(
    "people: badge rows after the deed", "delivers rows below a watermark that was told", "does not count",
    "not accompanied", [] { return visited({.rows = true}); }, in_time)
ATTACK_RUN(
    "people: signature after the deed", "has the escort sign twenty minutes later", "does not count",
    "not accompanied", [] { return visited({.signature = true}); }, in_time)
ATTACK_RUN(
    "people: all of it after the deed",
    "brings directory, order, rows and signature, each by its own certificate", "does not count",
    "not accompanied",
    [] { return visited({.directory = true, .order = true, .rows = true, .signature = true}); }, in_time)
ATTACK_RUN(
    "people: hole in the exports", "delivers an order late, and leaves out the export that had none",
    "does not count", "not accompanied", [] { return exported(false); }, [] { return exported(true); })
ATTACK_RUN(
    "people: own approval", "approves a directory that they proposed", "another keeper", "403",
    [] { return approved(TestService::a_keeper()); }, by_two)
ATTACK_RUN(
    "people: approval by one's other certificate", "approves it with another certificate of the same person",
    "another keeper", "403", [] { return approved({api::Role::keeper, true, "karl-2", "p-karl"}); }, by_two)
ATTACK_RUN(
    "people: approval of what was proposed for another directory", "waits until the directory is another one",
    "changed since", "409", [] { return approved(TestService::a_second_keeper(), true); }, by_two)
