// Input as it comes out of a real socket: what is too large, too slow or too much.
#include <sys/resource.h>

#include "tests/attacks/attack.h"
#include "tests/unit/verifier/server/test_server.h"

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
        tcp::socket socket(io);
        boost::system::error_code error;
        socket.open(tcp::v4(), error);
        socket.bind({net::ip::make_address("127.0.0.2"), 0}, error);
        socket.connect({net::ip::make_address("127.0.0.1"), server.port()}, error);
        if (error) {
            ++closed;
            continue;
        }
        sockets.push_back(std::move(socket));
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
        client.send("POST /v1/sessions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
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
    [] {
        return said("POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{", impatient());
    },
    honest_client)
ATTACK_RUN(
    "input: 5,000 idle connections", "opens 5,000 connections and says nothing", "dropped", "dropped",
    [] { return beside_idle_connections(kIdle); }, [] { return beside_idle_connections(1); })
