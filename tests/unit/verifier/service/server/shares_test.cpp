#include <list>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/server/test_server.h"
#include "verifier/service/store/operators.h"

using namespace assay;
using namespace assay::test;

namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

/// Sent whole; what is in it is no JSON.
std::string large_request() {
    return post("/v1/enrolments", std::string(300 * kKiB, 'x'));
}

bool is_busy(const std::string& answer) {
    return has_status(answer, 503) && answer.find("Retry-After: ") != std::string::npos;
}

/// Sends so much of a body of 1 MiB, and no more.
void begin_body(Client& client, std::size_t sent) {
    client.send(post("/v1/enrolments", std::string(sent, ' '), kMiB));
}

bool waiting(TestServer& server, int requests) {
    const auto line = "assay_queue_length{lane=\"small\"} " + std::to_string(requests) + "\n";
    return server.service.service().metrics.text().find(line) != std::string::npos;
}

std::string asked(const TestServer& server, const std::string& request, const char* from = "127.0.0.1",
                  const setup::Credentials* credentials = nullptr) {
    Client client(server, credentials, TLS1_3_VERSION, from);
    return client.ask(request);
}

}  // namespace

TEST_CASE("a body is charged by what has come of it, not by what it claims") {
    auto limits = TestServer::quick();
    limits.bodies = kMiB;
    const TestServer server(limits);
    std::list<Client> claiming;
    for (int i = 0; i < 17; ++i) begin_body(claiming.emplace_back(server), 1);
    for (auto& client : claiming) REQUIRE_FALSE(client.failure);
    REQUIRE(has_status(asked(server, large_request()), 400));
}

TEST_CASE(
    "where strangers' bodies have filled their share, large ones are told to come again, small ones served") {
    auto limits = TestServer::quick();
    limits.bodies = 256 * kKiB;
    TestServer server(limits);
    const auto leaf = must(setup::issue_operator(server.authority, "otto", now()));
    REQUIRE(store::Operators(server.service.store())
                .add({must(setup::certificate_sha256(leaf.certificate)), "otto", "operator", now(), 0},
                     "local:root"));
    REQUIRE_FALSE(is_busy(asked(server, post("/v1/enrolments", std::string(100 * kKiB, 'x')))));
    {
        Client filling(server);
        begin_body(filling, 200 * kKiB);
        REQUIRE(eventually([&] { return is_busy(asked(server, large_request())); }));
        REQUIRE(has_status(asked(server, post("/v1/enrolments", std::string(60 * kKiB, 'x'))), 400));
        REQUIRE(has_status(asked(server, get("/healthz")), 200));
        // An operator's body is none of the strangers' share.
        REQUIRE(has_status(
            asked(server, post("/v1/tokens", std::string(300 * kKiB, 'x')), "127.0.0.1", &leaf), 400));
    }
    REQUIRE(eventually(
        [&] { return !is_busy(asked(server, post("/v1/enrolments", std::string(200 * kKiB, 'x')))); }));
}

TEST_CASE("one address's bodies leave the others their part") {
    auto limits = TestServer::quick();
    limits.bodies_per_address = 256 * kKiB;
    const TestServer server(limits);
    Client filling(server, nullptr, TLS1_3_VERSION, "127.0.0.2");
    begin_body(filling, 200 * kKiB);
    REQUIRE(eventually([&] { return is_busy(asked(server, large_request(), "127.0.0.2")); }));
    REQUIRE(
        has_status(asked(server, post("/v1/enrolments", std::string(200 * kKiB, 'x')), "127.0.0.3"), 400));
}

