#include "agent/commands/doctor.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "agent/devices/recording.h"
#include "evidence/base/cause.h"
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
