#include "verifier/service/casework/host_news.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/api/judged_fleet.h"

// What is told of a host that is not as it attested before: by whole reports, one after the other.
using namespace assay;
using namespace assay::test;
using nlohmann::json;

namespace {

constexpr const char* kSound = "linux /vmlinuz quiet";
constexpr const char* kEvil = "linux /vmlinuz quiet init=/bin/evil";
constexpr const char* kWorse = "linux /vmlinuz quiet init=/bin/worse";

/// Hosts that have attested once, each as the builder has it.
class Racks : public JudgedFleet {
  public:
    explicit Racks(const std::vector<std::string>& names = {"rack-7"}) : names_(names) {
        for (const auto& name : names) {
            auto& host = (*this)[name];
            host.host = name;
            admit(name);
            report(host);
        }
    }
    EvidenceBuilder& operator[](const std::string& name) { return hosts_[name]; }
    EvidenceBuilder& host() { return hosts_.begin()->second; }
    [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

    /// The next report, without a start in between.
    AttestationResult again(EvidenceBuilder& host, const std::function<void(Sections&)>& change = {}) {
        now += 300;
        host.clock.clock_ms += 300'000;
        return report(host, change);
    }
    AttestationResult started(EvidenceBuilder& host, const std::function<void(Sections&)>& change = {}) {
        reboot(host);
        return again(host, change);
    }
    AttestationResult started_with(const std::string& command) {
        auto& line = host().log.find(8, tcg::EV_IPL);
        line.data = to_bytes("grub_cmd: " + command + '\0');
        line.measured = to_bytes(command);
        return started(host());
    }
    std::string boot_of() { return must(store::Hosts(store()).find("rack-7")).boot_of; }

  private:
    std::vector<std::string> names_;
    std::map<std::string, EvidenceBuilder> hosts_;
};

std::vector<std::string> told(const AttestationResult& result, std::string_view id) {
    std::vector<std::string> out;
    for (const auto& finding : result.findings)
        if (finding.id == id) out.push_back(finding.actual);
    return out;
}

using Words = std::vector<std::string>;
const std::string kGained = "kernel command line gained `init=/bin/evil`";

}  // namespace

TEST_CASE("a boot whose log hides something is not what the next one is compared with") {
    const auto twin = GENERATE(false, true);  // the honest one: the boot that follows is as before
    Racks racks;
    auto& host = racks.host();
    const auto before = racks.boot_of();
    REQUIRE_FALSE(before.empty());
    const auto sound = host;
    std::function<void(TestService::Sections&)> change;
    SECTION("events that do not replay") {
        host.pcrs_beside_log[8] = sha256(as_view("what was measured"));
    }
    SECTION("no events of a PCR that was extended") {
        std::erase_if(host.log.events, [](const BuiltEvent& event) { return event.pcr == 8; });
        host.pcrs_beside_log[8] = sha256(as_view("what was measured"));
    }
    SECTION("no log") {
        change = [](TestService::Sections& sections) { sections.erase(std::string(section::kBootEventLog)); };
    }
    const auto hidden = racks.started(host, change);
    CHECK(hidden.tier != Tier::affirming);
    CHECK(JudgedFleet::count(hidden, "boot.not_compared") == (change ? 1 : 0));
    CHECK(racks.boot_of() == before);
    host.log = sound.log;
    host.pcrs_beside_log = sound.pcrs_beside_log;
    const auto after = racks.started_with(twin ? kSound : kEvil);
    CHECK(told(after, "boot.changed") == (twin ? Words{} : Words{kGained}));
    CHECK((racks.boot_of() == before) == twin);
    CHECK(JudgedFleet::count(after, "boot.not_compared") == 0);
}

TEST_CASE(
    "a boot that changes and changes back is told until somebody acknowledges it, with what it is now") {
    Racks racks;
    const auto back = kGained + "; it is as before again; waits for acknowledgement by one person";
    CHECK(told(racks.started_with(kEvil), "boot.changed") == Words{kGained});
    CHECK(told(racks.again(racks.host()), "boot.changed") == Words{kGained});
    CHECK(told(racks.started_with(kSound), "boot.changed") == Words{back});
    CHECK(told(racks.again(racks.host()), "boot.changed") == Words{back});
    CHECK(told(racks.started_with(kEvil), "boot.changed") == Words{kGained});
}

TEST_CASE("each step of two is told") {
    Racks racks;
    CHECK(told(racks.started_with(kEvil), "boot.changed").size() == 1);
    const Words both{
        kGained, "kernel command line gained `init=/bin/worse`; kernel command line lost `init=/bin/evil`"};
    CHECK(told(racks.started_with(kWorse), "boot.changed") == both);
    // From the second step to what was at first: a step of its own.
    CHECK(told(racks.started_with(kSound), "boot.changed").size() == 3);
}

TEST_CASE("a list of measured files that goes on is no other boot, and hides none") {
    Racks racks;
    auto& host = racks.host();
    const auto before = racks.boot_of();
    for (int i = 0; i < 3; ++i) {
        host.ima_files.push_back("/usr/bin/tool-" + std::to_string(i));
        const auto result = racks.again(host);
        CHECK(told(result, "boot.changed").empty());
        CHECK(told(result, "boot.not_compared").empty());
        CHECK(racks.boot_of() == before);
    }
    CHECK(told(racks.started(host), "boot.changed").empty());
    CHECK(racks.boot_of() == before);
    host.ima_files.emplace_back("/usr/bin/tool");
    CHECK(told(racks.started_with(kEvil), "boot.changed") == Words{kGained});
    CHECK(racks.boot_of() != before);
}

TEST_CASE("an order plans what becomes of the hosts that it names, in its time, once it is approved") {
    Racks racks({"rack-7", "rack-8"});
    const json bios{{{"what", "firmware"}, {"component", "bios"}, {"to", "2.5"}}};
    const auto at = [&](std::int64_t after) {
        return accompaniment::instant_text((racks.now + after) * 1000);
    };
    std::set<std::string> planned;
    SECTION("for one of them") {
        racks.give_order(racks.names(), {"rack-8"}, bios);
        planned = {"rack-8"};
    }
    SECTION("for both") {
        racks.give_order(racks.names(), racks.names(), bios);
        planned = {"rack-7", "rack-8"};
    }
    SECTION("over before they attested last") {
        racks.give_order(racks.names(), racks.names(), bios, {{"from", at(-7200)}, {"to", at(-3600)}});
    }
    SECTION("still to begin") {
        racks.give_order(racks.names(), racks.names(), bios, {{"from", at(3600)}, {"to", at(7200)}});
    }
    SECTION("a draft") {
        racks.give_order(racks.names(), racks.names(), bios,
                         {{"state", "draft"}, {"history", json::array()}});
    }
    SECTION("received after a host attested last, when the change may have been made") {
        racks.now += 60;
        racks.give_order(racks.names(), racks.names(), bios);
        racks.again(racks["rack-8"]);  // rack-8 has attested once more, as before: it was changed afterwards
        planned = {"rack-8"};
    }
    for (const auto& name : racks.names()) {
        INFO(name);
        auto& host = racks[name];
        host.bios_version = "2.5";
        const auto result = racks.started(host);
        CHECK(JudgedFleet::count(result, "change.planned") == planned.count(name));
        CHECK(JudgedFleet::count(result, "firmware.changed") == 1 - planned.count(name));
        const auto next = racks.again(host);  // what was planned is told once
        CHECK(JudgedFleet::count(next, "change.planned") == 0);
        CHECK(JudgedFleet::count(next, "firmware.changed") == 1 - planned.count(name));
    }
}
