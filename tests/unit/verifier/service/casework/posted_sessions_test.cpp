#include "tests/unit/verifier/service/casework/site_world.h"
#include "verifier/service/store/acts/act.h"

using namespace assay;
using namespace assay::test;

namespace {

std::string told_by(const Response& response) {
    return json_of(response).at("detail");
}

std::vector<json> signed_sessions(Site& site) {
    std::vector<json> out;
    for (const auto& document : must(store::SiteDocuments(site.service.store()).list({.kind = "session"})))
        out.push_back(json::parse(document.document));
    return out;
}

std::vector<std::string> acts_of(Site& site) {
    std::vector<std::string> out;
    for (const auto& act : must(store::Acts(site.service.store()).list({.subject = "host:rack-7"})))
        if (act.kind.starts_with("session.") || act.kind == "late.signed")
            out.push_back(act.kind + " " + act.hand);
    return out;
}

std::string hand_of_key(const KeyHolder& holder) {
    return "key:" + holder.id();
}

}  // namespace

TEST_CASE("a session is opened for whom the verifier knows, and else only as an unlisted one") {
    Site site;
    site.give_all();
    const auto [change, why] = GENERATE(table<json, std::string>(
        {{{{"order", "WO-9"}}, "order: expected one that the verifier has, got WO-9; import it"},
         {{{"technician", "p-eve"}}, "technician: expected a person of the directory, got p-eve"},
         {{{"escort", "m.roy"}}, "escort: expected a person of the directory, got m.roy"},
         {{{"technician", "p-esc"}, {"escort", "p-tech"}},
          "technician: expected one of order W-1 (p-tech), got p-esc"}}));
    const auto refused = site.ask_for_session(change);
    CHECK(refused.status == 403);
    INFO(refused.body);
    CHECK(told_by(refused).find(why) != std::string::npos);
    CHECK(told_by(refused).find("unlisted") != std::string::npos);
    CHECK(json_of(site.service.get("/v1/sessions")).empty());
    auto unlisted = change;
    unlisted["unlisted"] = true;
    const auto opened = site.ask_for_session(unlisted);
    CHECK(opened.status == 201);
    CHECK(json_of(opened).at("unlisted") == "operator:dora");
    CHECK(json_of(opened).at("challenge").at("unlisted") == true);
    // And the honest one beside it.
    const auto listed = site.ask_for_session();
    CHECK(listed.status == 201);
    CHECK(json_of(listed).at("unlisted").is_null());
    CHECK(json_of(listed).at("challenge").at("named") == json{{"technician", "p-tech"}, {"escort", "p-esc"}});
}

TEST_CASE("an order that does not cover the host now opens no listed session") {
    Site site;
    site.give_all();
    site.service.now += 3601;
    CHECK(told_by(site.ask_for_session()).find("order: expected one that covers rack-7 now") == 0);
    CHECK(site.ask_for_session({{"unlisted", true}}).status == 201);
}

TEST_CASE("a session needs an escort who is not the technician, listed or not") {
    Site site;
    site.give_all();
    for (const bool unlisted : {false, true}) {
        CHECK(site.ask_for_session({{"escort", "p-tech"}, {"unlisted", unlisted}}).status == 400);
        CHECK(site.ask_for_session({{"escort", ""}, {"unlisted", unlisted}}).status == 400);
    }
}

TEST_CASE("without a directory nobody is known: a session is unlisted, and there is nothing to sign") {
    Site site;
    const auto refused = site.ask_for_session();
    CHECK(refused.status == 403);
    CHECK(told_by(refused).find("assay people import") != std::string::npos);
    const auto opened = site.ask_for_session({{"unlisted", true}});
    CHECK(opened.status == 201);
    CHECK(json_of(opened).at("challenge").is_null());
    const auto all = must(store::WorkSessions(site.service.store()).list({}));
    REQUIRE(all.size() == 1);
    CHECK(all.front().unlisted == "operator:dora");
}

TEST_CASE("a signature by another's key is refused with both names, and the named person's is taken") {
    Site site;
    site.give_all();
    const auto session = site.open_session();
    CHECK(json_of(site.sign(session, "technician", site.technician)).at("signed_by") == "p-tech");
    const auto refused = site.sign(session, "escort", site.technician);
    CHECK(refused.status == 403);
    CHECK(
        told_by(refused) ==
        "expected a key of p-esc, the escort of this session, got one of p-tech; sign with the escort's own "
        "key");
    CHECK(signed_sessions(site).empty());
    CHECK(json_of(site.sign(session, "escort", site.escort)).at("signed_by") == "p-esc");
    CHECK(site.sign(session, "escort", site.technician, "heartbeat").status == 403);
    CHECK(site.sign(session, "escort", site.escort, "heartbeat").status == 200);
    REQUIRE(signed_sessions(site).size() == 1);
    CHECK(signed_sessions(site)[0].at("escort").at("posted") == true);
    CHECK(signed_sessions(site)[0].at("escort").at("received_at") == site.at(0));
    CHECK_FALSE(signed_sessions(site)[0].contains("unlisted"));
    CHECK(site.service.post("/v1/sessions/" + session + "/close", json::object(), TestService::a_desk())
              .status == 200);
    CHECK(acts_of(site) == std::vector<std::string>{"session.opened operator:dora",
                                                    "session.signed " + hand_of_key(site.technician),
                                                    "session.signed " + hand_of_key(site.escort),
                                                    "session.signed " + hand_of_key(site.escort),
                                                    "session.closed operator:dora"});
}

