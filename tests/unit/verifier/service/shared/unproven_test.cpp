#include "verifier/service/shared/unproven.h"

#include <filesystem>
#include <thread>

#include <catch2/catch.hpp>

#include "evidence/base/fault.h"
#include "evidence/base/rfc3339.h"
#include "tests/support/machine/skip.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/store/attestations/unproven.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/hosts/hosts.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::api;
using namespace assay::test;

namespace {

constexpr const char* kStranger = "203.0.113.66";

struct Fixture {
    TestService service;
    UnprovenCounter& counter = service.service().unproven;
    Fixture() { service.enrol("web-1"); }

    nlohmann::json listed(const std::string& query = "") {
        const auto response = service.get("/v1/unproven" + query);
        REQUIRE(response.status == 200);
        return json_of(response);
    }
    Evidence evidence() {
        return TestService::evidence("web-1", service.challenge("web-1"), {{"pci", to_bytes("pci bytes")}});
    }
    void count(std::string_view source, Unproven reason = Unproven::signature,
               std::string_view host = "web-1") {
        counter.count(host, true, source, reason, service.now);
    }
};

/// Size of the database, with what its log still holds.
std::int64_t pages(const std::filesystem::path& file) {
    auto handle = must(store::Database::open("sqlite:" + file.string()));
    return must(handle->read([](soci::session& sql) -> Result<std::int64_t> {
        std::int64_t count = 0;
        sql << "PRAGMA page_count", soci::into(count);
        return count;
    }));
}

}  // namespace

TEST_CASE(
    "evidence whose proof failed is counted by host, address and reason, and nothing else of it is kept") {
    Fixture world;
    auto& service = world.service;
    auto evidence = world.evidence();
    REQUIRE(service.submit("web-1", evidence).status == 200);
    CHECK(world.listed().empty());  // the honest twin
    service.source = kStranger;
    service.submit("web-1", evidence);
    auto invented = evidence;
    invented.nonce = Bytes(kNonceSize, std::byte{0x42});
    service.submit("web-1", invented);
    service.submit("web-1", invented);
    service.submit("web-0", evidence);
    service.source = "2001:db8:1:2:3:4:5:6";
    service.call(Verb::post, "/v1/hosts/web-1/evidence", "garbage", {}, "application/cbor");
    std::map<std::string, nlohmann::json> rows;
    for (const auto& row : world.listed())
        rows[row.at("host").get<std::string>() + " " + row.at("reason").get<std::string>()] = row;
    REQUIRE(rows.size() == 4);
    CHECK(rows["web-1 replayed"].at("source") == kStranger);
    CHECK(rows["web-1 nonce"].at("times") == 2);
    CHECK(rows["web-1 nonce"].at("first_at") == rfc3339_text(service.now));
    CHECK(rows["web-1 malformed"].at("source") == "2001:db8:1:2::/64");
    CHECK(rows[" host"].at("source") == kStranger);
    CHECK(world.listed("?host=web-1").size() == 3);
    CHECK(world.listed("?since=" + std::to_string(service.now + 1)).empty());
    CHECK(service.get("/v1/unproven", {}).status == 403);
    CHECK(service.get("/metrics").body.find("assay_evidence_unproven_total{reason=\"nonce\"} 2") !=
          std::string::npos);
    CHECK(service.get("/metrics").body.find("assay_evidence_unproven_total{reason=\"binding\"} 0") !=
          std::string::npos);
}

TEST_CASE(
    "what another key signed in a host's name is a finding beside its results, and told to the next one") {
    Fixture world;
    auto& service = world.service;
    REQUIRE(service.submit("web-1", world.evidence()).status == 200);
    CHECK(service.last_unproven == std::vector<std::string>{});
    CHECK(json_of(service.get("/v1/hosts/web-1")).at("unproven").is_null());

    auto forged = world.evidence();
    const auto stranger = fresh_key(Key::p256);
    TestService::sign(forged, stranger.get());
    service.source = kStranger;
    REQUIRE(service.submit("web-1", forged).status == 403);
    service.source = "192.0.2.7";
    const auto on_the_page = json_of(service.get("/v1/hosts/web-1")).at("unproven");
    REQUIRE(on_the_page.is_object());
    CHECK(on_the_page.at("id") == "host.unproven_evidence");
    CHECK(on_the_page.at("tier") == "warning");
    CHECK(on_the_page.at("actual").get<std::string>().find(kStranger) != std::string::npos);
    const auto found = json_of(service.get("/v1/findings?id=host.unproven_evidence"));
    REQUIRE(found.size() == 1);
    CHECK(found[0].at("host") == "web-1");
    CHECK(found[0].at("result_id") == "");

    REQUIRE(service.submit("web-1", world.evidence()).status == 200);
    CHECK(service.last_unproven == std::vector<std::string>{"signature"});
    service.now += kUnprovenLately_s + 1;
    REQUIRE(service.submit("web-1", world.evidence()).status == 200);
    CHECK(service.last_unproven == std::vector<std::string>{});
    CHECK(json_of(service.get("/v1/hosts/web-1")).at("unproven").is_null());
}

