#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include "files/output.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/inputs/inputs.h"
#include "verifier/service/server/server.h"
#include "verifier/service/setup/authority.h"

/// The verifier behind a real socket, and a client that says exactly what a test wants said.
namespace assay::test {

namespace net = boost::asio;
namespace ssl = net::ssl;
using tcp = net::ip::tcp;

inline std::int64_t now() {
    return static_cast<std::int64_t>(std::time(nullptr));
}

/// Holds whoever works on request_that_waits() until it is opened.
class Gate {
  public:
    /// Makes the request wait, in a service that is not serving yet.
    void hold(TestService& service) {
        service.enrol("web-1");
        service.service().now = [this] {
            std::unique_lock lock(mutex_);
            ++waiting_;
            opened_.wait(lock, [this] { return open_; });
            return kStart;
        };
    }
    void open() {
        const std::scoped_lock lock(mutex_);
        open_ = true;
        opened_.notify_all();
    }
    int waiting() {
        const std::scoped_lock lock(mutex_);
        return waiting_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable opened_;
    int waiting_ = 0;
    bool open_ = false;
};

/// A server on a free port of the loopback, with short time-outs.
class TestServer {
  public:
    enum class Work { runs, waits };  ///< what becomes of request_that_waits()

    explicit TestServer(server::ServerLimits limits = quick(), Work work = Work::runs) {
        if (work == Work::waits) gate.hold(service);
        authority = must(setup::make_authority("test CA", now()));
        const auto leaf = must(setup::issue_server(authority, {"localhost", "127.0.0.1"}, now()));
        write("server.pem", leaf.certificate);
        write("server.key", leaf.key);
        write("ca.pem", authority.certificate);
        server::ServerConfig config;
        config.port = 0;
        config.threads = 2;
        config.limits = limits;
        config.tls = {folder_.path() / "server.pem", folder_.path() / "server.key",
                      folder_.path() / "ca.pem"};
        server_ = must(server::Server::listen(
            config, std::shared_ptr<api::Service>(std::shared_ptr<void>(), &service.service())));
        thread_ = std::jthread([this] { server_->run(); });
    }
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;
    ~TestServer() { stop(); }

    void stop() {
        gate.open();  // the server waits for its workers
        if (!thread_.joinable()) return;
        server_->stop();
        thread_.join();
    }
    static server::ServerLimits quick() {
        server::ServerLimits limits;
        limits.handshake = limits.idle = limits.header_time = limits.body_time =
            std::chrono::milliseconds(2000);
        return limits;
    }
    [[nodiscard]] std::uint16_t port() const { return server_->port(); }

    TestService service;
    Gate gate;
    setup::Credentials authority;

  private:
    void write(const char* name, const std::string& text) {
        if (!files::replace_file(folder_.path() / name, as_view(text))) throw std::runtime_error("write");
    }
    TempFolder folder_;
    std::unique_ptr<server::Server> server_;
    std::jthread thread_;
};

/// A blocking TLS client that says exactly what a test wants said.
class Client {
  public:
    /// `from` is an address of the loopback, 127.0.0.0/8.
    explicit Client(const TestServer& server, const setup::Credentials* credentials = nullptr,
                    int version = TLS1_3_VERSION, const char* from = "127.0.0.1")
        : context_(ssl::context::tls_client) {
        context_.add_certificate_authority(net::buffer(server.authority.certificate));
        context_.set_verify_mode(ssl::verify_peer);
        SSL_CTX_set_min_proto_version(context_.native_handle(), version);
        SSL_CTX_set_max_proto_version(context_.native_handle(), version);
        if (credentials != nullptr) {
            context_.use_certificate(net::buffer(credentials->certificate), ssl::context::pem);
            context_.use_private_key(net::buffer(credentials->key), ssl::context::pem);
        }
        stream_.emplace(io_, context_);
        auto& socket = stream_->next_layer();
        socket.open(tcp::v4());
        socket.bind({net::ip::make_address(from), 0});
        socket.connect({net::ip::make_address("127.0.0.1"), server.port()});
        stream_->handshake(ssl::stream_base::client, failure);
    }

    void send(const std::string& text) { net::write(*stream_, net::buffer(text), failure); }
    /// Everything until the server hangs up.
    std::string read_all() {
        std::string out;
        std::array<char, 4096> part{};
        boost::system::error_code error;
        for (;;) {
            const auto size = stream_->read_some(net::buffer(part), error);
            out.append(part.data(), size);
            if (error) return out;
        }
    }
    /// One answer: head and body.
    std::string read_one() {
        std::string out;
        std::array<char, 4096> part{};
        boost::system::error_code error;
        for (;;) {
            const auto end = out.find("\r\n\r\n");
            if (end != std::string::npos) {
                const auto field = out.find("Content-Length: ");
                const auto length = field == std::string::npos ? 0 : std::stoul(out.substr(field + 16));
                if (out.size() >= end + 4 + length) return out;
            }
            const auto size = stream_->read_some(net::buffer(part), error);
            out.append(part.data(), size);
            if (error) return out;
        }
    }
    /// One answer's head, as it comes to a HEAD.
    std::string read_head() {
        std::string out;
        char byte = 0;
        boost::system::error_code error;
        while (!out.ends_with("\r\n\r\n")) {
            if (stream_->read_some(net::buffer(&byte, 1), error) != 1) return out;
            out.push_back(byte);
        }
        return out;
    }
    std::string ask(const std::string& request) {
        send(request);
        return read_one();
    }

    boost::system::error_code failure;

  private:
    net::io_context io_;
    ssl::context context_;
    std::optional<ssl::stream<tcp::socket>> stream_;
};

inline std::string get(const std::string& path, const std::string& more = "") {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

/// A request with JSON. The whole body need not be in `body`.
inline std::string post(const std::string& path, const std::string& body, std::size_t length) {
    return "POST " + path +
           " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(length) + "\r\n\r\n" + body;
}
inline std::string post(const std::string& path, const std::string& body) {
    return post(path, body, body.size());
}

/// What is not so at once, because other threads have a part in it.
inline bool eventually(const std::function<bool()>& holds) {
    constexpr int kTries = 200;
    for (int i = 0; i < kTries; ++i) {
        if (holds()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    return false;
}

/// A stranger's, with a body of so many bytes at least. It is a wrong guess: answered with 403.
inline std::string request_that_waits(std::size_t size = 0) {
    return post("/v1/enrolments/eweb-1/activation", R"({"secret":"AAAA"})" + std::string(size, ' '));
}

inline bool has_status(const std::string& answer, int status) {
    return answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ");
}

}  // namespace assay::test
