#include "verifier/service/server/connection.h"

#include <optional>

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/status.hpp>
#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include "evidence/base/text.h"
#include "verifier/service/server/caller.h"

namespace assay::server {
namespace {

namespace net = boost::asio;

constexpr std::chrono::milliseconds kLinger{2000};
constexpr std::chrono::milliseconds kGoodbye{1000};  // for the client to hang up, too
constexpr std::size_t kMostThrownAway = 8U << 20U;
constexpr std::size_t kOneWrite = 16U << 10U;  // a record
constexpr unsigned kStepsInTurn = 16;          // then others on this thread have theirs
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// "200 OK" and the fields, with the empty line.
std::string head_of(const api::Response& answer, bool keep_alive) {
    const auto reason =
        boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(answer.status));
    auto head = fmt::format(
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nCache-Control: no-store\r\nX-Content-Type-Options: "
        "nosniff\r\n",
        answer.status, std::string_view(reason.data(), reason.size()), answer.content_type);
    for (const auto& [name, value] : answer.headers)
        head += fmt::format("{}: {}\r\n", name, printable(value));
    head += fmt::format("Content-Length: {}\r\n{}\r\n", answer.body.size(),
                        keep_alive ? "" : "Connection: close\r\n");
    return head;
}

/// Empty for a method that no endpoint has.
std::optional<api::Verb> verb_of(std::string_view method) {
    if (method == "GET" || method == "HEAD") return api::Verb::get;
    if (method == "POST") return api::Verb::post;
    return {};
}

}  // namespace

Connection::Connection(net::ip::tcp::socket socket, std::string source, IoThread& thread, Shared shared)
    : stream_(std::move(socket)),
      timer_(stream_.executor()),
      source_(std::move(source)),
      thread_(thread),
      shared_(shared) {}

Connection::~Connection() {
    if (place_) thread_.open.erase(this);  // else it was never started, and this may be another thread
}

void Connection::start(std::unique_ptr<Admission::Place> place) {
    place_ = std::move(place);
    thread_.open.insert(this);
    net::co_spawn(stream_.executor(), run(), [self = shared_from_this()](const std::exception_ptr& failed) {
        if (!failed) return;
        try {
            std::rethrow_exception(failed);
        } catch (const std::exception& error) {
            spdlog::error("connection: exception: {}", printable(error.what()));
        } catch (...) {
            spdlog::error("connection: unknown exception");
        }
    });
}

void Connection::evict() {
    evicted_ = true;
    stream_.close();
}

void Connection::stop() {
    if (idle_) stream_.cancel();
}

void Connection::expires_at(Clock::time_point at) {
    deadline_ = at;
    if (at < wakes_at_) wake_at_deadline();
}

// The timer is set anew only where a deadline moves forward: most deadlines move away before they come.
void Connection::wake_at_deadline() {
    wakes_at_ = deadline_;
    timer_.expires_at(deadline_);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (error || !self) return;
        self->wakes_at_ = Clock::time_point::max();
        if (Clock::now() >= self->deadline_) return self->stream_.close();
        if (self->deadline_ != Clock::time_point::max()) self->wake_at_deadline();
    });
}

// In all coroutines below, what is awaited is made of named values: g++ 12 destroys temporaries of a co_await
// expression twice or never.
net::awaitable<void> Connection::run() {
    expires_in(shared_.limits.handshake);
    const bool greeted = co_await stream_.handshake(thread_.tls);
    if (greeted) {
        certificate_ = peer_certificate(stream_.native());
        place_->set_operator(!certificate_.empty());
        co_await serve();
        expires_in(refused_ ? kLinger : kGoodbye);
        co_await stream_.finish(thread_.scratch, kMostThrownAway);
    } else if (!evicted_) {
        shared_.metrics.connection_refused("handshake");
    }
    timer_.cancel();
}

