#include "verifier/service/setup/write_behind.h"

#include <chrono>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/store/attestations/unproven.h"
#include "verifier/service/store/hosts/admission.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

struct Fixture {
    TestService service;
    api::UnprovenCounter& counter = service.service().unproven;
    void count() {
        counter.count("web-1", true, "192.0.2.7", Unproven::signature,
                      static_cast<std::int64_t>(std::time(nullptr)));
    }
    std::int64_t written() {
        const auto rows = must(store::Unproven(service.store()).list({}));
        return rows.empty() ? 0 : rows[0].times;
    }
};

}  // namespace

TEST_CASE("counts are written at the end, also when no interval has passed") {
    Fixture world;
    {
        const setup::WriteBehind writes(world.counter, world.service.service().refusals,
                                        std::chrono::hours(1));
        world.count();
        store::Refusal refusal;
        refusal.host = "web-1";
        world.service.service().refusals.add(refusal, kStart);
        CHECK(world.written() == 0);
    }
    CHECK(world.written() == 1);
    CHECK(must(store::Refusals(world.service.store()).list({})).size() == 1);
}

TEST_CASE("counts are written after each interval, by nobody's request") {
    Fixture world;
    const setup::WriteBehind writes(world.counter, world.service.service().refusals,
                                    std::chrono::milliseconds(10));
    for (std::int64_t n = 1; n <= 2; ++n) {
        world.count();
        for (int i = 0; i < 500 && world.written() < n; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        CHECK(world.written() == n);
    }
}
