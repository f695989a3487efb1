#include <atomic>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

#include "tests/unit/verifier/service/casework/site_world.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/site/site.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::api;
using namespace assay::test;

namespace {

constexpr int kRounds = 12;

/// All at the same moment.
void race(const std::vector<std::function<void()>>& runs) {
    std::latch start(static_cast<std::ptrdiff_t>(runs.size()));
    std::vector<std::jthread> threads;
    for (const auto& run : runs) {
        threads.emplace_back([&start, &run] {
            start.arrive_and_wait();
            run();
        });
    }
}

json draft_of(Site& site, const std::string& session) {
    return json_of(site.service.get("/v1/sessions/" + session + "/challenge", {}));
}

json signed_session(Site& site, const std::string& session) {
    const auto found =
        must(store::SiteDocuments(site.service.store()).list({.kind = "session", .id = session}));
    return found.empty() ? json() : json::parse(found.front().document);
}

/// The order with one change more in its history.
json changed_order(const Site& site, const std::string& by) {
    auto order = site.order();
    order["history"].push_back(
        {{"at", site.at(-70000)}, {"by", by}, {"field", "requester"}, {"old", "p-req"}, {"new", "p-req"}});
    return order;
}

}  // namespace

STORE_TEST(both_sign, "technician and escort who sign at the same moment have both signed") {
    Site site(database.connection());
    site.give_all();
    for (int round = 0; round < kRounds; ++round) {
        const auto session = site.open_session();
        int technician = 0, escort = 0;
        race({[&] { technician = site.sign(session, "technician", site.technician).status; },
              [&] { escort = site.sign(session, "escort", site.escort).status; }});
        REQUIRE(technician == 200);
        REQUIRE(escort == 200);
        const auto draft = draft_of(site, session);
        REQUIRE(draft.contains("technician"));
        REQUIRE(draft.contains("escort"));
        REQUIRE(signed_session(site, session).contains("escort"));
    }
}

STORE_TEST(twice, "of two signatures in one role at the same moment one is taken") {
    Site site(database.connection());
    site.give_all();
    for (int round = 0; round < kRounds; ++round) {
        const auto session = site.open_session();
        std::atomic<int> taken = 0, refused = 0;
        const auto sign = [&] {
            const auto status = site.sign(session, "escort", site.escort).status;
            taken += status == 200 ? 1 : 0;
            refused += status == 409 ? 1 : 0;
        };
        race({sign, sign});
        REQUIRE(taken == 1);
        REQUIRE(refused == 1);
    }
}

STORE_TEST(signs_of_life, "of signs of life and an end that come at the same moment none is lost") {
    Site site(database.connection());
    site.give_all();
    for (int round = 0; round < kRounds; ++round) {
        const auto session = site.session_signed_by_both();
        std::atomic<int> taken = 0;
        int closed = 0;
        const auto beat = [&](const char* role, const KeyHolder& by) {
            taken += site.sign(session, role, by, "heartbeat").status == 200 ? 1 : 0;
        };
        race({[&] { beat("technician", site.technician); }, [&] { beat("escort", site.escort); },
              [&] { beat("technician", site.technician); },
              [&] {
                  closed =
                      site.service
                          .post("/v1/sessions/" + session + "/close", json::object(), TestService::a_desk())
                          .status;
              }});
        REQUIRE(closed == 200);
        const auto draft = draft_of(site, session);
        REQUIRE(draft.contains("closed_at"));
        REQUIRE(draft.at("heartbeats").size() == static_cast<std::size_t>(taken));
        const auto session_document = signed_session(site, session);
        REQUIRE(session_document.at("heartbeats").size() == static_cast<std::size_t>(taken));
        REQUIRE(session_document.contains("closed_at"));
    }
}

STORE_TEST(closed_twice,
           "a session that both sides end at the same moment is ended once, with its documents") {
    Site site(database.connection());
    site.give_all();
    for (int round = 0; round < kRounds; ++round) {
        const auto session = site.session_signed_by_both();
        int by_operator = 0, by_escort = 0;
        race({[&] {
                  by_operator =
                      site.service
                          .post("/v1/sessions/" + session + "/close", json::object(), TestService::a_desk())
                          .status;
              },
              [&] { by_escort = site.sign(session, "escort", site.escort, "close").status; }});
        REQUIRE(std::min(by_operator, by_escort) == 200);
        REQUIRE(std::max(by_operator, by_escort) == 409);
        REQUIRE(draft_of(site, session).contains("closed_at"));
        REQUIRE(must(store::WorkSessions(site.service.store()).find(session)).closed_at);
    }
}

