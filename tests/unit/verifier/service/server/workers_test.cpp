#include "verifier/service/server/workers.h"

#include <atomic>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include <catch2/catch.hpp>

using namespace assay;
using namespace assay::server;

namespace {

/// Two workers and the quick one. What is held ends when the crew is released.
class Crew {
  public:
    explicit Crew(const ServerLimits& limits = {}) : workers_(std::in_place, limits, 1, metrics_) {}
    ~Crew() { release(); }
    void submit(Lane lane, Workers::Work work, const std::string& source = "a") {
        workers_->submit(lane, source, std::move(work),
                         [this](bool accepted) { ++(accepted ? done : refused); });
    }
    void hold(Lane lane, const std::string& source = "a") {
        const auto before = begun.load();
        submit(
            lane,
            [this, released = released_] {
                ++begun;
                released.wait();
            },
            source);
        while (begun == before) std::this_thread::yield();
    }
    void release() {
        if (!is_released_) release_.set_value();
        is_released_ = true;
    }
    void end() { workers_.reset(); }

    std::atomic<int> begun = 0, done = 0, refused = 0;

  private:
    std::promise<void> release_;
    std::shared_future<void> released_{release_.get_future().share()};
    bool is_released_ = false;
    api::Metrics metrics_;
    std::optional<Workers> workers_;
};

void until(const std::atomic<int>& count, int value) {
    while (count != value) std::this_thread::yield();
}

}  // namespace

TEST_CASE("what runs when the workers end is finished, what waits is dropped") {
    Crew crew;
    crew.hold(Lane::small);
    crew.hold(Lane::small);
    bool ran = false;
    crew.submit(Lane::small, [&] { ran = true; });
    std::jthread releases([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        crew.release();
    });
    crew.end();
    REQUIRE(crew.done == (ran ? 3 : 2));
}

TEST_CASE("the lanes take turns") {
    Crew crew;
    crew.hold(Lane::operators, "");
    crew.hold(Lane::small);
    std::mutex mutex;
    std::string order;
    const auto note = [&](char who) {
        return [&, who] {
            const std::scoped_lock lock(mutex);
            order += who;
        };
    };
    for (int i = 0; i < 6; ++i) crew.submit(Lane::small, note('s'));
    for (int i = 0; i < 6; ++i) crew.submit(Lane::operators, note('o'), "");
    crew.release();
    until(crew.done, 14);
    // Either thread may be late in noting what it took: two places, and the lanes are even otherwise.
    for (const char who : {'s', 'o'}) REQUIRE(order.substr(0, 4).find(who) != std::string::npos);
}

TEST_CASE("an exception in the work ends neither the worker nor the waiting") {
    Crew crew;
    for (int i = 0; i < 5; ++i) crew.submit(Lane::small, [] { throw std::runtime_error("a fault"); });
    until(crew.done, 5);
    crew.submit(Lane::small, [] {});
    until(crew.done, 6);
}

TEST_CASE("each lane has its bound; who is an operator is never refused") {
    ServerLimits limits;
    limits.queue = 2;
    limits.large_queue = 1;
    Crew crew(limits);
    crew.hold(Lane::small);
    crew.hold(Lane::small);
    for (int i = 0; i < 5; ++i) crew.submit(Lane::small, [] {});
    REQUIRE(crew.refused == 3);
    for (int i = 0; i < 5; ++i) crew.submit(Lane::large, [] {});
    REQUIRE(crew.refused == 7);
    for (int i = 0; i < 100; ++i) crew.submit(Lane::operators, [] {}, "");
    REQUIRE(crew.refused == 7);
    crew.release();
    until(crew.done, 105);
}
