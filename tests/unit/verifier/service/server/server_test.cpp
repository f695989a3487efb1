#include <catch2/catch.hpp>
#include <sys/resource.h>

#include "tests/unit/verifier/service/server/test_server.h"
#include "verifier/service/store/operators.h"

using namespace assay;
using namespace assay::test;

TEST_CASE("the service answers over TLS 1.3, several requests on one connection") {
    const TestServer server;
    Client client(server);
    REQUIRE_FALSE(client.failure);
    for (int i = 0; i < 3; ++i) REQUIRE(has_status(client.ask(get("/healthz")), 200));
}

TEST_CASE("TLS 1.2 is refused") {
    const TestServer server;
    REQUIRE(Client(server, nullptr, TLS1_2_VERSION).failure);
}

TEST_CASE("a client certificate of another authority ends the connection") {
    const TestServer server;
    const auto rogue = must(setup::make_authority("test CA", now()));
    const auto leaf = must(setup::issue_operator(rogue, "mallory", now()));
    Client client(server, &leaf);
    client.send(get("/healthz"));  // in TLS 1.3 the client hears of it only afterwards
    REQUIRE(client.read_all().empty());
}

TEST_CASE("the role is that of the certificate now: unknown, admitted, revoked") {
    TestServer server;
    const auto leaf = must(setup::issue_operator(server.authority, "vera", now()));
    const auto digest = must(setup::certificate_sha256(leaf.certificate));
    Client nobody(server);
    REQUIRE(has_status(nobody.ask(get("/v1/hosts")), 403));
    Client client(server, &leaf);
    REQUIRE(has_status(client.ask(get("/v1/hosts")), 403));
    REQUIRE(store::Operators(server.service.store()).add({digest, "vera", "viewer", now(), 0}, "local:root"));
    REQUIRE(has_status(client.ask(get("/v1/hosts")), 200));
    const std::string body = R"({"host":"web-1","order":"o","technician":"t"})";
    const auto post =
        "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    REQUIRE(has_status(client.ask(post), 403));
    REQUIRE(store::Operators(server.service.store()).revoke(digest, "local:root", now()));
    REQUIRE(has_status(client.ask(get("/v1/hosts")), 403));
}