TEST_CASE("a body may take as long as it keeps coming, and no longer") {
    auto limits = TestServer::quick();
    limits.body_time = std::chrono::milliseconds(400);
    limits.body_rate = 100 * kKiB;
    const TestServer server(limits);
    Client steady(server);
    begin_body(steady, 0);
    for (int i = 0; i < 16; ++i) {
        steady.send(std::string(64 * kKiB, ' '));
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    REQUIRE(has_status(steady.read_one(), 400));
    // The same length claimed buys nothing: 1 MiB at that rate would be ten seconds.
    const auto start = std::chrono::steady_clock::now();
    Client silent(server);
    begin_body(silent, 10);
    REQUIRE(silent.read_all().empty());
    REQUIRE(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("what is quick is answered while every worker is at work") {
    TestServer server(TestServer::quick(), TestServer::Work::waits);
    std::list<Client> working;
    for (int i = 0; i < 4; ++i) working.emplace_back(server).send(request_that_waits());
    REQUIRE(eventually([&] { return server.gate.waiting() == 2; }));
    for (int i = 0; i < 10; ++i) REQUIRE(has_status(asked(server, get("/healthz")), 200));
    REQUIRE(server.gate.waiting() == 2);
    server.gate.open();
    for (auto& client : working) REQUIRE(has_status(client.read_one(), 403));
}

TEST_CASE("what only looks at memory waits for no other thread") {
    TestServer server;
    const auto waited = [&] {
        const std::string line = "assay_queue_wait_seconds_count{lane=\"quick\"} ";
        const auto text = server.service.service().metrics.text();
        return text.at(text.find(line) + line.size());
    };
    REQUIRE(has_status(asked(server, get("/v1/keys")), 200));
    REQUIRE(waited() == '0');
    REQUIRE(has_status(asked(server, get("/healthz")), 200));
    REQUIRE(waited() == '1');
}

TEST_CASE("large bodies never hold every worker") {
    TestServer server(TestServer::quick(), TestServer::Work::waits);
    std::list<Client> working;
    for (int i = 0; i < 3; ++i) working.emplace_back(server).send(request_that_waits(100 * kKiB));
    REQUIRE(eventually([&] { return server.gate.waiting() == 1; }));
    for (int i = 0; i < 10; ++i) REQUIRE(has_status(asked(server, post("/v1/enrolments", "{}")), 400));
    REQUIRE(server.gate.waiting() == 1);
    server.gate.open();
    for (auto& client : working) REQUIRE(has_status(client.read_one(), 403));
}

TEST_CASE("where too many wait for a worker, the next is told at once to come again") {
    auto limits = TestServer::quick();
    limits.queue = 1;
    TestServer server(limits, TestServer::Work::waits);
    std::list<Client> working;
    for (int i = 1; i <= 2; ++i) {  // one after the other: until a worker has taken it, it waits
        working.emplace_back(server).send(request_that_waits());
        REQUIRE(eventually([&] { return server.gate.waiting() == i; }));
    }
    working.emplace_back(server).send(request_that_waits());
    REQUIRE(eventually([&] { return waiting(server, 1); }));
    Client last(server);
    REQUIRE(is_busy(last.ask(post("/v1/enrolments", "{}"))));
    server.gate.open();
    for (auto& client : working) REQUIRE(has_status(client.read_one(), 403));
    REQUIRE(has_status(last.ask(post("/v1/enrolments", "{}")), 400));  // on the connection that it had
}

TEST_CASE("one address's requests leave others room to wait") {
    auto limits = TestServer::quick();
    limits.queue_per_address = 3;
    TestServer server(limits, TestServer::Work::waits);
    std::list<Client> working;
    for (int i = 0; i < 3; ++i) {
        working.emplace_back(server, nullptr, TLS1_3_VERSION, "127.0.0.2").send(request_that_waits());
    }
    REQUIRE(eventually([&] { return server.gate.waiting() == 2 && waiting(server, 1); }));
    REQUIRE(is_busy(asked(server, post("/v1/enrolments", "{}"), "127.0.0.2")));
    Client other(server, nullptr, TLS1_3_VERSION, "127.0.0.3");
    other.send(post("/v1/enrolments", "{}"));
    server.gate.open();
    REQUIRE(has_status(other.read_one(), 400));
}

TEST_CASE("who is being worked for is neither late nor evicted") {
    auto limits = TestServer::quick();
    limits.connections = 1;
    limits.handshake = limits.idle = limits.header_time = limits.body_time = std::chrono::milliseconds(300);
    TestServer server(limits, TestServer::Work::waits);
    Client working(server);
    working.send(request_that_waits());
    REQUIRE(eventually([&] { return server.gate.waiting() == 1; }));
    REQUIRE(Client(server).failure);
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    server.gate.open();
    REQUIRE(has_status(working.read_one(), 403));
}
