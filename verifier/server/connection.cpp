#include "verifier/server/connection.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <spdlog/spdlog.h>

#include "evidence/base/text.h"
#include "verifier/server/caller.h"

namespace assay::server {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::size_t kReadBuffer = 64U << 10U;
constexpr unsigned kHttp11 = 11;
constexpr std::chrono::milliseconds kLinger{2000};
constexpr std::chrono::milliseconds kGoodbye{1000};  // for the client's close_notify
constexpr std::size_t kMostThrownAway = 8U << 20U;

api::Response refusal_of_head(const beast::error_code& error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return api::problem(431, "limit", "the request's header is too large");
    }
    return api::problem(400, "malformed", "this is not an HTTP/1.1 request");
}

std::string plain_content_type(std::string_view value) {
    std::string out(trimmed(value.substr(0, value.find(';'))));
    for (auto& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

}  // namespace

Connection::Connection(net::ip::tcp::socket socket, net::ssl::context& tls, api::Service& service,
                       Admission& admission, const ServerLimits& limits,
                       std::unique_ptr<Admission::Ticket> ticket)
    : stream_(std::move(socket), tls),
      buffer_(kReadBuffer),
      service_(service),
      admission_(admission),
      limits_(limits),
      ticket_(std::move(ticket)) {}

void Connection::start() {
    auto self = shared_from_this();
    net::co_spawn(stream_.get_executor(), run(), [self](const std::exception_ptr& failed) {
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

void Connection::stop() {
    net::post(stream_.get_executor(), [self = shared_from_this()] {
        self->stopping_ = true;
        if (self->idle_) beast::get_lowest_layer(self->stream_).cancel();
    });
}

void Connection::expires_in(std::chrono::milliseconds time) {
    beast::get_lowest_layer(stream_).expires_after(time);
}

// In all coroutines below, what is awaited is made of named values: g++ 12 destroys temporaries of a co_await
// expression twice or never.
net::awaitable<void> Connection::run() {
    beast::error_code error;
    auto token = net::redirect_error(net::use_awaitable, error);
    expires_in(limits_.handshake);
    co_await stream_.async_handshake(net::ssl::stream_base::server, token);
    if (error) {
        service_.metrics.connection_refused("handshake");
        co_return;
    }
    certificate_ = peer_certificate(stream_.native_handle());
    for (std::size_t i = 1; i <= limits_.requests_per_connection; ++i) {
        const bool more = co_await serve_one(i == limits_.requests_per_connection);
        if (!more) break;
    }
    if (refused_) co_await linger();
    expires_in(kGoodbye);
    co_await stream_.async_shutdown(token);
}

// A refused request may still be arriving. Closing now would reset the connection, and with it the answer
// that the client has not read yet; so what comes is thrown away for a moment.
net::awaitable<void> Connection::linger() {
    beast::error_code error;
    auto token = net::redirect_error(net::use_awaitable, error);
    std::size_t thrown_away = 0;
    expires_in(kLinger);
    while (!error && thrown_away < kMostThrownAway && !stopping_) {
        buffer_.clear();
        const auto space = buffer_.prepare(kReadBuffer);
        const std::size_t size = co_await stream_.async_read_some(space, token);
        thrown_away += size;
    }
}

net::awaitable<bool> Connection::wait_for_request() {
    if (stopping_) co_return false;
    if (buffer_.size() != 0) co_return true;
    beast::error_code error;
    auto token = net::redirect_error(net::use_awaitable, error);
    constexpr std::size_t kFirst = 4096;
    expires_in(limits_.idle);
    idle_ = true;
    const auto space = buffer_.prepare(kFirst);
    const std::size_t size = co_await stream_.async_read_some(space, token);
    idle_ = false;
    buffer_.commit(size);
    co_return !error;
}

net::awaitable<bool> Connection::serve_one(bool last) {
    const bool there = co_await wait_for_request();
    if (!there) co_return false;
    beast::error_code error;
    auto token = net::redirect_error(net::use_awaitable, error);
    Head head;
    head.header_limit(static_cast<std::uint32_t>(limits_.header));
    head.body_limit(boost::none);  // set when the endpoint is known, before a byte of the body is read
    expires_in(limits_.header_time);
    co_await http::async_read_header(stream_, buffer_, head, token);
    if (error) {
        // Only a parser's complaint can be answered; any other error is a client that is slow or gone.
        if (error.category() == http::make_error_code(http::error::bad_method).category() &&
            error != http::error::end_of_stream && error != http::error::partial_message) {
            const auto refusal = refusal_of_head(error);
            refused_ = co_await write(refusal, false);
        }
        co_return false;
    }

    api::Request request;
    Plan planned;
    plan(head, request, planned);
    if (planned.refused) {
        refused_ = co_await write(planned.refusal, false);
        co_return false;
    }
    const bool continued = co_await continue_if_expected(head);
    if (!continued) co_return false;

    const auto length = head.content_length().value_or(planned.limit);
    Whole whole(std::move(head));
    whole.body_limit(planned.limit);
    expires_in(limits_.body_time + std::chrono::milliseconds(1000 * length / limits_.body_rate));
    co_await http::async_read(stream_, buffer_, whole, token);
    if (error == http::error::body_limit) {
        const auto refusal = api::problem(413, "limit", "the body is too large");
        refused_ = co_await write(refusal, false);
        co_return false;
    }
    if (error) co_return false;  // slow, gone or garbled: nothing that could be answered

    const bool keep_alive = whole.keep_alive() && !last && !stopping_;
    const auto response = answer(request, whole);
    const bool written = co_await write(response, keep_alive);
    co_return written&& keep_alive;
}

net::awaitable<bool> Connection::continue_if_expected(const Head& head) {
    if (!beast::iequals(head.get()[http::field::expect], "100-continue")) co_return true;
    beast::error_code error;
    auto token = net::redirect_error(net::use_awaitable, error);
    http::response<http::empty_body> go_on(http::status::continue_, kHttp11);
    expires_in(limits_.write_time);
    co_await http::async_write(stream_, go_on, token);
    co_return !error;
}

void Connection::plan(const Head& head, api::Request& request, Plan& plan) {
    const auto refuse = [&](api::Response response) {
        plan.refused = true;
        plan.refusal = std::move(response);
    };
    const auto& message = head.get();
    const auto method = message.method();
    if (message.version() != kHttp11) {
        return refuse(api::problem(400, "unsupported", "HTTP/1.1 is wanted"));
    }
    if (method != http::verb::get && method != http::verb::post) {
        return refuse(api::problem(405, "usage", "GET and POST are all there is"));
    }
    request.verb = method == http::verb::get ? api::Verb::get : api::Verb::post;
    const auto target = message.target();
    if (const auto set = api::set_target(request, {target.data(), target.size()}); !set) {
        return refuse(api::problem(set.error()));
    }
    plan.limit = api::body_limit(request.verb, request.path);
    const auto claimed = head.content_length();
    const bool chunked = head.chunked();
    if (claimed.value_or(0) > plan.limit || (chunked && plan.limit == 0)) {
        return refuse(api::problem(413, "limit", "the body is too large for this path"));
    }
    plan.room = admission_.body(chunked ? plan.limit : static_cast<std::size_t>(claimed.value_or(0)));
    if (!plan.room) refuse(api::problem(503, "io", "too many large requests at once; try again later"));
}

api::Response Connection::answer(api::Request& request, Whole& whole) {
    auto message = whole.release();
    const auto type = message[http::field::content_type];
    request.content_type = plain_content_type({type.data(), type.size()});
    request.body = std::move(message.body());
    auto caller = caller_of(service_.store, certificate_);
    if (!caller) {
        spdlog::error("operators: {}", printable(describe(caller.error())));
        return api::problem(caller.error());
    }
    request.caller = *std::move(caller);
    return api::dispatch(std::move(request), service_);
}

net::awaitable<bool> Connection::write(const api::Response& answer, bool keep_alive) {
    http::response<http::string_body> message(static_cast<http::status>(answer.status), kHttp11);
    message.set(http::field::content_type, answer.content_type);
    message.set(http::field::cache_control, "no-store");
    message.set("X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : answer.headers) message.set(name, value);
    message.body() = answer.body;
    message.keep_alive(keep_alive);
    message.prepare_payload();
    beast::error_code error;
    auto token = net::redirect_error(net::use_awaitable, error);
    expires_in(limits_.write_time);
    co_await http::async_write(stream_, message, token);
    co_return !error;
}

}  // namespace assay::server
