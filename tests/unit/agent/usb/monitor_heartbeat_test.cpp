#include <atomic>
#include <thread>

#include <sys/eventfd.h>

#include "agent/usb/watch_state.h"
#include "tests/unit/agent/usb/watched.h"

using namespace assay;
using namespace assay::agent;
using namespace assay::test;

namespace {

constexpr auto kSequence = "/sys/kernel/uevent_seqnum";

// A monitor in threads of its own, as in the service.
struct Running {
    explicit Running(Watched& watched)
        : reader([this, &watched] { CHECK(watched.source->run(stop.get())); }),
          worker([this, &watched] { CHECK(watched.monitor->run(stop.get())); }) {}
    ~Running() {
        eventfd_write(stop.get(), 1);
        reader.join();
        worker.join();
    }
    FileDescriptor stop{eventfd(0, EFD_CLOEXEC)};
    std::thread reader, worker;
};

}  // namespace

TEST_CASE("a monitor that runs looks before it gives a sign of life") {
    Watched watched;
    watched.host.files[kSequence] = "1000\n";
    watched.start();
    watched.host.now.boottime_ms += 250'000;
    const Running running(watched);
    const auto state = watched.monitor->state_after_a_look(10s);
    CHECK(state.boottime_ms == watched.host.now.boottime_ms);
    CHECK(state.started_ms == 60'000);
    CHECK(state.uevent_sequence == 1000);
    const auto beat = heartbeat_of(watched.host, state);
    REQUIRE(beat);
    CHECK_FALSE(beat->idle_s);
}

TEST_CASE("what has come when a sign of life is asked for is handled in it") {
    Watched watched;
    watched.start();
    const Running running(watched);
    for (std::uint64_t sequence = 1001; sequence < 1021; ++sequence) {
        watched.send("change", sequence);
        // The reader of the socket may be a moment behind; the look is not.
        std::uint64_t seen = 0;
        for (int i = 0; i < 500 && seen < sequence; ++i)
            seen = watched.monitor->state_after_a_look(10s).uevent_sequence;
        CHECK(seen == sequence);
    }
}

TEST_CASE("a monitor that does not come to look is not waited for longer than asked, and is told as idle") {
    Watched watched;
    watched.start();
    watched.host.now.boottime_ms += 901'999;
    const auto asked = std::chrono::steady_clock::now();
    const auto state = watched.monitor->state_after_a_look(50ms);
    CHECK(std::chrono::steady_clock::now() - asked >= 50ms);
    CHECK(state.boottime_ms == 60'000);
    const auto beat = heartbeat_of(watched.host, state);
    REQUIRE(beat);
    CHECK(beat->idle_s == 901);
}

TEST_CASE("a look that was under way is not taken for the one that was asked for") {
    Watched watched;
    watched.start();
    watched.step();
    const auto before = watched.host.now.boottime_ms;
    watched.host.now.boottime_ms += 5000;
    CHECK(watched.monitor->state_after_a_look(1ms).boottime_ms == before);
    watched.step();
    CHECK(watched.monitor->state_after_a_look(1ms).boottime_ms == before + 5000);
}

TEST_CASE("a sign of life leaves an idle monitor with nothing due") {
    Watched watched;
    watched.host.files[kSequence] = "1000\n";
    watched.start();
    static_cast<void>(watched.monitor->state_after_a_look(0ms));
    watched.step();
    CHECK_FALSE(watched.monitor->next_deadline());
}

TEST_CASE("a sign of life has the numbers that events and comparisons told, and keeps the highest") {
    Watched watched;
    watched.host.plug("1-3", 4);
    watched.start();
    const auto devnums = [&] { return watched.monitor->state_after_a_look(0ms).devnums; };
    CHECK(devnums() == Bytes{std::byte{4}});  // found at the start
    watched.send_numbered("add", 1001, "009");
    watched.step();
    CHECK(devnums() == Bytes{std::byte{9}});  // announced, not read yet
    watched.send_numbered("remove", 1002, "009");
    watched.step();
    CHECK(devnums() == Bytes{std::byte{9}});
    CHECK(load_watch_state(watched.folder.path() / "j")->devnums == devnums());
}

TEST_CASE("a monitor that starts again tells its own start, as its record has it") {
    Watched watched;
    watched.start();
    watched.host.now.boottime_ms += 40'000;
    watched.begin();
    watched.start();
    CHECK(watched.monitor->state_after_a_look(0ms).started_ms == 100'000);
    CHECK(watched.records().back().boottime_ms == 100'000);
    CHECK(load_watch_state(watched.folder.path() / "j")->started_ms == 100'000);
}

TEST_CASE("what a monitor of another boot noted is no sign of life") {
    Watched watched;
    watched.start();
    auto state = watched.monitor->state_after_a_look(0ms);
    REQUIRE(heartbeat_of(watched.host, state));
    state.boot_id = "11111111-89ab-cdef-0123-456789abcdef";
    CHECK_FALSE(heartbeat_of(watched.host, state));
}

TEST_CASE("a sign of life adds at most 80 bytes to the section clock") {
    ClockSection clock{1'790'000'000'000, 4'000'000'000, true, {}};
    const auto without = encode_clock_section(clock).size();
    clock.watch = Heartbeat{.seen = 4'000'000'000,  // of a host with containers that has run for months
                            .kernel = 4'000'000'000,
                            .start_ms = 4'000'000'000,
                            .diskseq = 40'000,
                            .devnums = Bytes(8, std::byte{9})};
    const auto encoded = encode_clock_section(clock);
    CHECK(encoded.size() - without <= 80);
    CHECK(decode_clock_section(encoded) == clock);
}
