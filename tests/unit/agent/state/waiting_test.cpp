#include "agent/state/waiting.h"

#include <fstream>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/support/machine/temp_folder.h"

using namespace assay;
using namespace assay::agent;

namespace {

const Waiting kNoServer{"configuration", "no verifier is named", "write server there", {}};
const Waiting kAway{"verifier", "https://v:1: nobody listens there", "", {}};

struct Teller {
    std::vector<std::string> logged, statuses;
    std::int64_t now = 1'796'083'200;
    WaitTeller waits{{[this](const std::string& text) { logged.push_back(text); },
                      [this](const std::string& text) { statuses.push_back(text); }, [this] { return now; }}};
};

}  // namespace

TEST_CASE("what is waited for is told once a change, however often it is tried") {
    const test::TempFolder folder;
    Teller teller;
    CHECK_FALSE(teller.waits.is_waiting());
    for (int i = 0; i < 100; ++i) teller.waits.tell(kNoServer, folder.path());
    CHECK(teller.waits.is_waiting());
    CHECK(teller.logged == std::vector<std::string>{"waiting: no verifier is named; write server there"});
    CHECK(teller.statuses == teller.logged);
    for (int i = 0; i < 100; ++i) teller.waits.tell(kAway, folder.path());
    REQUIRE(teller.logged.size() == 2);
    CHECK(teller.logged.back() == "waiting: https://v:1: nobody listens there");
    teller.waits.tell(kNoServer, folder.path());
    CHECK(teller.logged.size() == 3);
}

TEST_CASE("a connection that fails after another number of milliseconds is no news, another port is") {
    const auto away = [](const std::string& port, const std::string& how) {
        return Waiting{"verifier", "https://v:" + port + ": nobody listens there (" + how + ")", "", {}};
    };
    const auto first = away("8443", "Failed to connect to v port 8443 after 0 ms: Couldn't connect");
    CHECK(first.same_as(away("8443", "Failed to connect to v port 8443 after 1204 ms: Couldn't connect")));
    CHECK_FALSE(first.same_as(away("8444", "Failed to connect to v port 8444 after 0 ms: Couldn't connect")));
    const auto slow =
        away("8443", "Operation timed out after 30001 milliseconds with 0 out of 0 bytes received");
    CHECK(slow.same_as(
        away("8443", "Operation timed out after 30000 milliseconds with 17 out of 170 bytes received")));
    CHECK_FALSE(first.same_as(slow));
}

TEST_CASE("the doctor reads since when and for what, its owner's alone, until it is over") {
    const test::TempFolder folder;
    Teller teller;
    CHECK(load_waiting(folder.path()) == std::nullopt);
    teller.waits.tell(kNoServer, folder.path());
    teller.now += 60;
    teller.waits.tell(kNoServer, folder.path());  // the same: since the first time
    auto read = load_waiting(folder.path());
    REQUIRE(read);
    CHECK(read->same_as(kNoServer));
    CHECK(read->since == "2026-12-01T00:00:00Z");
    struct stat info{};
    REQUIRE(::stat((folder.path() / "waiting.json").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0600);
    teller.waits.end(folder.path());
    CHECK_FALSE(teller.waits.is_waiting());
    CHECK(load_waiting(folder.path()) == std::nullopt);
    teller.waits.tell(kNoServer, folder.path());  // again is news
    CHECK(teller.logged.size() == 2);
}

TEST_CASE("without a folder it is told all the same, and what is no waiting.json is nothing") {
    const test::TempFolder folder;
    Teller teller;
    teller.waits.tell(kNoServer, {});
    CHECK(teller.logged.size() == 1);
    for (const auto* text : {"", "{", "[]", "{\"kind\":1}", "{\"kind\":\"ca\"}"}) {
        std::ofstream(folder.path() / "waiting.json") << text;
        CHECK(load_waiting(folder.path()) == std::nullopt);
    }
}

TEST_CASE("hostile words of a verifier stay on one line") {
    CHECK(text_of({"enrolment", "a\nb\x1b[2J", "", {}}) == "a\\nb\\x1b[2J");
}