net::awaitable<void> Connection::serve() {
    const auto most = shared_.limits.requests_per_connection;
    for (std::size_t i = 1; i <= most; ++i) {
        const bool there = co_await wait_for_request();
        if (!there) co_return;
        place_->enter(Phase::transfer);
        co_await take_turns();
        const bool more = co_await serve_one(i == most);
        if (!more) co_return;
    }
}

net::awaitable<bool> Connection::wait_for_request() {
    if (thread_.stopping) co_return false;
    if (!pending_.empty()) co_return true;
    pending_.shrink_to_fit();
    expires_in(shared_.limits.idle);
    place_->enter(Phase::idle);
    idle_ = true;
    const bool there = co_await stream_.arrived();
    idle_ = false;
    co_return there;
}

net::awaitable<void> Connection::take_turns() {
    if (++steps_ % kStepsInTurn != 0) co_return;
    auto token = net::use_awaitable;
    co_await net::post(stream_.executor(), token);
}

net::awaitable<std::size_t> Connection::feed(RequestParser& parser) {
    co_await take_turns();
    const auto size = co_await stream_.read(thread_.scratch);
    const std::string_view arrived(thread_.scratch.data(), size);
    if (pending_.empty()) {
        pending_ = arrived.substr(parser.take(arrived));
    } else {
        pending_ += arrived;
        pending_.erase(0, parser.take(pending_));
    }
    co_return size;
}

net::awaitable<bool> Connection::read_head(RequestParser& parser) {
    expires_in(shared_.limits.header_time);
    pending_.erase(0, parser.take(pending_));
    while (!parser.has_head() && !parser.refusal()) {
        const auto size = co_await feed(parser);
        if (size == 0) co_return false;
    }
    co_return true;
}

net::awaitable<bool> Connection::read_body(RequestParser& parser) {
    const auto start = Clock::now();
    std::uint64_t received = 0;
    pending_.erase(0, parser.take(pending_));
    while (!parser.is_whole() && !parser.refusal()) {
        const auto earned = std::chrono::milliseconds(1000 * received / shared_.limits.body_rate);
        expires_at(start + shared_.limits.body_time + earned);
        const auto size = co_await feed(parser);
        if (size == 0) co_return false;
        received += size;
    }
    co_return true;
}

// What is left of a small request is read and thrown away, and the connection kept; with any other it ends.
net::awaitable<bool> Connection::refuse(RequestParser& parser, const api::Response& response,
                                        bool keep_alive) {
    const auto claimed = parser.claimed_length();
    const bool is_small = parser.is_whole() || (claimed && *claimed <= shared_.limits.small_body);
    const bool stays = keep_alive && is_small && !parser.expects_continue() && !parser.refusal();
    const bool written = co_await write(response, stays, parser.method() == "HEAD");
    refused_ = !stays;
    if (!written || !stays) co_return false;
    parser.set_body(nullptr);
    const bool whole = co_await read_body(parser);
    co_return whole && !parser.refusal();
}

net::awaitable<bool> Connection::on_workers(Lane lane, const std::string& source, const Workers::Work& work) {
    never_expires();
    auto submit = [this, lane, &source, &work](auto handler) {
        auto done = [executor = stream_.executor(), handler = std::move(handler)](bool accepted) mutable {
            net::post(executor, [handler = std::move(handler), accepted]() mutable { handler(accepted); });
        };
        shared_.workers.submit(lane, source, work, std::move(done));
    };
    auto token = net::use_awaitable;
    auto finished = net::async_initiate<decltype(token), void(bool)>(std::move(submit), token);
    const bool accepted = co_await std::move(finished);
    co_return accepted;
}

net::awaitable<bool> Connection::identify(api::Caller& caller, api::Response& failure,
                                          api::Service& service) {
    if (certificate_.empty()) co_return true;
    bool known = false;
    const Workers::Work ask = [&] {
        auto found = caller_of(service.store, certificate_, service.now());
        known = found.has_value();
        if (known) {
            caller = *std::move(found);
        } else {
            spdlog::error("operators: {}", printable(describe(found.error())));
            failure = api::problem(found.error());
        }
    };
    const std::string no_share;
    const bool asked = co_await on_workers(Lane::quick, no_share, ask);
    place_->set_operator(caller.role != api::Role::anyone);
    co_return asked&& known;
}

