#include "agent/commands/doctor.h"

#include <algorithm>
#include <fstream>

#include <catch2/catch.hpp>

#include "agent/devices/recording.h"
#include "agent/state/activation.h"
#include "agent/state/host_identity.h"
#include "agent/state/waiting.h"
#include "agent/usb/journal/journal.h"
#include "evidence/base/cause.h"
#include "tests/support/builders/token_builder.h"
#include "tests/support/machine/temp_folder.h"
#include "tests/support/machine/value.h"

using namespace assay;
using namespace assay::agent;

namespace {

// The doctor's word on `what` of a recorded machine that answers for nothing but its clock.
Ailment told_of(const std::string& what, const std::string& clock_state) {
    const test::TempFolder folder;
    Recording recording;
    recording.calls[{"clock", ""}] = std::vector<std::string>{"1795948268744", "34314", clock_state};
    REQUIRE(save_recording(recording, folder.path() / "recorded"));
    Settings settings;
    settings.recorded = folder.path() / "recorded";
    settings.state = folder.path() / "state";
    const auto ailments = test::value(examine(settings));
    const auto found = std::ranges::find(ailments, what, &Ailment::what);
    REQUIRE(found != ailments.end());
    return *found;
}

}  // namespace

TEST_CASE("a clock that no time source disciplines is told with its remedy, one that is kept is good") {
    const auto& row = cause_row(Cause::clock_undisciplined);
    const auto free = told_of("clock", "unsynchronised");
    CHECK(free.state == Ailment::State::partial);
    CHECK(free.detail == row.what);
    CHECK(free.remedy == row.remedy);
    CHECK(told_of("clock", "synchronised").state == Ailment::State::good);
}

TEST_CASE(
    "an enrolled host without the verifier's statement is told how it gets one, and until when it holds") {
    const test::TempFolder folder;
    const auto recorded = folder.path() / "recorded";
    REQUIRE(save_recording(Recording(), recorded));
    Settings settings;
    settings.recorded = recorded;
    settings.state = folder.path() / "state";
    REQUIRE(save_host_identity(settings.state, {"rack-7", std::string(64, 'a'), "", ""}));
    const auto told = [&] {
        const auto ailments = test::value(examine(settings));
        const auto found = std::ranges::find(ailments, std::string("offline proof"), &Ailment::what);
        REQUIRE(found != ailments.end());
        return *found;
    };
    const auto none = told();
    CHECK(none.state == Ailment::State::partial);
    CHECK_THAT(none.remedy, Catch::StartsWith("assay-agent attest"));
    ActivationStatement statement{"rack-7",       {}, {}, "assay 0.1.0", 1'790'000'000, 1'790'000'000,
                                  253'402'300'799};
    remember_activation(settings.state, test::unsigned_token(activation_claims(statement)), "rack-7", {});
    CHECK(told().state == Ailment::State::partial);  // about other keys: nothing is kept
    statement.ak = statement.ek = sha256({});
    remember_activation(settings.state, test::unsigned_token(activation_claims(statement)), "rack-7", {});
    CHECK(told().state == Ailment::State::good);
    statement.activated_at = statement.issued_at = 1'000'000'000;
    statement.expires_at = 1'000'000'001;
    remember_activation(settings.state, test::unsigned_token(activation_claims(statement)), "rack-7", {});
    CHECK_THAT(told().detail, Catch::Contains("expired"));
}

TEST_CASE("no remedy of the doctor sends a person back to the reason") {
    for (const auto* section : {"tpm", "pci", "journal", "nothing"}) {
        for (const auto code : {ErrorCode::io, ErrorCode::refused, ErrorCode::not_found, ErrorCode::tpm})
            CHECK_FALSE(remedy_for(section, code).contains("see the reason"));
    }
}

TEST_CASE("without a configured server the doctor says what to set") {
    const auto server = told_of("server", "synchronised");
    CHECK(server.state == Ailment::State::broken);
    CHECK_THAT(server.remedy, Catch::Contains("agent.toml"));
}

TEST_CASE("a host that is not enrolled is told what the service waits for, as long as the service runs") {
    const test::TempFolder folder;
    REQUIRE(save_recording(Recording(), folder.path() / "recorded"));
    Settings settings;
    settings.recorded = folder.path() / "recorded";
    settings.state = folder.path() / "state";
    settings.enrol_token_file = folder.path() / "enrol-token";
    settings.name = "rack-7";
    const auto told = [&](const std::string& what) -> std::optional<Ailment> {
        const auto ailments = test::value(examine(settings));
        const auto found = std::ranges::find(ailments, what, &Ailment::what);
        return found == ailments.end() ? std::nullopt : std::optional(*found);
    };
    const auto alone = told("enrolment");
    REQUIRE(alone);
    CHECK(alone->state == Ailment::State::broken);
    CHECK_THAT(alone->detail, Catch::StartsWith("not enrolled as 'rack-7'"));
    CHECK_THAT(alone->remedy, Catch::Contains("assay token rack-7"));
    CHECK_FALSE(told("token"));

    WaitTeller waits({[](const std::string&) {}, [](const std::string&) {}, [] { return 1'796'083'200; }});
    waits.tell({"verifier", "https://v:1: nobody listens there", "start it", {}}, settings.state);
    CHECK(told("enrolment")->detail == alone->detail);  // what a service that was killed left
    {
        const auto service = test::value(Journal::open(settings.journal_folder()));
        const auto waiting = told("enrolment");
        CHECK(
            waiting->detail ==
            "not enrolled; the service waits since 2026-12-01T00:00:00Z: https://v:1: nobody listens there");
        CHECK(waiting->remedy == "start it");
    }
    std::ofstream(settings.enrol_token_file) << "abc\n";
    std::filesystem::permissions(settings.enrol_token_file, std::filesystem::perms(0644));
    const auto token = told("token");
    REQUIRE(token);
    CHECK_THAT(token->detail, Catch::Contains("expected mode 0600"));
}
