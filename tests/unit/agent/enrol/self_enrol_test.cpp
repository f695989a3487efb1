#include "agent/enrol/self_enrol.h"

#include <fstream>

#include <catch2/catch.hpp>

#include "agent/daemon.h"
#include "agent/state/host_identity.h"
#include "tests/support/machine/temp_folder.h"

using namespace assay;
using namespace assay::agent;
using namespace std::chrono_literals;

namespace {

Waiting reason(const Settings& settings) {
    const auto client = client_of(settings, "/etc/assay/agent.toml", nullptr);
    REQUIRE_FALSE(client);
    return client.error();
}

}  // namespace

TEST_CASE("what the configuration lacks is said one after the other, with the file to write it in") {
    const test::TempFolder folder;
    Settings settings;
    const auto no_server = reason(settings);
    CHECK(no_server.kind == "configuration");
    CHECK_THAT(no_server.what, Catch::Contains("expected `server` in /etc/assay/agent.toml"));
    CHECK_THAT(no_server.remedy, Catch::Contains("server = \"https://HOST:8443\""));
    settings.server = "https://localhost:1";
    const auto no_ca = reason(settings);
    CHECK(no_ca.kind == "ca");
    CHECK_THAT(no_ca.what, Catch::Contains("expected `ca` in /etc/assay/agent.toml"));
    settings.ca_file = folder.path() / "ca.pem";
    const auto absent = reason(settings);
    CHECK(absent.kind == "ca");
    CHECK_THAT(absent.what, Catch::Contains((folder.path() / "ca.pem").string() + " is not there"));
    std::ofstream(settings.ca_file) << "there\n";  // what is in it shows with the first connection
    CHECK(client_of(settings, "/etc/assay/agent.toml", nullptr));
}

TEST_CASE("a host enrols under the name of the settings, else under its own, and goes on with one cut off") {
    const test::TempFolder folder;
    Settings settings;
    settings.state = folder.path();
    if (const auto own = name_to_enrol(settings))
        CHECK(*own == machine_name());
    else
        CHECK(own.error().kind == "name");  // where the tests run has none of its own
    settings.name = "rack-7";
    CHECK(name_to_enrol(settings) == "rack-7");
    REQUIRE(save_host_identity(settings.state, {"rack-6", std::string(64, 'a'), "e1", "c2VjcmV0"}));
    CHECK(name_to_enrol(settings) == "rack-6");
    std::ofstream(settings.state / "host.json") << "{";
    const auto broken = name_to_enrol(settings);
    REQUIRE_FALSE(broken);
    CHECK(broken.error().kind == "enrolment");
    CHECK_THAT(broken.error().what, Catch::Contains("host.json"));
}

TEST_CASE("who is not admitted is told the digest to write down, and what to run") {
    Settings settings;
    CHECK_THAT(expected_to_admit({}, settings), Catch::Contains("or a token in /etc/assay/enrol-token"));
    CHECK_THAT(remedy_to_admit("rack-7"), Catch::Contains("assay hosts register --purchase FILE") &&
                                              Catch::Contains("assay token rack-7") &&
                                              Catch::Contains("assay hosts refusals --host rack-7"));
}

TEST_CASE("requests to be admitted come at 5 s, then more and more seldom, and never more than 5 min apart") {
    using namespace schedule;
    std::chrono::milliseconds before = 0ms;
    for (unsigned refusal = 1; refusal < 100; ++refusal) {
        const auto pause = pause_after(refusal, kLongestWait);
        CHECK(pause >= before);
        CHECK(jittered(pause, 0) >= 4500ms);
        CHECK(jittered(pause, 1) <= 330s);
        before = pause;
    }
    CHECK(before == kLongestWait);
}
