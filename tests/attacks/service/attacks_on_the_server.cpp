// Input as it comes out of a real socket: what is too large, too slow, too much, or means two things.
#include <list>

#include <sys/resource.h>

#include "tests/attacks/attack.h"
#include "tests/unit/verifier/service/server/test_server.h"

using namespace assay;
using namespace assay::test;

namespace {

// The door that opened, or the code of the refusal; a connection that the server ended is "dropped".
Outcome heard(const std::string& answer) {
    if (has_status(answer, 200)) return {true, "served", {}};
    if (has_status(answer, 413) || has_status(answer, 431)) return {false, "refused: limit", {"limit"}};
    if (answer.empty()) return {false, "dropped", {"dropped"}};
    return {false, "refused", {answer.substr(0, 12)}};
}

server::ServerLimits impatient() {
    auto limits = TestServer::quick();
    limits.handshake = limits.idle = limits.header_time = limits.body_time = std::chrono::milliseconds(300);
    return limits;
}

Outcome said(const std::string& request, server::ServerLimits limits = TestServer::quick()) {
    const TestServer server(limits);
    Client client(server);
    client.send(request);
    return heard(client.read_all());
}

Outcome honest_client() {
    const TestServer server;
    Client client(server);
    return heard(client.ask(get("/healthz")));
}

/// A connection that says nothing.
std::optional<tcp::socket> silent(net::io_context& io, const TestServer& server, const std::string& from) {
    tcp::socket socket(io);
    boost::system::error_code error;
    socket.open(tcp::v4(), error);
    socket.bind({net::ip::make_address(from), 0}, error);
    socket.connect({net::ip::make_address("127.0.0.1"), server.port()}, error);
    if (error) return {};
    return socket;
}

/// The attacker wants others to be kept out.
Outcome others_heard(const std::string& answer, int status = 200) {
    if (has_status(answer, status)) return {false, "others are served", {"others are served"}};
    return {true, "the door is shut: " + answer.substr(0, 12), {}};
}

std::string from_another_address(const TestServer& server, const std::string& request) {
    Client other(server, nullptr, TLS1_3_VERSION, "127.0.0.99");
    return other.ask(request);
}

// More silent connections than there are places, no address with more than its part.
Outcome beside_silent_addresses() {
    auto limits = TestServer::quick();
    limits.handshake = std::chrono::milliseconds(60'000);
    limits.connections = 64;
    limits.connections_per_address = 4;
    const TestServer server(limits);
    net::io_context io;
    std::list<tcp::socket> sockets;
    for (int i = 0; i < 80; ++i) {
        auto socket = silent(io, server, "127.0.0." + std::to_string(2 + i / 4));
        if (socket) sockets.push_back(*std::move(socket));
    }
    return others_heard(from_another_address(server, get("/healthz")));
}

constexpr std::size_t kMiB = 1U << 20U;

// 17 connections of one address, each of which says that 1 MiB follows; `sent` of it does.
Outcome beside_large_bodies(std::size_t sent, const std::string& request, int status) {
    auto limits = TestServer::quick();
    limits.body_time = std::chrono::milliseconds(60'000);
    limits.bodies = 8 * kMiB;
    limits.bodies_per_address = 8 * kMiB;
    const TestServer server(limits);
    std::list<Client> large;
    for (int i = 0; i < 17; ++i) {
        large.emplace_back(server, nullptr, TLS1_3_VERSION, i % 2 == 0 ? "127.0.0.2" : "127.0.0.3")
            .send(post("/v1/enrolments", std::string(sent, ' '), kMiB));
    }
    return others_heard(from_another_address(server, request), status);
}

// Every worker that may be held is held by a large body, and more of them wait.
Outcome beside_slow_work(const std::string& request, int status) {
    TestServer server(TestServer::quick(), TestServer::Work::waits);
    std::list<Client> large;
    for (int i = 0; i < 8; ++i) large.emplace_back(server).send(request_that_waits(kMiB / 2));
    if (!eventually([&] { return server.gate.waiting() >= 1; })) return {true, "nothing is held", {}};
    return others_heard(from_another_address(server, request), status);
}

// The attacker wants a second request to be answered that another reader took for a part of the first.
Outcome hidden_behind(const std::string& fields) {
    const TestServer server;
    Client client(server);
    client.send("POST /v1/enrolments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + fields +
                "\r\n0\r\n\r\n" + get("/healthz"));
    const auto answers = client.read_all();
    if (answers.find("\"status\":\"ok\"") != std::string::npos) return {true, "answered twice", {}};
    return heard(answers);
}

// The honest twin: a chunked body, and then a request that is one.
Outcome honest_chunks() {
    const TestServer server;
    Client client(server);
    client.send(
        "POST /v1/enrolments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
    client.read_one();
    return heard(client.ask(get("/healthz")));
}

constexpr int kIdle = 5000;

// Plain connections that say nothing, all from one address; how many the server let stand.
Outcome beside_idle_connections(int idle) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    auto limits = TestServer::quick();
    limits.handshake = std::chrono::milliseconds(60'000);
    limits.connections_per_address = 64;
    const TestServer server(limits);
    net::io_context io;
    std::vector<tcp::socket> sockets;
    int closed = 0;
    for (int i = 0; i < idle; ++i) {
        auto socket = silent(io, server, "127.0.0.2");
        if (!socket) {
            ++closed;
            continue;
        }
        sockets.push_back(*std::move(socket));
    }
    // An honest client of another address is served meanwhile, or the attacker has got what he wanted.
    Client honest(server);
    if (!has_status(honest.ask(get("/healthz")), 200)) return {true, "the door is shut", {}};
    for (auto& socket : sockets) {
        char byte = 0;
        boost::system::error_code error;
        socket.non_blocking(true, error);
        socket.read_some(net::buffer(&byte, 1), error);
        if (error && error != net::error::would_block) ++closed;
    }
    if (closed >= idle - 64 && idle > 64) return {false, "dropped", {"dropped"}};
    return {true, "served", {}};
}

}  // namespace

ATTACK_RUN(
    "input: a body of 1 GB", "says that a gigabyte follows", "limit", "refused: limit",
    [] {
        return said(
            "POST /v1/hosts/rack-7/evidence HTTP/1.1\r\nHost: x\r\nContent-Type: "
            "application/cbor\r\nContent-Length: 1073741824\r\n\r\n");
    },
    honest_client)
ATTACK_RUN(
    "input: a body that never ends", "sends one chunk after the other", "limit", "refused: limit",
    [] {
        const TestServer server;
        Client client(server);
        client.send(
            "POST /v1/enrolments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n");
        const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
        for (int i = 0; i < 17 && !client.failure; ++i) client.send(chunk);
        return heard(client.read_all());
    },
    honest_client)
ATTACK_RUN(
    "input: fields without end", "sends 17 KB of one field", "limit", "refused: limit",
    [] { return said(get("/healthz", "X-Large: " + std::string(17'000, 'x') + "\r\n")); }, honest_client)
ATTACK_RUN(
    "input: a slow header", "stops in the middle of a field", "dropped", "dropped",
    [] { return said("GET /healthz HTTP/1.1\r\nX: ", impatient()); }, honest_client)
ATTACK_RUN(
    "input: a slow body", "sends one byte of a thousand", "dropped", "dropped",
    [] { return said(post("/v1/enrolments", "{", 1000), impatient()); }, honest_client)
ATTACK_RUN(
    "input: 5,000 idle connections", "opens 5,000 connections and says nothing", "dropped", "dropped",
    [] { return beside_idle_connections(kIdle); }, [] { return beside_idle_connections(1); })
ATTACK_RUN("input: silence from 20 addresses", "opens more connections than there are, and says nothing",
           "others are served", "others are served", beside_silent_addresses, honest_client)
ATTACK_RUN(
    "input: 17 claims of a large body", "says 17 times that 1 MiB follows, and sends nothing",
    "others are served", "others are served",
    [] { return beside_large_bodies(0, post("/v1/enrolments", std::string(kMiB / 2, 'x')), 400); },
    honest_client)
ATTACK_RUN(
    "input: 17 large bodies", "fills the share of large bodies and does not end", "others are served",
    "others are served", [] { return beside_large_bodies(kMiB - 1, post("/v1/enrolments", "{}"), 400); },
    honest_client)
ATTACK_RUN(
    "input: slow work", "keeps workers at large bodies", "others are served", "others are served",
    [] { return beside_slow_work(get("/healthz"), 200); }, honest_client)
ATTACK_RUN(
    "input: slow work, and a proof", "keeps workers at large bodies", "others are served",
    "others are served", [] { return beside_slow_work(post("/v1/enrolments", "{}"), 400); }, honest_client)
ATTACK_RUN(
    "input: a transfer coding that nobody knows", "hides a request behind 'Transfer-Encoding: gzip'",
    "HTTP/1.1 501", "refused", [] { return hidden_behind("Transfer-Encoding: gzip\r\n"); }, honest_chunks)
ATTACK_RUN(
    "input: two transfer codings", "hides a request behind 'Transfer-Encoding: chunked, gzip'",
    "HTTP/1.1 501", "refused", [] { return hidden_behind("Transfer-Encoding: chunked, gzip\r\n"); },
    honest_chunks)
ATTACK_RUN(
    "input: two lengths", "hides a request behind two Content-Lengths", "HTTP/1.1 400", "refused",
    [] { return hidden_behind("Content-Length: 5\r\nContent-Length: 5\r\n"); }, honest_chunks)
ATTACK_RUN(
    "input: a length and chunks", "hides a request behind a Content-Length and chunks", "HTTP/1.1 400",
    "refused", [] { return hidden_behind("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"); },
    honest_chunks)
ATTACK_RUN(
    "input: hanging up", "asks a hundred times and is gone before the answers", "others are served",
    "others are served",
    [] {
        const TestServer server;
        std::string many;
        for (int i = 0; i < 100; ++i) many += get("/v1/keys");
        for (int i = 0; i < 20; ++i) Client(server).send(many);
        return others_heard(from_another_address(server, get("/healthz")));
    },
    honest_client)
ATTACK_RUN(
    "input: a body for operators", "has no certificate, and says that 1 MiB follows", "HTTP/1.1 403",
    "refused",
    [] {
        const TestServer server;
        Client client(server);
        return heard(client.ask(post("/v1/sessions", "", kMiB)));
    },
    honest_client)
ATTACK_RUN(
    "input: a method that no path has", "asks with TRACE", "HTTP/1.1 405", "refused",
    [] {
        const TestServer server;
        Client client(server);
        return heard(client.ask("TRACE /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
    },
    [] {
        const TestServer server;
        Client client(server);
        client.send("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
        return heard(client.read_head());
    })
