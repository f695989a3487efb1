#include "agent/opened_machine.h"

#include <catch2/catch.hpp>

#include "agent/usb/journal/journal.h"
#include "agent/usb/watch_state.h"
#include "tests/support/machine/temp_folder.h"
#include "tests/unit/agent/usb/builder.h"

using namespace assay;
using namespace assay::agent;

TEST_CASE("an attestation beside the daemon tells its monitor's sign of life, and none where none writes") {
    const test::TempFolder folder;
    test::FakeHost host;
    host.files["/sys/kernel/uevent_seqnum"] = "1005\n";
    Settings settings;
    settings.state = folder.path();
    CHECK_FALSE(noted_heartbeat(settings, host));
    {
        const auto daemon = Journal::open(settings.journal_folder());
        REQUIRE(daemon);
        CHECK_FALSE(noted_heartbeat(settings, host));  // it has not looked yet
        REQUIRE(save_watch_state(settings.journal_folder(), {.boot_id = std::string(test::kBootId),
                                                             .boottime_ms = host.now.boottime_ms - 4000,
                                                             .wall_ms = host.now.wall_ms,
                                                             .uevent_sequence = 1004,
                                                             .diskseq = 9,
                                                             .started_ms = 7000,
                                                             .devnums = {std::byte{3}}}));
        CHECK(noted_heartbeat(settings, host) == Heartbeat{.seen = 1004,
                                                           .kernel = 1005,
                                                           .start_ms = 7000,
                                                           .idle_s = 4,
                                                           .diskseq = 9,
                                                           .devnums = {std::byte{3}}});
    }
    CHECK_FALSE(noted_heartbeat(settings, host));
}
