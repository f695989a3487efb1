#include "verifier/server/server.h"

#include <csignal>
#include <list>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include "evidence/base/text.h"
#include "verifier/server/connection.h"

namespace assay::server {
namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;
using Error_ = boost::system::error_code;

}  // namespace

/// One io_context, run by all threads; each connection on its strand, so a slow request holds one thread and
/// no queue.
struct Server::Impl {
    Impl(const ServerConfig& config, api::Service& the_service, net::ssl::context context)
        : limits(config.limits),
          threads(config.threads != 0 ? config.threads : std::max(1U, std::thread::hardware_concurrency())),
          service(the_service),
          tls(std::move(context)),
          admission(limits) {}

    net::awaitable<void> accept();
    void admit(tcp::socket socket);
    void begin_to_stop();

    const ServerLimits limits;
    unsigned threads;
    api::Service& service;
    net::ssl::context tls;
    Admission admission;
    net::io_context io;
    net::strand<net::io_context::executor_type> control{net::make_strand(io)};
    tcp::acceptor acceptor{control};
    net::signal_set signals{control};
    net::steady_timer deadline{control};
    std::list<std::weak_ptr<Connection>> open;  // on the control strand
    bool stopping = false;                      // on the control strand
};

void Server::Impl::admit(tcp::socket socket) {
    Error_ error;
    const auto peer = socket.remote_endpoint(error);
    if (error) return;
    socket.set_option(tcp::no_delay(true), error);
    std::string_view reason;
    auto ticket = admission.connection(peer.address().to_string(), reason);
    if (!ticket) return service.metrics.connection_refused(reason);
    auto connection =
        std::make_shared<Connection>(std::move(socket), tls, service, admission, limits, std::move(ticket));
    std::erase_if(open, [](const auto& weak) { return weak.expired(); });
    open.push_back(connection);
    service.metrics.set_connections(static_cast<std::int64_t>(admission.connections()));
    connection->start();
}

net::awaitable<void> Server::Impl::accept() {
    constexpr std::chrono::milliseconds kPause{100};
    while (!stopping) {
        Error_ error;
        auto token = net::redirect_error(net::use_awaitable, error);
        const net::any_io_executor strand = net::make_strand(io);
        tcp::socket socket = co_await acceptor.async_accept(strand, token);
        if (stopping || error == net::error::operation_aborted) co_return;
        if (!error) {
            admit(std::move(socket));
            continue;
        }
        // Out of descriptors, most likely: those that are open will end.
        spdlog::warn("accept: {}", printable(error.message()));
        net::steady_timer pause(control, kPause);
        co_await pause.async_wait(token);
    }
}

void Server::Impl::begin_to_stop() {
    if (stopping) return;
    stopping = true;
    Error_ ignored;
    acceptor.close(ignored);
    signals.cancel(ignored);
    for (const auto& weak : open) {
        if (const auto connection = weak.lock()) connection->stop();
    }
    // Open requests have so long; then the threads are let go. (The timer alone would keep them for all of
    // it.)
    deadline.expires_after(limits.grace);
    deadline.async_wait([this](const Error_& error) {
        if (!error) io.stop();
    });
    const auto poll = std::make_shared<std::function<void()>>();
    const auto timer = std::make_shared<net::steady_timer>(control);
    *poll = [this, timer, weak = std::weak_ptr(poll)] {
        if (admission.connections() == 0) return io.stop();
        timer->expires_after(std::chrono::milliseconds(20));
        timer->async_wait([again = weak.lock()](const Error_& error) {
            if (!error && again) (*again)();
        });
    };
    (*poll)();
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::listen(const ServerConfig& config, api::Service& service) {
    auto impl = std::make_unique<Impl>(config, service, TRY(make_tls_context(config.tls)));
    Error_ error;
    const auto address = net::ip::make_address(config.address, error);
    if (error) {
        return fail(ErrorCode::usage,
                    fmt::format("'{}' is not an IP address to listen on", printable(config.address)));
    }
    const tcp::endpoint endpoint(address, config.port);
    auto& acceptor = impl->acceptor;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(net::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
    if (error) {
        return fail(ErrorCode::usage, fmt::format("cannot listen on {} port {}: {}; --listen chooses another",
                                                  config.address, config.port, error.message()));
    }
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::uint16_t Server::port() const {
    Error_ error;
    return impl_->acceptor.local_endpoint(error).port();
}

void Server::run() {
    auto& impl = *impl_;
    Error_ ignored;
    impl.signals.add(SIGINT, ignored);
    impl.signals.add(SIGTERM, ignored);
    impl.signals.async_wait([&impl](const Error_& error, int) {
        if (!error) impl.begin_to_stop();
    });
    net::co_spawn(impl.control, impl.accept(), net::detached);
    const auto work = [&impl] {
        for (;;) {
            try {
                impl.io.run();
                return;
            } catch (const std::exception& error) {
                spdlog::error("server thread: {}", printable(error.what()));
            }
        }
    };
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < impl.threads; ++i) others.emplace_back(work);
    work();
}

void Server::stop() {
    net::post(impl_->control, [impl = impl_.get()] { impl->begin_to_stop(); });
}

}  // namespace assay::server
