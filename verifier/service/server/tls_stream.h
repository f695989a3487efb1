#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "verifier/service/server/tls_context.h"

namespace assay::server {

/// TLS on a socket: OpenSSL reads and writes the descriptor itself, and the io_context only says when it may.
/// So nothing is copied, and a connection that rests owns no buffer. For one thread. Whatever ends the
/// connection (the client, an error, close()) is `false` or 0, and final.
class TlsStream {
  public:
    explicit TlsStream(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

    boost::asio::awaitable<bool> handshake(const TlsContext& context);
    /// Until something has arrived.
    boost::asio::awaitable<bool> arrived();
    /// At most one record: a buffer of 16 KiB leaves nothing behind in OpenSSL.
    boost::asio::awaitable<std::size_t> read(std::span<char> buffer);
    /// All of it. `data` must stay as it is until then.
    boost::asio::awaitable<bool> write(std::string_view data);
    /// Says that no more will be written, and throws away at most `most` bytes that still come: an answer
    /// that the client has not read yet is lost when a socket is closed with bytes in it.
    boost::asio::awaitable<void> finish(std::span<char> scratch, std::size_t most);
    /// What is awaited ends; the connection does not.
    void cancel();
    /// What is awaited ends, and so does all that comes after it.
    void close();

    [[nodiscard]] const SSL* native() const { return tls_.get(); }
    [[nodiscard]] boost::asio::any_io_executor executor() { return socket_.get_executor(); }

  private:
    enum class Next : unsigned char { read, write, end };
    /// Of the call that returned `result`.
    [[nodiscard]] Next next(int result);
    boost::asio::awaitable<bool> ready(Next next);

    boost::asio::ip::tcp::socket socket_;
    SslConnection tls_;
    bool failed_ = false;  // no alert may follow
};

}  // namespace assay::server
