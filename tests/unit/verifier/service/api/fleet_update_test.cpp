#include <map>
#include <set>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "tests/support/appraisal/reference_builder.h"
#include "tests/unit/verifier/service/api/judged_fleet.h"

// A fleet is updated in one night: what was planned is one line, and what was not is one line too.
using namespace assay;
using namespace assay::judge;
using namespace assay::test;
using nlohmann::json;

namespace {

constexpr std::size_t kHosts = 300;
constexpr std::int64_t kRestart_s = 600;

/// Hosts of one model that have attested with BIOS 2.1, and then boot with what `update` made of them.
class Fleet : public JudgedFleet {
  public:
    /// `planned`: by an order that is given before they attest; null: by none.
    explicit Fleet(const json& planned = nullptr, std::size_t count = kHosts) {
        hosts_.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            auto& host = hosts_[i];
            host.host = fmt::format("rack-{:03}", i);
            host.bios_version = "2.1";
            host.drives[0].serial = fmt::format("S-{:03}", i);
            host.with_ima = false;
            admit(host.host);
        }
        if (!planned.is_null()) order(planned);
        report_all();
    }
    static void new_bios(EvidenceBuilder& host) { host.bios_version = "2.2"; }
    static void new_bios_measured(EvidenceBuilder& host) {
        new_bios(host);
        auto& version = host.log.find(0, tcg::EV_S_CRTM_VERSION);
        version.data = version.measured = utf16le("2.2");
    }
    static void new_kernel(EvidenceBuilder& host) {
        auto& line = host.log.find(8, tcg::EV_IPL);
        line.data = to_bytes(std::string("grub_cmd: linux /vmlinuz-2 quiet\0", 33));
        line.measured = to_bytes(std::string("linux /vmlinuz-2 quiet"));
    }

    void update(void (*what)(EvidenceBuilder&)) {
        now += kRestart_s;
        for (auto& host : hosts_) {
            what(host);
            host.clock.clock_ms += static_cast<std::uint64_t>(kRestart_s) * 1000;
            reboot(host);
        }
        report_all();
    }
    void report_all() {
        tiers_.clear();
        warned_.clear();
        for (auto& host : hosts_) {
            const auto result = report(host);
            ++tiers_[result.tier];
            for (const auto& finding : result.findings)
                if (finding.tier != Tier::affirming) warned_.insert(finding.id);
        }
    }
    /// The next round of reports, in which nothing happens.
    void steady() {
        now += 300;
        for (auto& host : hosts_) host.clock.clock_ms += 300'000;
        report_all();
    }

    /// Of the newest results: how many findings of this id each group has.
    std::map<std::string, std::size_t> groups(const std::string& id) {
        const auto answer = get("/v1/findings?limit=1000&id=" + id + "&since=" + std::to_string(now));
        INFO(answer.body.substr(0, 2000));
        REQUIRE(answer.status == 200);
        std::map<std::string, std::size_t> out;
        for (const auto& row : json_of(answer)) ++out[row.at("group").get<std::string>()];
        return out;
    }
    /// After an update that was planned: no host is told of anything but that nobody watched while it
    /// started, as after each start, and in the next report of nothing at all.
    void expect_good() {
        CHECK(warned_ == std::set<std::string>{"journal.unobserved"});
        steady();
        CHECK(of(Tier::affirming) == hosts_.size());
    }
    [[nodiscard]] std::size_t of(Tier tier) const {
        const auto found = tiers_.find(tier);
        return found == tiers_.end() ? 0 : found->second;
    }
    void expect_one_group(const std::string& id) {
        const auto found = groups(id);
        INFO(id);
        REQUIRE(found.size() == 1);
        CHECK(found.begin()->second == hosts_.size());
    }
    void expect_none(std::initializer_list<const char*> ids) {
        for (const auto* id : ids) {
            INFO(id);
            CHECK(groups(id).empty());
        }
    }
    void expected_by_policy(const std::string& table) {
        policies().fallback() = must(Policy::from_toml(
            "test.toml",
            "name = \"test\"\nversion = 2\n"
            "required_sections = [\"boot-event-log\", \"pcrs\", \"smbios\", \"pci\", \"journal\"]\n"
            "pcr_selection = \"sha256:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\"\n"
            "challenge_lifetime_s = 120\nsecure_boot_required = true\nek_certificate_required = true\n" +
                table));
    }
    [[nodiscard]] const EvidenceBuilder& host(std::size_t number) const { return hosts_.at(number); }

