#include <array>
#include <iterator>
#include <map>
#include <random>
#include <regex>
#include <set>

#include <catch2/catch.hpp>
#include <fmt/ranges.h>

#include "tests/support/appraisal/plugged_host.h"
#include "tests/unit/verifier/service/api/judged_fleet.h"

// Random walks of a host, its agent and the people around it, held against a model of what may be over. A
// walk that fails is told as the shortest one that still does.
using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

constexpr int kWalks = 160, kSteps = 64;  // 10,240 steps
constexpr std::int64_t kBetweenSteps_s = 20;

enum class Act : std::uint8_t {
    plug,
    unplug,
    replug,  // out and in again at once: one case
    use,
    reboot,
    look_away,
    start,
    read_on,
    open,
    close,
    acknowledge,
    report,
    quiet
};
constexpr std::array kNames{"plug",    "unplug", "replug", "use",         "reboot", "look_away", "start",
                            "read_on", "open",   "close",  "acknowledge", "report", "quiet"};

struct Step {
    Act act = Act::quiet;
    unsigned which = 0;
};

std::vector<Step> random_walk(unsigned seed) {
    std::mt19937 random(seed);
    // Reports are one step in five: they are what takes time, and what is told is asked of them alone.
    std::discrete_distribution<unsigned> acts({8, 8, 3, 6, 2, 4, 4, 4, 5, 5, 12, 16, 3});
    std::vector<Step> out;
    while (out.size() < kSteps)
        out.push_back({static_cast<Act>(acts(random)), static_cast<unsigned>(random())});
    out.push_back({Act::report});
    return out;
}

std::string words_of(const std::vector<Step>& walk) {
    std::vector<std::string> out;
    for (const auto& step : walk)
        out.push_back(fmt::format("{} {}", kNames.at(static_cast<std::size_t>(step.act)), step.which % 12));
    return fmt::format("{}", fmt::join(out, ", "));
}

/// What a result tells, without what is drawn by lot.
std::string told_by(const AttestationResult& result) {
    std::string out(to_string(result.tier));
    for (const auto& finding : result.findings) {
        out += fmt::format("\n{} {} {} {} {} {}", finding.id, to_string(finding.tier), finding.subject,
                           finding.expected, finding.actual, finding.evidence);
    }
    static const std::regex kSession("session [0-9a-f]{16,}");
    return std::regex_replace(out, kSession, "session ID");
}

/// One host at one database, before one or two verifiers.
class Walk {
  public:
    Walk(std::vector<JudgedFleet*> verifiers, const std::string& name)
        : verifiers_(std::move(verifiers)), host_(name) {
        to_now();
        verifiers_.front()->admit(name);
        host_.pass(1);
        to_now();
        verifiers_.front()->report(host_.builder);
    }

    /// What went wrong; empty where nothing did.
    std::string take(const std::vector<Step>& walk) {
        for (const auto& step : walk) {
            host_.pass(kBetweenSteps_s);
            to_now();
            take(step);
            if (!wrong_.empty()) return wrong_;
        }
        return wrong_;
    }
    [[nodiscard]] const std::vector<std::string>& told() const { return told_; }

  private:
    /// A stick from its coming to its going.
    struct Coming {
        std::string port;
        std::string serial;
        bool covered = false;
        bool used = false;
        bool in = true;
    };
    struct Matter {
        std::string id;
        std::string serial;  // empty: of no device
        std::set<std::string> acknowledged;
    };

    void to_now() {
        const auto now = kNow + elapsed_;
        for (auto* verifier : verifiers_) verifier->now = now;
        elapsed_ += kBetweenSteps_s;
    }

    Coming* stick_at(const std::string& port) {
        for (auto& each : comings_)
            if (each.in && each.port == port) return &each;
        return nullptr;
    }