TEST_CASE("what a restarted agent may send once more is counted and is no finding") {
    Fixture world;
    for (const auto reason : {Unproven::nonce, Unproven::replayed, Unproven::malformed})
        world.count("192.0.2.7", reason);
    CHECK(world.listed().size() == 3);
    CHECK(json_of(world.service.get("/v1/findings?id=host.unproven_evidence")).empty());
    CHECK(json_of(world.service.get("/v1/hosts/web-1")).at("unproven").is_null());
    const auto host = *store::Hosts(world.service.store()).find("web-1");
    CHECK(unproven_of(world.service.store(), world.counter, host, world.service.now)->empty());
    // The honest twin of the rule: a wrong binding is one.
    world.count("192.0.2.7", Unproven::binding);
    CHECK(unproven_of(world.service.store(), world.counter, host, world.service.now) ==
          std::vector<std::string>{"binding"});
}

TEST_CASE("what came before the host's TPM was exchanged is not told of the new one") {
    Fixture world;
    world.count("192.0.2.7");
    const auto now = world.service.now + 60;
    CHECK(unproven_of(world.service.store(), world.counter,
                      *store::Hosts(world.service.store()).find("web-1"), now)
              ->size() == 1);
    REQUIRE(world.counter.flush(now));
    auto host = *store::Hosts(world.service.store()).find("web-1");
    CHECK(unproven_of(world.service.store(), world.counter, host, now)->size() == 1);
    host.known.replaced = ReplacedTpm{world.service.now + 30, "otto", "WO-1", std::string(64, 'e')};
    CHECK(unproven_of(world.service.store(), world.counter, host, now)->empty());
}

TEST_CASE("an address is counted as it is written by us, and no text of a client becomes a key") {
    Fixture world;
    for (const auto* text : {"192.0.2.7", "::ffff:192.0.2.7", "::ffff:c000:207"}) world.count(text);
    for (const auto* text : {"2001:db8::1", "2001:0DB8:0::ffff"}) world.count(text);
    const std::string long_text(1000, '1');
    for (const auto& text : {std::string(), std::string("192.0.2.7\n"), std::string("\"} 1\nassay_x{a=\""),
                             std::string("192.0.2.256"), long_text, std::string("2001:db8::1%eth0")})
        world.count(text);
    const auto hostile = std::string("web-1\"} 1\n") + long_text;
    world.counter.count(hostile, false, "192.0.2.9", Unproven::host, world.service.now);
    std::map<std::string, int> times;
    for (const auto& row : world.listed())
        times[row.at("host").get<std::string>() + "|" + row.at("source").get<std::string>()] =
            row.at("times");
    CHECK(times ==
          std::map<std::string, int>{
              {"web-1|192.0.2.7", 3}, {"web-1|2001:db8::/64", 2}, {"web-1|others", 6}, {"|192.0.2.9", 1}});
    CHECK(world.service.get("/metrics").body.find("assay_x") == std::string::npos);
}

TEST_CASE("100,000 strangers leave the size of the database as it was after the first of them") {
    Fixture world;
    const auto spray = [&](int from, int to) {
        for (int i = from; i < to; ++i) {
            const auto source = std::to_string(i % 223 + 1) + ".0.0.1";
            world.counter.count(i % 3 == 0 ? "web-1" : "name-" + std::to_string(i), i % 3 == 0, source,
                                static_cast<Unproven>(i % 6), world.service.now + i / 1000);
            if (i % 1000 == 999) REQUIRE(world.counter.flush(world.service.now + i / 1000));
        }
    };
    const auto rows = [&] { return world.listed().size(); };
    spray(0, 10'000);
    const auto rows_before = rows();
    const auto pages_before = pages(world.service.file());
    spray(10'000, 100'000);
    CHECK(rows() == rows_before);
    CHECK(rows() <= 2 * 6 * (store::kUnprovenSources + 1));
    constexpr std::int64_t kLongerNumbers = 4;
    CHECK(pages(world.service.file()) <= pages_before + kLongerNumbers);
    std::int64_t times = 0;
    for (const auto& row : world.listed()) times += row.at("times").get<std::int64_t>();
    CHECK(times == 100'000);
}

TEST_CASE("between two writes the counter holds so many lines, and loses no count") {
    Fixture world;
    constexpr int kHosts = 3000;
    for (int i = 0; i < kHosts; ++i)
        world.count("192.0.2.7", Unproven::signature, "web-" + std::to_string(i));
    REQUIRE(world.counter.flush(world.service.now));
    const auto rows = store::Unproven(world.service.store()).list({}).value();
    CHECK(rows.size() <= UnprovenCounter::kMostPending + 6);
    std::int64_t times = 0;
    for (const auto& row : rows) times += row.times;
    CHECK(times == kHosts);
}

TEST_CASE("counts that could not be written are written the next time") {
    if (!fault::built_in()) ASSAY_SKIP("this build has no fault points (ASSAY_FAULTS)");
    Fixture world;
    world.count("192.0.2.7");
    fault::arm(0, "store: before the commit");
    const auto failed = world.counter.flush(world.service.now);
    REQUIRE(fault::disarm().failed);
    CHECK_FALSE(failed);
    world.count("192.0.2.7");
    REQUIRE(world.counter.flush(world.service.now));
    CHECK(store::Unproven(world.service.store()).list({})->front().times == 2);
}

TEST_CASE("threads that count at once lose nothing") {
    Fixture world;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 500; ++n) world.count("192.0.2.7");
                (void)world.counter.flush(world.service.now);
            });
        }
    }
    CHECK(world.listed()[0].at("times") == 2000);
}