  private:
    /// For all of them.
    void order(const json& changes) {
        std::vector<std::string> names;
        for (const auto& host : hosts_) names.push_back(host.host);
        give_order(names, names, changes);
    }

    std::vector<EvidenceBuilder> hosts_;
    std::map<Tier, std::size_t> tiers_;
    std::set<std::string> warned_;
};

}  // namespace

TEST_CASE("a fleet's new kernel that a reference set has is one line, and every host is good") {
    Fleet fleet;
    auto golden = fleet.host(0);
    Fleet::new_kernel(golden);
    auto set = captured(golden, {4, 8});
    set.name = "server 1 kernel";
    set.version = "2";
    auto old = captured(fleet.host(0), {4, 8});
    old.name = "server 1 kernel";
    auto sources = test_vendor_sources();
    const std::vector<vendors::ReferenceSet> sets{old, set};
    sources.references = {{"references/test.toml", vendors::to_toml(sets)}};
    fleet.vendors() = must(vendors::load(sources));
    fleet.update(Fleet::new_kernel);
    fleet.expect_one_group("change.planned");
    fleet.expect_none({"boot.changed", "boot.not_compared", "firmware.changed", "part.replaced"});
    fleet.expect_good();
    fleet.expect_none({"change.planned", "boot.changed"});  // it is told once
}

TEST_CASE("a fleet's new BIOS that the policy expects is one line, and every host is good") {
    Fleet fleet;
    fleet.expected_by_policy(
        "[[expected]]\nwhat = \"firmware\"\ncomponent = \"bios\"\nto = \"2.2\"\nuntil = 2026-12-31\n"
        "order = \"CHG-17\"\n");
    fleet.update(Fleet::new_bios);
    fleet.expect_one_group("change.planned");
    fleet.expect_none({"firmware.changed", "part.replaced"});
    fleet.expect_good();
}

TEST_CASE("a fleet's new BIOS that an order names is one line, and every host is good") {
    Fleet fleet(json::array({{{"what", "firmware"}, {"component", "bios"}, {"to", "2.2"}}}));
    fleet.update(Fleet::new_bios);
    CHECK(fleet.service().directory.read() == 1);  // not once for each host
    fleet.expect_one_group("change.planned");
    fleet.expect_none({"firmware.changed", "part.replaced"});
    fleet.expect_good();
}

TEST_CASE("an order for another version plans nothing") {
    Fleet fleet(json::array({{{"what", "firmware"}, {"component", "bios"}, {"to", "2.3"}}}), 30);
    fleet.update(Fleet::new_bios);
    fleet.expect_none({"change.planned"});
    fleet.expect_one_group("firmware.changed");
    CHECK(fleet.of(Tier::affirming) == 0);
}

TEST_CASE("a fleet's new BIOS that nobody planned is one line until a person has seen to it") {
    Fleet fleet;
    fleet.update(Fleet::new_bios_measured);
    fleet.expect_none({"change.planned", "part.replaced", "part.gone", "part.new"});
    fleet.expect_one_group("firmware.changed");
    const auto boot = fleet.groups("boot.changed");
    CHECK_FALSE(boot.empty());
    for (const auto& [group, hosts] : boot) CHECK(hosts == kHosts);
    CHECK(fleet.of(Tier::warning) == kHosts);
    for (int i = 0; i < 2; ++i) {  // told again, in the same groups
        fleet.steady();
        fleet.expect_one_group("firmware.changed");
        CHECK(fleet.groups("boot.changed") == boot);
        CHECK(fleet.of(Tier::warning) == kHosts);
    }

    const auto acknowledge = [&](const std::string& group) {
        std::size_t acknowledged = 0;
        json body{{"group", group}, {"reason", "the update of tonight, announced by mail only"}};
        for (bool more = true; more;) {
            const auto answer = fleet.post("/v1/acknowledgements", body, TestService::an_operator());
            INFO(answer.body.substr(0, 2000));
            REQUIRE(answer.status == 200);
            const auto read = json_of(answer);
            acknowledged += read.at("acknowledged").size();
            more = !read.at("next").is_null();
            if (more) body["after"] = read.at("next");
        }
        CHECK(acknowledged == kHosts);
    };
    acknowledge(fleet.groups("firmware.changed").begin()->first);
    for (const auto& [group, hosts] : boot) acknowledge(group);
    fleet.steady();
    fleet.expect_none({"firmware.changed", "boot.changed"});
    CHECK(fleet.of(Tier::affirming) == kHosts);
}
