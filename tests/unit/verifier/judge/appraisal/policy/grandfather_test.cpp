#include "verifier/judge/appraisal/policy/grandfather.h"

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"

using namespace assay;
using namespace assay::judge;
using vendors::Component;
using vendors::Namespace;

namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kBefore = 1'742'860'800;   // 2025-03-25
constexpr std::int64_t kExpires = 1'798'761'600;  // 2027-01-01

// A part that an exception covers; a test changes one thing.
struct Situation {
    HostComponent part{.kind = Component::drive,
                       .place = "nvme0",
                       .maker = {{Namespace::pci, "1bd4", "PCI id 1bd4:0001", ""}},
                       .model = "",
                       .serial = "S-1"};
    Basis basis = Basis::bound;
    std::vector<SeenComponent> seen{{"rack-7", "drive", {"pci 1bd4"}, "S-1", kBefore - 1}};
    std::int64_t now = test::kNow;

    [[nodiscard]] PartException judged() const {
        KnownHost known;
        known.name = "rack-7";
        known.seen = seen;
        return exception_for(part, {kBefore, kExpires}, basis, known, now);
    }
    [[nodiscard]] bool covers() const { return judged().covers; }
};

}  // namespace

TEST_CASE(
    "a part that signed evidence of this host had before the date is excepted, and it says until when") {
    const auto judged = Situation().judged();
    CHECK(judged.covers);
    CHECK(judged.why ==
          "excepted until 2027-01-01: this part was seen here on 2025-03-24, before 2025-03-25");
}

TEST_CASE("an exception ends with its day") {
    Situation late;
    late.now = kExpires - 1;
    CHECK(late.covers());
    late.now = kExpires;
    CHECK_FALSE(late.covers());
}

TEST_CASE("a part first seen on the date or later is not excepted") {
    Situation newer;
    newer.seen[0].first_seen = kBefore;
    CHECK_FALSE(newer.covers());
}

TEST_CASE("a replacement is not excepted, whatever else is the same") {
    Situation replaced;
    SECTION("another serial") {
        replaced.part.serial = "S-2";
    }
    SECTION("the same serial of another maker") {
        replaced.seen[0].maker = {"pci 8086"};
    }
    SECTION("the same serial of another kind of part") {
        replaced.seen[0].kind = "nic";
    }
    CHECK_FALSE(replaced.covers());
}

TEST_CASE("a part that was in another host is not excepted, also when it came back") {
    Situation moved;
    SECTION("moved here") {
        moved.seen[0].host = "rack-8";
    }
    SECTION("away and back") {
        moved.seen.push_back({"rack-8", "drive", {"pci 1bd4"}, "S-1", kBefore + kDay});
    }
    CHECK_FALSE(moved.covers());
    CHECK(moved.judged().why.find("rack-8") != std::string::npos);
}

TEST_CASE("a serial that cannot be read ends the exception") {
    Situation unreadable;
    unreadable.part.serial = GENERATE(as<std::string>(), "", "Not Specified", "--");
    unreadable.seen[0].serial = unreadable.part.serial;
    CHECK_FALSE(unreadable.covers());
}

TEST_CASE("evidence that nothing signed vouches for excepts nothing") {
    Situation unsigned_evidence;
    unsigned_evidence.basis = Basis::self_reported;
    CHECK_FALSE(unsigned_evidence.covers());
}

TEST_CASE("where no parts are known, nothing is excepted") {
    KnownHost known;
    known.name = "rack-7";
    CHECK_FALSE(exception_for(Situation().part, {kBefore, kExpires}, Basis::bound, known, test::kNow).covers);
    known.seen.emplace();
    CHECK_FALSE(exception_for(Situation().part, {kBefore, kExpires}, Basis::bound, known, test::kNow).covers);
}

TEST_CASE(
    "an excepted part is affirming with a finding that says so, and its replacement is contraindicated") {
    const auto file = [](const char* name, const char* text) { return vendors::SourceFile{name, text}; };
    auto denied = vendors::load(
        {{file("vendors/good.toml",
               "id = \"good\"\n[[names]]\nkind = \"legal\"\ntexts = [\"Good Systems\"]\nsource = \"test\"\n"
               "[[ids]]\nnamespace = \"pci\"\nvalues = [\"8086\"]\nsource = \"test\"\n"
               "[[ids]]\nnamespace = \"oui\"\nvalues = [\"A4BF01\"]\nsource = \"test\"\n"
               "[[ids]]\nnamespace = \"iana_pen\"\nvalues = [\"343\"]\nsource = \"test\"\n"
               "[[ids]]\nnamespace = \"tpm\"\nvalues = [\"IFX\"]\nsource = \"test\"\n"
               "[[ids]]\nnamespace = \"jep106\"\nvalues = [\"1:ce\"]\nsource = \"test\"\n"
               "[[ids]]\nnamespace = \"usb\"\nvalues = [\"046b\"]\nsource = \"test\"\n")},
         {},
         {file(
             "decisions/test.toml",
             "[[decisions]]\nentities = [\"good\"]\ndecision = \"allow\"\nreason = \"r\"\napprover = \"t\"\n"
             "[[decisions]]\nentities = [\"good\"]\ncomponent = \"drive\"\ndecision = \"deny\"\n"
             "reason = \"no more drives\"\napprover = \"t\"\n[decisions.grandfather]\n"
             "first_seen_before = 2025-03-25\nexpires = 2027-01-01\nsame_part_only = true\n")},
         {}});
    REQUIRE(denied.has_value());
    test::EvidenceBuilder host;
    host.known.seen.emplace();
    host.known.seen->push_back({"rack-7", "drive", {"pci 8086"}, "S-1", kBefore - kDay});
    auto made = host.build();
    made.vendors = &*denied;
    const auto excepted = made.appraise().result;
    CHECK(excepted.tier == Tier::affirming);
    REQUIRE(excepted.findings.size() == 1);
    CHECK(excepted.findings[0].id == "vendor.excepted");
    CHECK(excepted.findings[0].actual.find("excepted until 2027-01-01") != std::string::npos);

    host.drives.front().serial = "S-2";
    auto replaced = host.build();
    replaced.vendors = &*denied;
    const auto result = replaced.appraise().result;
    CHECK(result.tier == Tier::contraindicated);
    REQUIRE(result.findings.size() == 1);
    CHECK(result.findings[0].id == "vendor.unapproved");
}