TEST_CASE("an unlisted session takes each registered key, and a role again until two persons have signed") {
    Site site;
    site.give_all();
    const auto session = site.open_session({{"unlisted", true}, {"order", "WO-9"}});
    CHECK(site.sign(session, "technician", site.technician).status == 200);
    CHECK(site.sign(session, "escort", site.technician).status == 200);
    CHECK(site.sign(session, "escort", site.technician).status == 409);  // he has signed
    site.service.now += 60;
    CHECK(site.sign(session, "escort", site.escort).status == 200);
    CHECK(site.sign(session, "escort", site.technician).status == 409);  // two have
    // What was a session by then stays one, and ends.
    const auto both = signed_sessions(site);
    REQUIRE(both.size() == 2);
    CHECK(both[0].at("id") == session);
    CHECK(both[0].at("escort").at("key") == site.escort.id());
    CHECK(both[0].at("opened_at") == site.at(60));
    CHECK(both[0].at("unlisted") == true);
    CHECK(both[1].at("id") == session + "#1");
    CHECK(both[1].at("escort").at("key") == site.technician.id());
    CHECK(both[1].at("opened_at") == site.at(0));
    CHECK(both[1].at("closed_at") == site.at(60));
    // The replaced signature is kept, and its replacement an act.
    CHECK(must(store::SiteDocuments(site.service.store()).list({.kind = "signature"})).size() == 3);
    CHECK(acts_of(site).back() == "session.signature_replaced " + hand_of_key(site.escort));
}

TEST_CASE("an opening counts from when it was posted, however early it says that it was signed") {
    const bool is_held_back = GENERATE(false, true);
    Site site;
    site.give_all();
    site.given_ = true;
    const auto session = site.open_session();
    CHECK(site.sign(session, "technician", site.technician).status == 200);
    if (!is_held_back) CHECK(site.sign(session, "escort", site.escort).status == 200);
    site.service.now += 290;
    if (is_held_back) CHECK(site.sign(session, "escort", site.escort, "open", 290).status == 200);
    CHECK(site.outcome({site.record(4, 10)}) == (is_held_back ? "UNATTESTED" : "ACCOMPANIED"));
}

TEST_CASE("a sign of life counts from when it was signed, and an end is not before the opening") {
    Site site;
    site.give_all();
    const auto session = site.session_signed_by_both();
    site.service.now += 200;
    CHECK(site.sign(session, "escort", site.escort, "heartbeat", 100).status == 200);
    CHECK(site.sign(session, "escort", site.escort, "close", 290).status == 200);
    REQUIRE(signed_sessions(site).size() == 1);
    CHECK(signed_sessions(site)[0].at("heartbeats")[0].at("at") == site.at(100));
    CHECK(signed_sessions(site)[0].at("closed_at") == site.at(0));
}

TEST_CASE("a signature that lies ahead leaves a session that can be closed and judged") {
    Site site;
    site.give_all();
    const auto session = site.open_session();
    CHECK(site.sign(session, "technician", site.technician).status == 200);
    CHECK(site.sign(session, "escort", site.escort, "open", -200).status == 200);
    CHECK(site.service.post("/v1/sessions/" + session + "/close", json::object(), TestService::a_desk())
              .status == 200);
    CHECK(signed_sessions(site)[0].at("closed_at") == site.at(200));
    site.given_ = true;
    CHECK(site.outcome({site.record(4, 10)}) == "UNATTESTED");
}

TEST_CASE("a late signature counts from when it was posted: ten minutes are ten minutes") {
    const std::int64_t ago = GENERATE(590, 601);
    Site site;
    site.give_all();
    site.given_ = true;
    site.service.now += 700;
    auto late = site.statement("late", "escort", 2);  // it says that it was signed in time
    late.session = late.nonce = "";
    late.device = sha256(stick()).hex();
    auto body = Site::signed_body(late, site.escort);
    body.erase("action");
    body.erase("role");
    body["host"] = late.host;
    body["order"] = late.order;
    body["device"] = late.device;
    CHECK(site.service.post("/v1/late-attestations", body).status == 201);
    CHECK(acts_of(site) == std::vector<std::string>{"late.signed " + hand_of_key(site.escort)});
    CHECK(site.outcome({site.record(4, ago)}) == (ago == 590 ? "ACCOMPANIED" : "UNATTESTED"));
}