std::expected<api::Plan, api::Refusal> Connection::plan(const RequestParser& parser, api::Request& request,
                                                        api::Service& service) {
    if (const auto set = api::set_target(request, parser.target()); !set) {
        return std::unexpected(api::Refusal{api::problem(set.error()), "path"});
    }
    const auto verb = verb_of(parser.method());
    if (!verb) return std::unexpected(api::refuse_method(request.path));
    request.verb = *verb;
    request.source = source_;
    request.content_type = parser.content_type();
    return api::plan(request, parser.claimed_length().value_or(0), service);
}

net::awaitable<bool> Connection::handle(api::Plan& plan, api::Request& request, Body& body,
                                        api::Response& response, api::Service& service) {
    const bool is_operator = request.caller.role != api::Role::anyone;
    auto lane = body.size() <= shared_.limits.small_body ? Lane::small : Lane::large;
    if (is_operator) lane = Lane::operators;
    if (plan.endpoint->quick) lane = Lane::quick;
    request.body = body.take();
    if (plan.endpoint->from_memory) {
        response = api::handle(std::move(plan), std::move(request), service);
        co_return true;
    }
    const Workers::Work work = [&] { response = api::handle(std::move(plan), std::move(request), service); };
    place_->enter(Phase::working);
    const auto share = is_operator ? std::string() : source_;
    const bool done = co_await on_workers(lane, share, work);
    place_->enter(Phase::transfer);
    co_return done;
}

net::awaitable<bool> Connection::serve_one(bool last) {
    auto& metrics = shared_.metrics;
    RequestParser parser(shared_.limits.header);
    const bool there = co_await read_head(parser);
    if (!there) co_return false;
    const bool keep_alive = !parser.refusal() && parser.wants_to_stay() && !last;
    api::Request request;
    api::Response response;
    if (!parser.refusal()) {
        const auto service = shared_.services.get();  // to the end of this request
        const bool identified = co_await identify(request.caller, response, *service);
        if (!identified) {
            const bool more = co_await refuse(parser, response, keep_alive);
            co_return more;
        }
        auto planned = plan(parser, request, *service);
        if (!planned) {
            response = api::refused(std::move(planned.error()), *service);
            const bool more = co_await refuse(parser, response, keep_alive);
            co_return more;
        }
        if (parser.expects_continue() && !parser.is_whole()) {
            expires_in(shared_.limits.write_time);
            const bool told = co_await stream_.write(kContinue);
            if (!told) co_return false;
        }
        Body body(shared_.admission, source_, request.caller.role != api::Role::anyone, planned->body_limit,
                  parser.claimed_length());
        parser.set_body(&body);
        const bool whole = co_await read_body(parser);
        if (!whole) co_return false;
        if (!parser.refusal()) {
            const bool done = co_await handle(*planned, request, body, response, *service);
            if (!done) {
                metrics.request_refused("queue");
                response = api::busy("too many requests at once; try again later");
            }
            const bool stays = keep_alive && !thread_.stopping;
            const bool written = co_await write(response, stays, parser.method() == "HEAD");
            co_return written&& stays;
        }
    }
    metrics.request_refused(parser.reason());
    response = *parser.refusal();
    const bool more = co_await refuse(parser, response, false);
    co_return more;
}

net::awaitable<bool> Connection::write(const api::Response& answer, bool keep_alive, bool without_body) {
    auto head = head_of(answer, keep_alive);
    std::string_view rest = without_body ? std::string_view() : answer.body;
    if (rest.size() <= kOneWrite) {
        head += rest;
        rest = {};
    }
    expires_in(shared_.limits.write_time);
    const bool begun = co_await stream_.write(head);
    if (!begun) co_return false;
    const bool written = co_await stream_.write(rest);
    co_return written;
}

}  // namespace assay::server
