#pragma once

#include <filesystem>
#include <memory>

#include <openssl/ssl.h>

#include "evidence/base/result.h"

namespace assay::server {

struct TlsFiles {
    std::filesystem::path
        certificate;            ///< PEM: the server's, then those between it and the root that clients hold
    std::filesystem::path key;  ///< PEM
    std::filesystem::path authority;  ///< PEM, one or more: who issues operators' certificates
};

struct SslDeleter {
    void operator()(SSL* connection) const { SSL_free(connection); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(OSSL_LIB_CTX* library) const { OSSL_LIB_CTX_free(library); }
};
using SslConnection = std::unique_ptr<SSL, SslDeleter>;

/// TLS 1.3 and nothing else, for the connections of one thread: two threads on one of OpenSSL's library
/// contexts wait for each other. A client certificate is asked for and not demanded; one that is shown must
/// be issued by `authority`, or the handshake fails. Whose it is, and whether it was revoked, is asked at
/// each request.
class TlsContext {
  public:
    /// One of OpenSSL's library contexts: what a thread does not share. It must outlive the connections of
    /// every context that was made with it.
    using Library = std::shared_ptr<OSSL_LIB_CTX>;
    static Library new_library() { return {OSSL_LIB_CTX_new(), SslDeleter()}; }

    /// `usage` for a file that cannot be used.
    static Result<TlsContext> load(const TlsFiles& files, Library library = new_library());

    /// The server's end on a socket that does not block and stays the caller's. Null where memory is out.
    [[nodiscard]] SslConnection accept(int descriptor) const;

  private:
    TlsContext() = default;
    Library library_;
    std::unique_ptr<SSL_CTX, SslDeleter> context_;
};

}  // namespace assay::server