STORE_TEST(histories,
           "of an order's two histories that come at the same moment no change that was taken is lost") {
    Site site(database.connection());
    site.give_all();
    for (int round = 0; round < kRounds; ++round) {
        const auto id = "W-" + std::to_string(100 + round);
        auto first = changed_order(site, "p-one"), second = changed_order(site, "p-two");
        auto before = site.order();
        for (auto* order : {&first, &second, &before}) (*order)["id"] = id;
        const auto send = [&](const json& order) { return site.give_order(order).status; };
        REQUIRE(send(before) == 200);
        int one = 0, two = 0;
        race({[&] { one = send(first); }, [&] { two = send(second); }});
        REQUIRE(std::min(one, two) == 200);
        REQUIRE(std::max(one, two) == 409);
        const auto kept = json_of(site.service.get("/v1/work-orders?id=" + id))[0].at("order");
        REQUIRE(kept == (one == 200 ? first : second));
    }
}

STORE_TEST(watermarks, "a feed's watermark never goes back, whatever comes at the same moment") {
    Site site(database.connection());
    site.give_all();
    site.service.now += 100 * (kRounds + 1);  // no watermark is taken that lies ahead
    for (int round = 0; round < kRounds; ++round) {
        const auto newest = 100 * round + 50;
        std::vector<std::function<void()>> runs;
        for (const int watermark : {newest - 30, newest, newest - 20, newest - 10}) {
            runs.emplace_back([&site, watermark] { (void)site.give_badges(site.badges(watermark)); });
        }
        race(runs);
        const auto feeds = json_of(site.service.get("/v1/badges")).at("feeds");
        REQUIRE(feeds.at(0).at("watermark") == site.at(newest));
    }
}

TEST_CASE("a draft that moves while a report with its next signature is appraised loses neither change") {
    Site site;
    site.give_all();
    REQUIRE(site.report({site.journaled(1, 60, site.statement("challenge", "", 60)),
                         site.journaled(2, 50, site.statement("open", "technician", 50), &site.technician)},
                        site.right_clock())
                .status == 200);
    const auto id = "rack-7/" + std::string(18, 'a');
    const auto draft = [&] {
        return must(store::SiteDocuments(site.service.store()).list({.kind = "session-draft", .id = id}))
            .front();
    };
    const auto appraised = site.service.appraisals;
    site.service.alter = [&](const Context&, AttestationResult&) {
        if (site.service.appraisals != appraised + 1) return;
        auto moved = draft();
        auto content = json::parse(moved.document);
        content["heartbeats"] = json::array({content.at("technician")});
        moved.document = content.dump();
        moved.digest = sha256(as_view(moved.document)).hex();
        moved.made_from = moved.number;
        if (!store::SiteDocuments(site.service.store()).put({moved}))
            throw std::runtime_error("it did not move");
    };
    const auto number = draft().number;
    REQUIRE(site.report({site.journaled(3, 40, site.statement("open", "escort", 40), &site.escort)},
                        site.right_clock())
                .status == 200);
    CHECK(site.service.appraisals == appraised + 2);
    INFO(site.refusals());
    const auto content = json::parse(draft().document);
    CHECK(content.at("heartbeats").size() == 1);
    CHECK(content.contains("escort"));
    CHECK(draft().number == number + 2);
}

TEST_CASE("a verdict by what was known before another verdict was made does not take its place") {
    Site site;
    site.give_all();
    site.plug(1, 10);
    auto& store = site.service.store();
    auto newest = must(store::SiteDocuments(store).list({.kind = "verdict", .id = "rack-7/1"})).front();
    const auto version = newest.number;
    newest.digest = "judged by more";
    newest.made_from = version;
    REQUIRE(store::SiteDocuments(store).add_verdicts({newest}, {}) == 1);
    newest.digest = "judged by less";
    const auto late = store::SiteDocuments(store).add_verdicts({newest}, {"rack-7/1"});
    REQUIRE(late.error().refused == store::Refused::moved);
    CHECK(must(store::SiteDocuments(store).list({.kind = "verdict", .id = "rack-7/1"})).front().digest ==
          "judged by more");
    CHECK(must(store::SiteDocuments(store).list({.kind = "event", .host = "rack-7", .open_only = true}))
              .size() == 1);
}