TEST_CASE("a header that is too large is refused") {
    const TestServer server;
    Client client(server);
    client.send(get("/healthz", "X-Large: " + std::string(17'000, 'x') + "\r\n"));
    REQUIRE(has_status(client.read_all(), 431));
}

TEST_CASE("a body that is too large is refused before it is read") {
    const TestServer server;
    for (const auto* length : {"1048577", "18446744073709551615"}) {
        Client client(server);
        client.send("POST /v1/enrolments HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: " +
                    std::string(length) + "\r\nHost: x\r\n\r\n");
        INFO(length);
        REQUIRE(has_status(client.read_all(), 413));
    }
}

TEST_CASE("path, role and content type are judged before a byte of the body") {
    const TestServer server;
    const std::pair<const char*, int> cases[] = {
        {"/v1/nothing HTTP/1.1", 404},
        {"/v1/hosts HTTP/1.1", 405},
        {"/v1/sessions HTTP/1.1", 403},
        {"/v1/enrolments HTTP/1.1\r\nContent-Type: text/plain", 415}};
    for (const auto& [claim, status] : cases) {
        for (const auto* length : {"10", "100000000"}) {
            Client client(server);
            client.send("POST " + std::string(claim) + "\r\nHost: x\r\nContent-Length: " + length +
                        "\r\n\r\n");
            INFO(claim << " " << length);
            REQUIRE(has_status(client.read_one(), status));
        }
    }
}

TEST_CASE("a refused request with a small body leaves the connection as it was") {
    const TestServer server;
    Client client(server);
    client.send(post("/v1/sessions", "{}") + get("/healthz"));
    REQUIRE(has_status(client.read_one(), 403));
    REQUIRE(has_status(client.read_one(), 200));
}

TEST_CASE("a chunked body is counted as it comes") {
    const TestServer server;
    Client client(server);
    client.send(
        "POST /v1/enrolments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    for (int i = 0; i < 17 && !client.failure; ++i) client.send(chunk);
    REQUIRE(has_status(client.read_all(), 413));
}

TEST_CASE("what is not HTTP/1.1 with GET or POST is refused") {
    const TestServer server;
    const std::pair<std::string, int> cases[] = {
        {"nonsense\r\n\r\n", 400},
        {"DELETE /v1/hosts HTTP/1.1\r\nConnection: close\r\n\r\n", 405},
        {"GET /healthz HTTP/1.0\r\n\r\n", 400},
        {"GET /v1/hosts?a=%zz HTTP/1.1\r\nConnection: close\r\n\r\n", 400}};
    for (const auto& [request, status] : cases) {
        Client client(server);
        client.send(request);
        INFO(request);
        REQUIRE(has_status(client.read_all(), status));
    }
}

TEST_CASE("a client that says 100-continue is told to go on") {
    const TestServer server;
    Client client(server);
    client.send(
        "POST /v1/enrolments HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: "
        "application/json\r\n"
        "Content-Length: 3\r\n\r\n");
    REQUIRE(has_status(client.read_one(), 100));
    REQUIRE(has_status(client.ask("abc"), 400));
}

TEST_CASE("a slow client is dropped: in the handshake, between requests, in the header, in the body") {
    auto limits = TestServer::quick();
    limits.handshake = limits.idle = limits.header_time = limits.body_time = std::chrono::milliseconds(300);
    const TestServer server(limits);
    const auto start = std::chrono::steady_clock::now();
    net::io_context io;
    tcp::socket silent(io);
    silent.connect({net::ip::make_address("127.0.0.1"), server.port()});
    std::array<char, 16> part{};
    boost::system::error_code error;
    silent.read_some(net::buffer(part), error);
    REQUIRE(error);

    REQUIRE(Client(server).read_all().empty());
    Client header(server);
    header.send("GET /healthz HTTP/1.1\r\nX: ");
    REQUIRE(header.read_all().empty());
    Client body(server);
    body.send(post("/v1/enrolments", "{", 1000));
    REQUIRE(body.read_all().empty());
    REQUIRE(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
}

TEST_CASE("where all connections are taken, the one that has rested longest gives way") {
    auto limits = TestServer::quick();
    limits.connections = 2;
    const TestServer server(limits);
    Client first(server);
    REQUIRE(has_status(first.ask(get("/healthz")), 200));
    Client second(server);
    REQUIRE(has_status(second.ask(get("/healthz")), 200));
    Client third(server);
    REQUIRE(has_status(third.ask(get("/healthz")), 200));
    REQUIRE(first.read_all().empty());
    REQUIRE(has_status(second.ask(get("/healthz")), 200));
}

TEST_CASE("an operator's connection does not give way") {
    auto limits = TestServer::quick();
    limits.connections = 1;
    TestServer server(limits);
    const auto leaf = must(setup::issue_operator(server.authority, "vera", now()));
    const auto digest = must(setup::certificate_sha256(leaf.certificate));
    REQUIRE(store::Operators(server.service.store()).add({digest, "vera", "viewer", now(), 0}, "local:root"));
    Client vera(server, &leaf);
    REQUIRE(has_status(vera.ask(get("/v1/hosts")), 200));
    REQUIRE(Client(server).failure);
    REQUIRE(has_status(vera.ask(get("/v1/hosts")), 200));
}

TEST_CASE("the limit on open files does not shut the door before the limit on connections does") {
    rlimit files{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &files) == 0);
    files.rlim_cur = 100;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &files) == 0);
    const TestServer server;
    REQUIRE(getrlimit(RLIMIT_NOFILE, &files) == 0);
    REQUIRE(files.rlim_cur >= std::min<rlim_t>(files.rlim_max, TestServer::quick().connections + 100));
}

TEST_CASE("clients that hang up before their answers end nothing but their connections") {
    const TestServer server;
    std::string many;
    for (int i = 0; i < 100; ++i) many += get("/v1/keys");
    for (int i = 0; i < 20; ++i) Client(server).send(many);
    REQUIRE(has_status(Client(server).ask(get("/healthz")), 200));
}

TEST_CASE("one address cannot take every connection") {
    auto limits = TestServer::quick();
    limits.connections_per_address = 1;
    const TestServer server(limits);
    Client first(server);
    REQUIRE(has_status(first.ask(get("/healthz")), 200));
    REQUIRE(Client(server).failure);
}

TEST_CASE("a connection ends after its last allowed request") {
    auto limits = TestServer::quick();
    limits.requests_per_connection = 2;
    const TestServer server(limits);
    Client client(server);
    REQUIRE(client.ask(get("/healthz")).find("Connection: close") == std::string::npos);
    client.send(get("/healthz"));
    REQUIRE(client.read_all().find("Connection: close") != std::string::npos);
}

TEST_CASE("stopping ends idle connections at once and the server") {
    auto limits = TestServer::quick();
    limits.idle = std::chrono::milliseconds(60'000);
    TestServer server(limits);
    Client client(server);
    REQUIRE(has_status(client.ask(get("/healthz")), 200));
    const auto start = std::chrono::steady_clock::now();
    server.stop();
    REQUIRE(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
    REQUIRE(client.read_all().empty());
}
