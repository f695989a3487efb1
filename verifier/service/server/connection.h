#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "verifier/service/api/endpoint.h"
#include "verifier/service/server/io_thread.h"
#include "verifier/service/server/request_parser.h"
#include "verifier/service/server/tls_stream.h"

namespace assay::server {

/// One client: handshake, then requests one after another, on its thread. Kept alive by its coroutine.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    /// `source` is the client's, as source_of gives it.
    Connection(boost::asio::ip::tcp::socket socket, std::string source, IoThread& thread, Shared shared);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    /// On its thread, as everything below.
    void start(std::unique_ptr<Admission::Place> place);
    /// Its place was given to another.
    void evict();
    /// No further request; one that is being served is finished.
    void stop();

  private:
    using Clock = std::chrono::steady_clock;

    boost::asio::awaitable<void> run();
    boost::asio::awaitable<void> serve();
    boost::asio::awaitable<bool> wait_for_request();
    /// False: hang up.
    boost::asio::awaitable<bool> serve_one(bool last);
    /// Until the head, or the body, has come; false where the client is slow or gone.
    boost::asio::awaitable<bool> read_head(RequestParser& parser);
    boost::asio::awaitable<bool> read_body(RequestParser& parser);
    /// A client whose bytes are always there already must not keep the thread from others.
    boost::asio::awaitable<void> take_turns();
    /// Bytes that came; 0 where none will.
    boost::asio::awaitable<std::size_t> feed(RequestParser& parser);
    boost::asio::awaitable<bool> refuse(RequestParser& parser, const api::Response& response,
                                        bool keep_alive);
    /// Who is calling; where that cannot be told, `failure` is the answer, and it is false.
    boost::asio::awaitable<bool> identify(api::Caller& caller, api::Response& failure, api::Service& service);
    /// False where there was no room for it.
    boost::asio::awaitable<bool> handle(api::Plan& plan, api::Request& request, Body& body,
                                        api::Response& response, api::Service& service);
    /// Runs `work` beside this thread; false where there was no room for it.
    boost::asio::awaitable<bool> on_workers(Lane lane, const std::string& source, const Workers::Work& work);
    boost::asio::awaitable<bool> write(const api::Response& answer, bool keep_alive, bool without_body);

    std::expected<api::Plan, api::Refusal> plan(const RequestParser& parser, api::Request& request,
                                                api::Service& service);
    void expires_at(Clock::time_point at);
    void expires_in(std::chrono::milliseconds time) { expires_at(Clock::now() + time); }
    /// While it is being worked for, a client cannot be late.
    void never_expires() { deadline_ = Clock::time_point::max(); }
    void wake_at_deadline();

    TlsStream stream_;
    boost::asio::steady_timer timer_;
    Clock::time_point deadline_ = Clock::time_point::max();
    Clock::time_point wakes_at_ = Clock::time_point::max();
    std::string source_;
    IoThread& thread_;
    Shared shared_;
    std::unique_ptr<Admission::Place> place_;
    std::string certificate_;  // hex SHA-256; empty without one
    std::string pending_;      // what was read and not parsed yet
    unsigned steps_ = 0;
    bool idle_ = false;
    bool evicted_ = false;
    bool refused_ = false;  // and told so, before the request was read to its end
};

}  // namespace assay::server
