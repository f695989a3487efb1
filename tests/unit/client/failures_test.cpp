#include <atomic>
#include <map>

#include "client/explain.h"
#include "client/proxy.h"
#include "evidence/base/text.h"
#include "tests/support/causes.h"
#include "tests/unit/client/tls_server.h"

// Each failure that a real server, file or proxy can cause is told by its cause.
using namespace assay;
using assay::client::ClientConfig;
using assay::client::HttpsClient;
using assay::test::House;
using assay::test::TlsServer;

namespace {

Error failure_of(const ClientConfig& config) {
    auto client = HttpsClient::make(config);
    if (!client) return client.error();
    const auto answer = client->get("/ok");
    REQUIRE_FALSE(answer);
    INFO(answer.error().context);
    return answer.error();
}

bool answers(const ClientConfig& config) {
    auto client = HttpsClient::make(config);
    return client && client->get_json("/ok") == "{\"ok\":true}";
}

#define CHECK_SAYS(error, cause)                \
    do {                                        \
        const auto said_ = (error);             \
        INFO(said_.context);                    \
        CHECK(assay::test::says(said_, cause)); \
    } while (false)

bool is_the_clock_or(const Error& error, Cause where_disciplined, Cause where_not) {
    return test::says(error, client::clock_is_disciplined() ? where_disciplined : where_not);
}

}  // namespace

TEST_CASE("a house PKI fits: the server sends its intermediate, the client trusts the root alone") {
    const TlsServer server;
    CHECK(answers(server.config()));
}

TEST_CASE("a CA file may hold several certificates, in any order") {
    const TlsServer server;
    auto config = server.config();
    config.ca_file = server.file("bundle.pem");
    CHECK(answers(config));
}

TEST_CASE("a client that was given the intermediate needs no root") {
    House house;
    house.sends_intermediate = false;
    const TlsServer server(house);
    auto config = server.config();
    config.ca_file = server.file("ca.pem");
    CHECK(answers(config));
}

TEST_CASE("a server that keeps its intermediate to itself is refused, and told so with what it sent") {
    House house;
    house.sends_intermediate = false;
    const TlsServer server(house);
    const auto error = failure_of(server.config());
    CHECK_SAYS(error, Cause::certificate_unknown_authority);
    CHECK_THAT(error.context, Catch::Contains("is issued by CN=House CA, the server sent 1 certificate,"));
}

TEST_CASE("a bundle without the server's root is refused as a wrong CA, and the file named") {
    const TlsServer server;
    auto config = server.config();
    config.ca_file = server.file("stranger.pem");
    const auto error = failure_of(config);
    CHECK_SAYS(error, Cause::certificate_unknown_authority);
    CHECK_THAT(error.context, Catch::Contains(config.ca_file.string()));
}

TEST_CASE(
    "a certificate that has ended is told as that, with its end and the clock here, not as a wrong CA") {
    House house;
    house.server.not_before = house.now - 800 * House::kDay;
    house.server.not_after = house.now - House::kDay;
    const TlsServer server(house);
    const auto error = failure_of(server.config());
    INFO(error.context);
    CHECK(is_the_clock_or(error, Cause::certificate_server_ended, Cause::clock_perhaps_ahead));
    CHECK_THAT(error.context, Catch::Contains(utc_text(house.server.not_after)));
    CHECK_THAT(error.context, Catch::Contains("this machine's clock says"));
    CHECK_FALSE(test::says(error, Cause::certificate_unknown_authority));
}

TEST_CASE("a certificate of later is told by this machine's clock") {
    House house;
    house.server.not_before = house.now + House::kDay;
    const TlsServer server(house);
    const auto error = failure_of(server.config());
    INFO(error.context);
    CHECK(is_the_clock_or(error, Cause::certificate_from_later, Cause::clock_behind));
}

TEST_CASE("a CA between that has ended is told as the CA") {
    House house;
    house.intermediate.not_before = house.now - 800 * House::kDay;
    house.intermediate.not_after = house.now - House::kDay;
    const TlsServer server(house);
    const auto error = failure_of(server.config());
    INFO(error.context);
    CHECK(is_the_clock_or(error, Cause::certificate_authority_ended, Cause::clock_perhaps_ahead));
    CHECK_THAT(error.context, Catch::Contains("CN=House CA"));
}

TEST_CASE("a server under another name is refused, and the names of its certificate are told") {
    const TlsServer server;
    const auto error = failure_of(server.config("localhost"));
    CHECK_SAYS(error, Cause::certificate_wrong_name);
    CHECK_THAT(error.context, Catch::Contains("it is for 127.0.0.1, verifier.test"));
}

