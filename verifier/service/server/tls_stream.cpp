#include "verifier/service/server/tls_stream.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/err.h>
#include <sys/socket.h>

namespace assay::server {
namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;
using ErrorOfAsio = boost::system::error_code;

}  // namespace

// In all coroutines below, what is awaited is made of named values: g++ 12 destroys temporaries of a co_await
// expression twice or never.
TlsStream::Next TlsStream::next(int result) {
    switch (SSL_get_error(tls_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return Next::read;
        case SSL_ERROR_WANT_WRITE:
            return Next::write;
        case SSL_ERROR_ZERO_RETURN:  // the client's close_notify
            return Next::end;
        default:
            failed_ = true;
            return Next::end;
    }
}

net::awaitable<bool> TlsStream::ready(Next next) {
    if (next == Next::end || !socket_.is_open()) co_return false;
    ErrorOfAsio error;
    auto token = net::redirect_error(net::use_awaitable, error);
    const auto what = next == Next::read ? tcp::socket::wait_read : tcp::socket::wait_write;
    co_await socket_.async_wait(what, token);
    co_return !error && socket_.is_open();
}

net::awaitable<bool> TlsStream::handshake(const TlsContext& context) {
    if (!socket_.is_open()) co_return false;
    ErrorOfAsio error;
    socket_.non_blocking(true, error);
    tls_ = context.accept(socket_.native_handle());
    if (error || !tls_) co_return false;
    for (;;) {
        ERR_clear_error();
        const int result = SSL_accept(tls_.get());
        if (result == 1) co_return true;
        const bool again = co_await ready(next(result));
        if (!again) co_return false;
    }
}

net::awaitable<bool> TlsStream::arrived() {
    return ready(Next::read);
}

net::awaitable<std::size_t> TlsStream::read(std::span<char> buffer) {
    while (socket_.is_open()) {
        std::size_t size = 0;
        ERR_clear_error();
        const int result = SSL_read_ex(tls_.get(), buffer.data(), buffer.size(), &size);
        if (result == 1) co_return size;
        const bool again = co_await ready(next(result));
        if (!again) break;
    }
    co_return 0;
}

net::awaitable<bool> TlsStream::write(std::string_view data) {
    while (!data.empty()) {
        if (!socket_.is_open()) co_return false;
        std::size_t size = 0;
        ERR_clear_error();
        const int result = SSL_write_ex(tls_.get(), data.data(), data.size(), &size);
        if (result == 1) {
            data.remove_prefix(size);
            continue;
        }
        const bool again = co_await ready(next(result));
        if (!again) co_return false;
    }
    co_return true;
}

net::awaitable<void> TlsStream::finish(std::span<char> scratch, std::size_t most) {
    if (!socket_.is_open()) co_return;
    ERR_clear_error();
    if (!failed_) SSL_shutdown(tls_.get());
    ErrorOfAsio ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    std::size_t thrown_away = 0;
    while (thrown_away < most) {
        const bool more = co_await ready(Next::read);
        if (!more) break;
        const auto size = ::recv(socket_.native_handle(), scratch.data(), scratch.size(), MSG_DONTWAIT);
        if (size == 0 || (size < 0 && errno != EAGAIN)) break;
        if (size > 0) thrown_away += static_cast<std::size_t>(size);
    }
    close();
}

void TlsStream::cancel() {
    ErrorOfAsio ignored;
    socket_.cancel(ignored);
}

void TlsStream::close() {
    ErrorOfAsio ignored;
    socket_.close(ignored);
}

}  // namespace assay::server
