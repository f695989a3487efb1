#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/server/test_server.h"

using namespace assay;
using namespace assay::test;

namespace {

constexpr const char* kFirst =
    "POST /v1/enrolments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

int answers_in(const std::string& text) {
    const std::string field = "\r\nContent-Length: ";
    int count = 0;
    for (auto at = text.find(field); at != std::string::npos; at = text.find(field, at + 1)) ++count;
    return count;
}

}  // namespace

TEST_CASE("where two readers could differ on a request's end it is refused, and nothing after it is read") {
    const TestServer server;
    // A reader that took the other meaning would see a second request in the body.
    const std::string hidden = "0\r\n\r\n" + get("/healthz");
    const std::pair<const char*, int> cases[] = {
        {"Transfer-Encoding: gzip\r\n", 501},
        {"Transfer-Encoding: identity\r\n", 501},
        {"Transfer-Encoding: gzip, chunked\r\n", 501},
        {"Transfer-Encoding: chunked, gzip\r\n", 501},
        {"Transfer-Encoding: xchunked\r\n", 501},
        {"Transfer-Encoding:\r\n", 501},
        {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
        {"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", 400},
        {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
        {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
        {"Content-Length: 5\r\nContent-Length: 5\r\n", 400},
        {"Content-Length: 5\r\nContent-Length: 6\r\n", 400},
        {"Content-Length: 5, 5\r\n", 400},
        {"Content-Length: +5\r\n", 400},
        {"Content-Length: -5\r\n", 400},
        {"Content-Length : 5\r\n", 400}};
    for (const auto& [fields, status] : cases) {
        Client client(server);
        client.send(kFirst + std::string(fields) + "\r\n" + hidden);
        const auto answer = client.read_all();
        INFO(fields << answer);
        REQUIRE(has_status(answer, status));
        REQUIRE(answers_in(answer) == 1);
        REQUIRE(answer.find("Connection: close") != std::string::npos);
    }
}

TEST_CASE("a chunked body ends where it says, and the next request begins there") {
    const TestServer server;
    for (const auto* coding : {"chunked", "CHUNKED", " chunked "}) {
        Client client(server);
        client.send(kFirst + ("Transfer-Encoding: " + std::string(coding)) +
                    "\r\n\r\n1;a=b\r\n{\r\n1\r\n}\r\n0\r\nX-Trailer: 1\r\n\r\n" + get("/healthz"));
        INFO(coding);
        REQUIRE(has_status(client.read_one(), 400));  // no enrolment, but JSON
        REQUIRE(has_status(client.read_one(), 200));
    }
}

TEST_CASE("what stands between the chunks has a limit, too") {
    const TestServer server;
    Client client(server);
    client.send(kFirst + std::string("Transfer-Encoding: chunked\r\n\r\n1;a="));
    for (int i = 0; i < 40 && !client.failure; ++i) client.send(std::string(1024, 'x'));
    REQUIRE(has_status(client.read_all(), 431));
}

TEST_CASE("requests may come byte by byte, and several at once") {
    const TestServer server;
    Client client(server);
    for (const char c : post("/v1/enrolments", "{}")) client.send(std::string(1, c));
    REQUIRE(has_status(client.read_one(), 400));
    client.send(get("/healthz") + post("/v1/enrolments", "{}") + get("/v1/keys"));
    REQUIRE(has_status(client.read_one(), 200));
    REQUIRE(has_status(client.read_one(), 400));
    REQUIRE(has_status(client.read_one(), 200));
}

TEST_CASE("HEAD is GET without the body") {
    const TestServer server;
    Client client(server);
    const auto whole = client.ask(get("/healthz"));
    client.send("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(client.read_head() == whole.substr(0, whole.find("\r\n\r\n") + 4));
    client.send("HEAD /v1/hosts HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(has_status(client.read_head(), 403));
    REQUIRE(has_status(client.ask(get("/healthz")), 200));
}

TEST_CASE("a method that the path does not take is told those that it does") {
    const TestServer server;
    Client client(server);
    const std::pair<const char*, const char*> cases[] = {{"DELETE /healthz", "Allow: GET, HEAD\r\n"},
                                                         {"POST /healthz", "Allow: GET, HEAD\r\n"},
                                                         {"GET /v1/enrolments", "Allow: POST\r\n"},
                                                         {"PUT /v1/sessions", "Allow: GET, HEAD, POST\r\n"}};
    for (const auto& [start, allow] : cases) {
        const auto answer = client.ask(std::string(start) + " HTTP/1.1\r\nHost: x\r\n\r\n");
        INFO(answer);
        REQUIRE(has_status(answer, 405));
        REQUIRE(answer.find(allow) != std::string::npos);
    }
    client.send("HEAD /v1/enrolments HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(client.read_head().find("Allow: POST\r\n") != std::string::npos);
    REQUIRE(has_status(client.ask("BREW /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n"), 404));
}