TEST_CASE("a client's certificate is none for a server") {
    House house;
    house.server.set("extendedKeyUsage", "clientAuth");
    const TlsServer server(house);
    CHECK_SAYS(failure_of(server.config()), Cause::certificate_wrong_purpose);
}

TEST_CASE("what else OpenSSL has against a certificate is told with its words") {
    House house;
    house.server.set("1.2.3.4", "critical,ASN1:NULL");
    const TlsServer server(house);
    const auto error = failure_of(server.config());
    CHECK_SAYS(error, Cause::certificate_not_verified);
    CHECK_THAT(error.context, Catch::Contains("unhandled critical extension"));
}

TEST_CASE("a CA file, a certificate and a key that cannot be used are named") {
    const TlsServer server;
    auto config = server.config();
    config.ca_file = server.file("key.pem");
    CHECK_SAYS(failure_of(config), Cause::certificate_ca_file);
    config = server.config_of_client();
    config.cert_file = server.file("root.pem");  // not the key's
    CHECK_SAYS(failure_of(config), Cause::certificate_client_file);
}

TEST_CASE("a client's certificate is taken by a server that knows its root") {
    const TlsServer server({}, "clients");
    CHECK(answers(server.config_of_client()));
}

TEST_CASE("a client's certificate that has ended is told as the client's") {
    House house;
    house.client.not_before = house.now - 800 * House::kDay;
    house.client.not_after = house.now - House::kDay;
    const TlsServer server(house, "clients");
    const auto error = failure_of(server.config_of_client());
    CHECK_SAYS(error, Cause::certificate_client_ended);
    CHECK_THAT(error.context, Catch::Contains(utc_text(house.client.not_after)));
}

TEST_CASE("a client of another CA is told that the server does not know it") {
    const TlsServer server({}, "strangers");
    CHECK_SAYS(failure_of(server.config_of_client()), Cause::certificate_client_unknown);
}

TEST_CASE("a client whose certificate is not valid yet for the server is told that it was refused") {
    House house;
    house.client.not_before = house.now + House::kDay;
    const TlsServer server(house, "clients");
    CHECK_SAYS(failure_of(server.config_of_client()), Cause::certificate_client_refused);
}

TEST_CASE("nobody who listens is told as that, with the server's address") {
    const TlsServer server;
    auto config = server.config();
    config.server = "https://127.0.0.1:1";
    const auto error = failure_of(config);
    CHECK_SAYS(error, Cause::connection_refused);
    CHECK_THAT(error.context, Catch::StartsWith("https://127.0.0.1:1: "));
}

TEST_CASE("a name that nobody knows is told as that") {
    const TlsServer server;
    CHECK_SAYS(failure_of(server.config("no-such-host.invalid")), Cause::connection_name_unknown);
}

TEST_CASE("a server that says nothing is told from one that agrees and then stalls") {
    const TlsServer silent({}, "silent");
    auto config = silent.config();
    config.timeout = std::chrono::milliseconds(1500);
    CHECK_SAYS(failure_of(config), Cause::connection_timeout);
    const TlsServer stalls({}, "stalls");
    config = stalls.config();
    config.timeout = std::chrono::milliseconds(1500);
    CHECK_SAYS(failure_of(config), Cause::connection_stalled);
}

TEST_CASE("a port of something else, an old TLS, a hang-up and a break are four things") {
    CHECK_SAYS(failure_of(TlsServer({}, "plain").config()), Cause::connection_no_tls13);
    CHECK_SAYS(failure_of(TlsServer({}, "old").config()), Cause::connection_no_tls13);
    CHECK_SAYS(failure_of(TlsServer({}, "closes").config()), Cause::connection_hung_up);
    CHECK_SAYS(failure_of(TlsServer({}, "breaks").config()), Cause::connection_broke);
}

TEST_CASE("a request that is given up says so") {
    const TlsServer server({}, "stalls");
    const std::atomic<bool> stopped = true;
    auto config = server.config();
    config.cancelled = &stopped;
    CHECK_SAYS(failure_of(config), Cause::connection_stopped);
}

TEST_CASE("a proxy of the configuration is used, also for a name that only it knows") {
    const TlsServer server;
    const TlsServer proxy({}, "proxy");
    auto config = server.config("verifier.test");
    config.proxy = "http://127.0.0.1:" + proxy.port();
    CHECK(answers(config));
    std::string asked;
    std::getline(std::ifstream(proxy.file("asked")), asked);
    CHECK(asked == "CONNECT verifier.test:" + server.port() + " HTTP/1.1");
}