    void take(const Step& step) {
        const auto port = fmt::format("1-{}", 3 + (step.which % 3));
        auto* stick = stick_at(port);
        switch (step.act) {
            case Act::plug:
                if (stick != nullptr) return;
                comings_.push_back({port, fmt::format("SN-{:04}", comings_.size() + 1)});
                comings_.back().covered = !session_.empty();
                host_.plug(port, comings_.back().serial);
                return;
            case Act::unplug:
                if (stick == nullptr) return;
                host_.unplug(port);
                stick->in = false;
                return;
            case Act::replug:
                if (stick == nullptr || !host_.watched()) return;
                host_.unplug(port);
                host_.plug(port, stick->serial);
                return;
            case Act::use:
                if (stick == nullptr || !host_.watched()) return;
                host_.use(port);
                stick->used = true;
                return;
            case Act::reboot:
                close_session();
                return host_.reboot();
            case Act::look_away:
                close_session();
                if (host_.watched()) host_.look_away();
                return;
            case Act::start:
                if (!host_.watched()) host_.start();
                return;
            case Act::read_on:
                if (!host_.watched()) host_.read_on();
                return;
            case Act::open:
                return open_session();
            case Act::close:
                return close_session();
            case Act::acknowledge:
                return acknowledge(step.which);
            case Act::report:
                return report(step.which);
            case Act::quiet:
                return host_.pass(0);
        }
    }

    // No session is open while nobody watches, so that what comes then is never covered.
    void open_session() {
        if (!session_.empty() || !host_.watched()) return;
        const auto answer = verifiers_.front()->post("/v1/sessions",
                                                     {{"host", host_.builder.host},
                                                      {"order", "W-1"},
                                                      {"technician", "tess"},
                                                      {"escort", "emil"},
                                                      {"unlisted", true}},
                                                     TestService::a_desk());
        if (answer.status != 201) throw std::runtime_error(answer.body);
        session_ = json_of(answer).at("id");
    }
    void close_session() {
        if (session_.empty()) return;
        const auto answer = verifiers_.front()->post("/v1/sessions/" + session_ + "/close",
                                                     nlohmann::json::object(), TestService::a_desk());
        if (answer.status != 200) throw std::runtime_error(answer.body);
        session_.clear();
    }

    void acknowledge(unsigned which) {
        if (open_.empty()) return;
        auto at = open_.begin();
        std::advance(at, which % open_.size());
        const std::string person = which % 2 == 0 ? "olga" : "otto";
        const auto answer = verifiers_.back()->post(
            "/v1/acknowledgements",
            {{"host", host_.builder.host}, {"matter", at->first}, {"reason", "seen, it was the cleaner"}},
            {api::Role::operator_, true, person});
        if (answer.status != 200) {
            wrong_ =
                fmt::format("{} of {} cannot be acknowledged: {}", at->first, at->second.id, answer.body);
            return;
        }
        at->second.acknowledged.insert(person);
    }

    // Whether the model allows that it is told no more.
    bool may_be_over(const Matter& matter) {
        std::size_t needed = 1;
        for (const auto& each : comings_) {
            if (each.serial != matter.serial) continue;
            if (each.in || host_.journaled(each.serial)) return false;
            // Of one that came accompanied, its going alone is told.
            if (each.used && matter.id != "usb.removed_unaccompanied") needed = 2;
        }
        return matter.acknowledged.size() >= needed;
    }

    void report(unsigned which) {
        const auto result = verifiers_.at(which % verifiers_.size())->report(host_.builder);
        told_.push_back(told_by(result));
        for (const auto& each : comings_) {
            if (each.in && !each.covered && host_.journaled(each.serial) &&
                result.tier != Tier::contraindicated) {
                wrong_ = fmt::format("{} is in without a session, and the host is {}", each.serial,
                                     to_string(result.tier));
                return;
            }
        }
        std::map<std::string, Matter> now;
        for (const auto& finding : result.findings) {
            const auto at = finding.evidence.rfind("matter ");
            if (at == std::string::npos) continue;
            const auto name = finding.evidence.substr(at + 7, 16);
            auto& matter = now[name];
            matter.id = finding.id;
            for (const auto& each : comings_) {
                if (finding.actual.find(each.serial) != std::string::npos) matter.serial = each.serial;
            }
            if (const auto before = open_.find(name); before != open_.end()) {
                matter.acknowledged = before->second.acknowledged;
                // What is gone, and acknowledged by enough, is told no more.
                if (!matter.serial.empty() && finding.tier == Tier::contraindicated && may_be_over(matter)) {
                    wrong_ = fmt::format("{} {} is over, and told again", name, matter.id);
                    return;
                }
            }
        }
        for (const auto& [name, matter] : open_) {
            if (!now.contains(name) && !may_be_over(matter)) {
                wrong_ = fmt::format("{} {} of \"{}\" was told, is not over, and is forgotten", name,
                                     matter.id, matter.serial);
                return;
            }
        }
        open_ = std::move(now);
        if (open_.empty() && result.tier == Tier::contraindicated)
            wrong_ = "nothing is open, and the host is contraindicated:" + told_.back();
    }

