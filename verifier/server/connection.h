#pragma once

#include <atomic>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl.hpp>

#include "verifier/api/endpoint.h"
#include "verifier/server/admission.h"

namespace assay::server {

/// One client: handshake, then requests one after another, on a strand of its own. Kept alive by its
/// coroutine.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& tls, api::Service& service,
               Admission& admission, const ServerLimits& limits, std::unique_ptr<Admission::Ticket> ticket);

    void start();
    /// From any thread: no further request; one that is being served is finished.
    void stop();

  private:
    using Head = boost::beast::http::request_parser<boost::beast::http::empty_body>;
    using Whole = boost::beast::http::request_parser<boost::beast::http::string_body>;
    /// What is to be done with a head: read this many bytes of body, or answer at once and hang up.
    struct Plan {
        std::size_t limit = 0;
        std::unique_ptr<Admission::Ticket> room;
        bool refused = false;
        api::Response refusal;
    };

    boost::asio::awaitable<void> run();
    boost::asio::awaitable<bool> serve_one(bool last);
    boost::asio::awaitable<void> linger();
    boost::asio::awaitable<bool> wait_for_request();
    boost::asio::awaitable<bool> continue_if_expected(const Head& head);
    boost::asio::awaitable<bool> write(const api::Response& answer, bool keep_alive);
    void plan(const Head& head, api::Request& request, Plan& plan);
    api::Response answer(api::Request& request, Whole& whole);
    void expires_in(std::chrono::milliseconds time);

    boost::beast::ssl_stream<boost::beast::tcp_stream> stream_;
    boost::beast::flat_buffer buffer_;
    api::Service& service_;
    Admission& admission_;
    const ServerLimits& limits_;
    std::unique_ptr<Admission::Ticket> ticket_;
    std::string certificate_;  // hex SHA-256; empty without one
    bool idle_ = false;        // on the strand
    bool refused_ = false;     // and told so, before the request was read to its end
    bool stopping_ = false;    // on the strand
};

}  // namespace assay::server