TEST_CASE("a proxy's name and password are sent to it, and in no message") {
    const TlsServer server;
    const TlsServer proxy({}, "proxy");
    auto config = server.config("verifier.test");
    config.proxy = "http://otto:s3cret@127.0.0.1:" + proxy.port();
    CHECK(answers(config));
    CHECK(std::filesystem::exists(proxy.file("login")));
    config.proxy = "http://otto:s3cret@127.0.0.1:1";
    const auto error = failure_of(config);
    CHECK_SAYS(error, Cause::proxy_unreachable);
    CHECK(error.context.find("s3cret") == std::string::npos);
}

TEST_CASE("what a proxy refuses is told as the proxy's") {
    const auto by = [](const char* mode) {
        const TlsServer server;
        const TlsServer proxy({}, mode);
        auto config = server.config("verifier.test");
        config.proxy = "http://127.0.0.1:" + proxy.port();
        return failure_of(config);
    };
    CHECK_SAYS(by("proxy-407"), Cause::proxy_login);
    CHECK_SAYS(by("proxy-403"), Cause::proxy_denied);
    const TlsServer server;
    auto config = server.config("verifier.test");
    config.proxy = "http://no-such-host.invalid:3128";
    CHECK_SAYS(failure_of(config), Cause::proxy_name_unknown);
}

TEST_CASE("a proxy that cannot be one is a usage error, without its password") {
    const TlsServer server;
    auto config = server.config();
    for (const auto* bad : {"https://u:s3cret@proxy:3128", "ftp://u:s3cret@proxy:1", "http://u:s3cret@proxy",
                            "http://u:s3cret@proxy:1/path", "http://u:s3cret@:x"}) {
        config.proxy = bad;
        const auto error = failure_of(config);
        CHECK_SAYS(error, Cause::proxy_unusable);
        CHECK(error.context.find("s3cret") == std::string::npos);
    }
}

TEST_CASE("the environment's proxy is taken where the configuration names none, and never for the loopback") {
    std::map<std::string, std::string, std::less<>> variables{{"https_proxy", "proxy.test:3128"}};
    const auto environment = [&](const char* name) { return variables[name]; };
    const auto chosen = client::proxy_of(std::nullopt, environment).value();
    CHECK(chosen.shown == "http://proxy.test:3128");
    CHECK(chosen.without == "localhost,127.0.0.1,::1");
    variables["HTTPS_PROXY"] = "socks5h://upper.test:1080";
    variables["NO_PROXY"] = ".example.com";
    const auto upper = client::proxy_of(std::nullopt, environment).value();
    CHECK(upper.shown == "socks5h://upper.test:1080");
    CHECK(upper.without == ".example.com,localhost,127.0.0.1,::1");
    CHECK(client::proxy_of("", environment)->url.empty());
    CHECK(client::proxy_of("http://own.test:1", environment)->without.empty());
    variables["HTTPS_PROXY"] = "https://proxy.test:3128";
    CHECK_SAYS(client::proxy_of(std::nullopt, environment).error(), Cause::proxy_unusable);
}

TEST_CASE("a certificate near its end is told once, the server's and the client's own") {
    House house;
    constexpr std::int64_t kHour = 3600;  // less than whole days: the test may begin and end in one second
    house.server.not_after = house.now + 20 * House::kDay - kHour;
    house.client.not_after = house.now + 59 * House::kDay - kHour;
    const TlsServer server(house, "clients");
    std::vector<std::string> told;
    auto config = server.config_of_client();
    config.warn = [&](const std::string& text) { told.push_back(text); };
    auto client = HttpsClient::make(config).value();
    REQUIRE(client.get("/ok"));
    REQUIRE(client.get("/ok"));
    REQUIRE(told.size() == 2);
    CHECK_THAT(told[0], Catch::Contains(server.config().server) && Catch::Contains("ends in 19 days"));
    CHECK_THAT(told[1], Catch::Contains("client.pem") && Catch::Contains("ends in 58 days"));
}

TEST_CASE("of certificates that are good for longer nothing is said") {
    const TlsServer server({}, "clients");
    auto config = server.config_of_client();
    int told = 0;
    config.warn = [&](const std::string&) { ++told; };
    REQUIRE(HttpsClient::make(config)->get("/ok"));
    CHECK(told == 0);
}