    std::vector<JudgedFleet*> verifiers_;
    PluggedHost host_;
    std::int64_t elapsed_ = 0;
    std::string session_;
    std::vector<Coming> comings_;
    std::map<std::string, Matter> open_;
    std::vector<std::string> told_;
    std::string wrong_;
};

/// Walks, each by a host of its own.
class Walker {
  public:
    std::string wrong(const std::vector<Step>& walk) {
        return Walk({&first_, &second_}, fmt::format("rack-{:05}", ++hosts_)).take(walk);
    }
    /// The walk without every step that is not needed for something to be wrong.
    std::vector<Step> shrunk(std::vector<Step> walk) {
        for (std::size_t i = walk.size(); i-- > 0;) {
            auto less = walk;
            less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
            if (!wrong(less).empty()) walk = std::move(less);
        }
        return walk;
    }

  private:
    JudgedFleet first_;
    JudgedFleet second_{"sqlite:" + first_.file().string()};
    int hosts_ = 0;
};

}  // namespace

TEST_CASE("in random walks nothing that was told is forgotten before it is over") {
    Walker walker;
    for (unsigned seed = 1; seed <= kWalks; ++seed) {
        const auto walk = random_walk(seed);
        if (walker.wrong(walk).empty()) continue;
        const auto shortest = walker.shrunk(walk);
        FAIL_CHECK("seed " << seed << ": " << words_of(shortest) << "\n" << walker.wrong(shortest));
        break;
    }
}

TEST_CASE("two verifiers of one database tell what one alone tells") {
    constexpr unsigned kCompared = 12;
    JudgedFleet alone;
    JudgedFleet left;
    JudgedFleet right("sqlite:" + left.file().string());
    for (unsigned seed = 1; seed <= kCompared; ++seed) {
        const auto name = fmt::format("rack-{}", seed);
        const auto steps = random_walk(1000 + seed);
        Walk one({&alone}, name);
        Walk two({&left, &right}, name);
        CHECK(one.take(steps) == "");
        CHECK(two.take(steps) == "");
        CHECK(one.told() == two.told());
    }
}

TEST_CASE("what was told before there was a directory is told when there is one") {
    JudgedFleet fleet;
    PluggedHost host("rack-7");
    fleet.admit("rack-7");
    fleet.report(host.builder);
    // What the directory makes of the same event is told beside it.
    const auto has_all = [](const AttestationResult& after, const AttestationResult& earlier) {
        const auto now = matters_of(after);
        return std::ranges::all_of(
            matters_of(earlier), [&](const auto& each) { return std::ranges::find(now, each) != now.end(); });
    };
    const auto next = [&] {
        host.pass(300);
        fleet.now += 300;
        return fleet.report(host.builder);
    };
    host.pass(10);
    fleet.now += 10;
    host.plug("1-4", "SN-BEFORE");
    const auto before = next();
    REQUIRE(has_finding(before, "usb.unaccompanied"));
    REQUIRE_FALSE(matters_of(before).empty());
    const nlohmann::json directory{
        {"zones", {{{"id", "site-1"}, {"kind", "site"}}}},
        {"persons", nlohmann::json::array()},
        {"hosts", {{{"id", "asset-7"}, {"ek", sha256(as_view("ekrack-7")).hex()}, {"zone", "site-1"}}}},
        {"entities", {{{"id", "us"}, {"approved", true}}}},
        {"issuers", {{{"id", "dc-ops"}, {"entity", "us"}}}}};
    const auto answer = fleet.give_directory(directory);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    for (int i = 0; i < 3; ++i) {
        const auto after = next();
        CHECK(after.tier == Tier::contraindicated);
        CHECK(has_all(after, before));
    }
    host.unplug("1-4");
    CHECK(has_all(next(), before));
}
