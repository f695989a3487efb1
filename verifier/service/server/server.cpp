#include "verifier/service/server/server.h"

#include <algorithm>
#include <csignal>
#include <optional>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/core.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include "evidence/base/text.h"
#include "verifier/service/server/caller.h"
#include "verifier/service/server/connection.h"

namespace assay::server {
namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;
using Error_ = boost::system::error_code;

/// Each connection is a descriptor. There must be some beside them, or a stranger who opens connections shuts
/// the door before their limit does.
ServerLimits within_descriptors(ServerLimits limits) {
    constexpr rlim_t kOthers = 128;
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return limits;
    const auto wanted = std::min(files.rlim_max, limits.connections + kOthers);
    if (files.rlim_cur < wanted) {
        files.rlim_cur = wanted;
        if (setrlimit(RLIMIT_NOFILE, &files) != 0) getrlimit(RLIMIT_NOFILE, &files);
    }
    if (files.rlim_cur < limits.connections + kOthers) {
        limits.connections = files.rlim_cur > 2 * kOthers ? files.rlim_cur - kOthers : kOthers;
        spdlog::warn("only {} connections at once: the limit on open files is {}", limits.connections,
                     files.rlim_cur);
    }
    return limits;
}

}  // namespace

/// Each thread has an io_context of its own, and connections that no other thread touches. The first accepts,
/// and hands them out in turn.
struct Server::Impl {
    Impl(const ServerConfig& the_config, std::shared_ptr<api::Service> service, unsigned count)
        : config(the_config),
          limits(within_descriptors(config.limits)),
          metrics(service->metrics),
          services(std::move(service)),
          admission(limits, metrics),
          workers(limits, count, metrics) {}

    net::awaitable<void> accept();
    void admit(tcp::socket socket, IoThread& thread);
    void begin_to_stop();
    void end();
    void wait_for_last();
    void go_round();
    void turn(std::size_t index);
    net::io_context& control() { return threads.front()->io; }

    const ServerConfig config;
    const ServerLimits limits;
    api::Metrics& metrics;
    api::ServiceInUse services;
    Admission admission;
    std::vector<std::unique_ptr<IoThread>> threads;  // never empty
    Workers workers;                                 // ends before those for whom it works
    std::optional<tcp::acceptor> acceptor;
    std::optional<net::signal_set> signals;
    std::optional<net::steady_timer> deadline, poll, round;
    std::size_t next = 0;
    bool stopping = false;  // on the first thread
};

void Server::Impl::admit(tcp::socket socket, IoThread& thread) {
    Error_ error;
    const auto peer = socket.remote_endpoint(error);
    if (error) return;
    socket.set_option(tcp::no_delay(true), error);
    const auto source = source_of(peer.address());
    auto connection = std::make_shared<Connection>(std::move(socket), source, thread,
                                                   Shared{limits, services, metrics, admission, workers});
    auto place = admission.connection(source, [weak = std::weak_ptr(connection), &io = thread.io] {
        net::post(io, [weak] {
            if (const auto evicted = weak.lock()) evicted->evict();
        });
    });
    if (!place) return;
    net::post(thread.io, [connection = std::move(connection), place = std::move(place)]() mutable {
        connection->start(std::move(place));
    });
}

net::awaitable<void> Server::Impl::accept() {
    constexpr std::chrono::milliseconds kPause{100};
    while (!stopping) {
        Error_ error;
        auto token = net::redirect_error(net::use_awaitable, error);
        auto& thread = *threads.at(next++ % threads.size());
        tcp::socket socket = co_await acceptor->async_accept(thread.io, token);
        if (stopping || error == net::error::operation_aborted) co_return;
        if (!error) {
            admit(std::move(socket), thread);
            continue;
        }
        // Out of descriptors or memory, most likely: those that are open will end.
        spdlog::warn("accept: {}", printable(error.message()));
        net::steady_timer pause(control(), kPause);
        co_await pause.async_wait(token);
    }
}

void Server::Impl::end() {
    for (const auto& thread : threads) thread->io.stop();
}

void Server::Impl::wait_for_last() {
    if (admission.connections() == 0) return end();
    poll->expires_after(std::chrono::milliseconds(20));
    poll->async_wait([this](const Error_& error) {
        if (!error) wait_for_last();
    });
}

