#include <random>

#include "tests/unit/verifier/service/casework/site_world.h"

// Two keepers, one of them hostile: whatever is proposed, approved, imported and signed in whatever order, a
// stick that nobody accompanied is never told as accompanied. The honest keeper approves only what is true.
using namespace assay;
using namespace assay::test;

namespace {

constexpr unsigned kSites = 10;  // each begins anew, since a request costs what all before it left
constexpr int kSteps = 1'000;    // at each of them
constexpr int kPlugEvery = 200;  // steps; judged as often
constexpr std::int64_t kStep_s = 1;

class Hostile {
  public:
    // `feeds`: the hostile keeper has a certificate of each other role, too.
    Hostile(unsigned seed, bool feeds) : dice_(seed), feeds_(feeds) {
        site_.give_all();
        truth_ = site_.directory();
    }
    void run() {
        for (int step = 1; step <= kSteps; ++step) {
            site_.service.now += kStep_s;
            act();
            if (step % kPlugEvery != 0) continue;
            site_.plug(++plugged_, 10);
            pass_watermarks();
            check();
        }
        site_.service.now += 2 * 86'400;
        pass_watermarks();
        check();
        CHECK(refused_ > 0);
        CHECK(in_force_ > 0);
    }

  private:
    template <typename Do>
    void rarely(Do&& act) {
        if (roll(10) == 0) act();
    }
    int roll(int sides) { return std::uniform_int_distribution(0, sides - 1)(dice_); }
    void act() {
        switch (roll(feeds_ ? 9 : 5)) {
            case 0:
            case 1:
                return propose(with_invented_people());
            case 2:
                return approve_all(TestService::a_keeper());
            case 3:
                return approve_all({Role::keeper, true, "karl-2", "p-karl"});
            case 4:
                return narrow_or_restore();
            case 5:
                return rarely([&] { give_order_of_the_past(); });
            case 6:
                return rarely([&] { give_rows_of_the_past(); });
            case 7:
                return rarely([&] { sign(invented_escort_, "escort"); });
            default:
                return rarely([&] { sign(invented_technician_, "technician"); });
        }
    }
    json with_invented_people() {
        auto out = truth_;
        auto technician = out["persons"][0], escort = out["persons"][1];
        technician["id"] = "p-ghost-" + std::to_string(roll(20));
        technician["keys"] = {invented_technician_.id()};
        technician["credentials"] = {"b-ghost-1"};
        escort["id"] = "p-shade-" + std::to_string(roll(20));
        escort["keys"] = {invented_escort_.id()};
        escort["credentials"] = {"b-ghost-2"};
        out["persons"].push_back(technician);
        out["persons"].push_back(escort);
        return out;
    }
    void propose(const json& directory) {
        const auto answer = site_.service.post("/v1/directory", directory, TestService::a_keeper());
        if (answer.status == 202) proposed_.push_back(json_of(answer).at("proposal"));
    }
    // The honest keeper would have to: nothing of it is true.
    void approve_all(const Caller& by) {
        while (!proposed_.empty()) {
            const std::string id = proposed_.back();
            proposed_.pop_back();
            const auto answer =
                site_.service.post("/v1/directory/proposals/" + id + "/approval", json::object(), by);
            REQUIRE(answer.status != 200);
            ++refused_;
        }
    }
    void narrow_or_restore() {
        if (roll(20) != 0) return;
        auto less = truth_;
        less["persons"].erase(static_cast<std::size_t>(roll(2)));
        if (site_.service.post("/v1/directory", less, TestService::a_keeper()).status == 200) ++in_force_;
        // The honest one puts it right, and the hostile one has no part in it but its approval.
        const auto answer = site_.service.post("/v1/directory", truth_, TestService::a_second_keeper());
        if (answer.status != 202) return;
        const std::string id = json_of(answer).at("proposal");
        (void)site_.service.post("/v1/directory/proposals/" + id + "/approval", json::object(),
                                 {Role::keeper, true, "nell", "p-nell"});
    }
    void give_order_of_the_past() {
        auto order = site_.order();
        order["id"] = "W-" + std::to_string(10 + roll(50));
        order["technicians"] = {"p-ghost-1", "p-tech"};
        order["to"] = site_.at(kSteps * kStep_s);
        (void)site_.give_order(order);
    }
    void give_rows_of_the_past() {
        json rows = json::array();
        for (const auto* badge : {"b-ghost-1", "b-ghost-2", "b-tech", "b-esc"})
            rows.push_back({{"source", "doors"},
                            {"event_id", std::to_string(++row_)},
                            {"credential", badge},
                            {"direction", "in"},
                            {"zone_to", "room-1"},
                            {"occurred_at", site_.at(site_.service.now - kStart - roll(20'000))}});
        (void)site_.give_badges({{"rows", rows}, {"judge", false}});
    }
    void sign(const KeyHolder& by, const std::string& role) {
        const auto answer = site_.service.post(
            "/v1/sessions",
            {{"host", "rack-7"}, {"order", "W-1"}, {"technician", "p-tech"}, {"escort", "p-esc"}},
            TestService::a_desk());
        if (answer.status == 201) (void)site_.sign(json_of(answer).at("id"), role, by);
    }
    void pass_watermarks() {
        const auto now = site_.at(site_.service.now - kStart);
        REQUIRE(site_.give_order({{"watermark", now}, {"orders", json::array()}}).status == 200);
        REQUIRE(
            site_.give_badges({{"feeds", {{{"source", "doors"}, {"watermark", now}, {"zones", {"site-1"}}}}}})
                .status == 200);
    }
    void check() {
        const auto all = json_of(site_.service.get("/v1/hosts/rack-7/accompaniment"));
        REQUIRE_FALSE(all.empty());
        for (const auto& verdict : all) {
            INFO(verdict.dump(1));
            REQUIRE(verdict.at("outcome") != "ACCOMPANIED");
        }
    }

    Site site_;
    std::mt19937 dice_;
    bool feeds_;
    KeyHolder invented_technician_, invented_escort_;
    json truth_;
    std::vector<std::string> proposed_;
    std::uint64_t plugged_ = 0;
    int refused_ = 0, in_force_ = 0, row_ = 100;
};

}  // namespace

TEST_CASE(
    "two keepers, one hostile: in 10,000 steps no stick that nobody accompanied is told as accompanied") {
    for (unsigned seed = 0; seed < kSites; ++seed) Hostile(seed, false).run();
}

TEST_CASE("and none where the hostile keeper has a certificate of each other role as well") {
    for (unsigned seed = 0; seed < kSites; ++seed) Hostile(kSites + seed, true).run();
}
