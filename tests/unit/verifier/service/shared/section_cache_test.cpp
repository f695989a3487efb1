#include "verifier/service/shared/section_cache.h"

#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include "tests/unit/verifier/service/api/test_service.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::api;
using namespace assay::test;

namespace {

std::shared_ptr<const HeldSection> section(std::uint8_t which, std::size_t size = 100) {
    return std::make_shared<const HeldSection>(Bytes(size, std::byte{which}));
}

}  // namespace

TEST_CASE("a section is found by its digest") {
    SectionCache cache;
    const auto one = section(1);
    CHECK(cache.find(one->digest()) == nullptr);
    cache.add(one);
    CHECK(cache.find(one->digest()) == one);
    CHECK(cache.find(section(2)->digest()) == nullptr);
    cache.clear();
    CHECK(cache.find(one->digest()) == nullptr);
    CHECK(cache.bytes() == 0);
}

TEST_CASE("sections take no more than their bound, and the oldest go first") {
    SectionCache cache(1000);
    for (std::uint8_t i = 0; i < 50; ++i) {
        cache.add(section(i));
        cache.add(section(i));  // the same again is one
        CHECK(cache.bytes() <= 1000);
    }
    CHECK(cache.bytes() == 1000);
    CHECK(cache.find(section(39)->digest()) == nullptr);
    CHECK(cache.find(section(40)->digest()) != nullptr);
    CHECK(cache.find(section(49)->digest()) != nullptr);
}

TEST_CASE("one large section does not drive out all others") {
    SectionCache cache(1000);
    cache.add(section(1));
    cache.add(section(2, 900));
    CHECK(cache.find(section(1)->digest()) != nullptr);
    CHECK(cache.find(section(2, 900)->digest()) == nullptr);
}

TEST_CASE("many threads find and add sections, and no more than the bound stays") {
    SectionCache cache(1000);
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&cache] {
                for (int i = 0; i < 2000; ++i) {
                    const auto one = section(static_cast<std::uint8_t>(i % 30));
                    cache.add(one);
                    if (const auto found = cache.find(one->digest())) {
                        if (found->bytes() != one->bytes()) std::abort();
                    }
                }
            });
        }
    }
    CHECK(cache.bytes() <= 1000);
}

TEST_CASE("what a host holds is fetched once, and judged by its digest, whatever the database says later") {
    TestService service;
    service.enrol("web-1");
    // One of them is too large to stand in the row of a report.
    const TestService::Sections sent{{"pci", Bytes(5000, std::byte{7})},
                                     {"smbios", to_bytes("smbios bytes")}};
    const auto report = [&](bool named_only) {
        auto evidence = TestService::evidence("web-1", service.challenge(), sent);
        if (named_only) evidence.sections.clear();
        return service.prove("web-1", service.proof("web-1", evidence));
    };
    REQUIRE(report(false).status == 200);
    REQUIRE(report(true).status == 200);
    CHECK(service.last_sections == sent);

    sqlite3* connection = nullptr;
    REQUIRE(sqlite3_open(service.file().c_str(), &connection) == SQLITE_OK);
    REQUIRE(sqlite3_exec(connection, "UPDATE sections SET bytes = zeroblob(5000) WHERE length(bytes) = 5000",
                         nullptr, nullptr, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_close(connection) == SQLITE_OK);
    REQUIRE(report(true).status == 200);
    CHECK(service.last_sections == sent);

    // Read anew it is not what its digest says: it is wanted again, and never judged.
    service.service().sections.clear();
    const auto answer = report(true);
    REQUIRE(answer.status == 202);
    CHECK(json_of(answer).at("wanted") == nlohmann::json::array({"pci"}));
}