// Through every thread in turn: one that does not turn any more keeps the word from being given.
void Server::Impl::go_round() {
    round->expires_after(config.alive_every);
    round->async_wait([this](const Error_& error) {
        if (!error) turn(0);
    });
}

void Server::Impl::turn(std::size_t index) {
    if (index < threads.size()) {
        net::post(threads.at(index)->io, [this, index] { turn(index + 1); });
        return;
    }
    config.alive();
    net::post(control(), [this] { go_round(); });
}

void Server::Impl::begin_to_stop() {
    if (stopping) return;
    stopping = true;
    Error_ ignored;
    acceptor->close(ignored);
    signals->cancel(ignored);
    for (const auto& thread : threads) {
        net::post(thread->io, [&thread = *thread] {
            thread.stopping = true;
            for (auto* connection : thread.open) connection->stop();
        });
    }
    // Open requests have so long; then the threads are let go. (The timer alone would keep them for all of
    // it.)
    deadline->expires_after(limits.grace);
    deadline->async_wait([this](const Error_& error) {
        if (!error) end();
    });
    wait_for_last();
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::listen(const ServerConfig& config,
                                               std::shared_ptr<api::Service> service) {
    // OpenSSL writes to the descriptor with write(2): a client that is gone is an error there, never a
    // signal.
    std::signal(SIGPIPE, SIG_IGN);
    const unsigned threads =
        config.threads != 0 ? config.threads : std::max(1U, std::thread::hardware_concurrency());
    auto impl = std::make_unique<Impl>(config, std::move(service), threads);
    for (unsigned i = 0; i < threads; ++i) {
        auto library = TlsContext::new_library();
        auto context = TRY(TlsContext::load(config.tls, library));
        impl->threads.push_back(std::make_unique<IoThread>(std::move(library), std::move(context)));
    }
    Error_ error;
    const auto address = net::ip::make_address(config.address, error);
    if (error) {
        return fail(ErrorCode::usage,
                    fmt::format("'{}' is not an IP address to listen on", printable(config.address)));
    }
    const tcp::endpoint endpoint(address, config.port);
    auto& acceptor = impl->acceptor.emplace(impl->control());
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(net::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
    if (error) {
        return fail(ErrorCode::usage, fmt::format("cannot listen on {} port {}: {}; --listen chooses another",
                                                  config.address, config.port, error.message()));
    }
    impl->signals.emplace(impl->control());
    impl->deadline.emplace(impl->control());
    impl->poll.emplace(impl->control());
    impl->round.emplace(impl->control());
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::uint16_t Server::port() const {
    Error_ error;
    return impl_->acceptor->local_endpoint(error).port();
}

void Server::run() {
    auto& impl = *impl_;
    Error_ ignored;
    impl.signals->add(SIGINT, ignored);
    impl.signals->add(SIGTERM, ignored);
    impl.signals->async_wait([&impl](const Error_& error, int) {
        if (!error) impl.begin_to_stop();
    });
    net::co_spawn(impl.control(), impl.accept(), net::detached);
    if (impl.config.alive && impl.config.alive_every.count() > 0) {
        impl.config.alive();
        impl.go_round();
    }
    const auto serve = [](IoThread& thread) {
        const auto stays = net::make_work_guard(thread.io);
        for (;;) {
            try {
                thread.io.run();
                return;
            } catch (const std::exception& error) {
                spdlog::error("server thread: {}", printable(error.what()));
            }
        }
    };
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < impl.threads.size(); ++i) {
        others.emplace_back([&serve, &thread = *impl.threads.at(i)] { serve(thread); });
    }
    serve(*impl.threads.front());
}

void Server::stop() {
    net::post(impl_->control(), [impl = impl_.get()] { impl->begin_to_stop(); });
}

Result<std::vector<TlsContext>> Server::load_tls_again() const {
    std::vector<TlsContext> out;
    for (const auto& thread : impl_->threads)
        out.push_back(TRY(TlsContext::load(impl_->config.tls, thread->library)));
    return out;
}

void Server::use(std::vector<TlsContext> contexts, std::shared_ptr<api::Service> service) {
    impl_->services.set(std::move(service));
    for (std::size_t i = 0; i < impl_->threads.size(); ++i) {
        auto& thread = *impl_->threads.at(i);
        net::post(thread.io, [&thread, context = std::move(contexts.at(i))]() mutable {
            thread.tls = std::move(context);
        });
    }
}

}  // namespace assay::server
