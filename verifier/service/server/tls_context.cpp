#include "verifier/service/server/tls_context.h"

#include <utility>

#include <fmt/core.h>
#include <openssl/err.h>

#include "evidence/base/text.h"

namespace assay::server {
namespace {

Result<> usable(bool done, const std::filesystem::path& file) {
    if (done) return {};
    const auto* reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return fail(ErrorCode::usage,
                fmt::format("{}: {}; 'assay-verifier init' makes it", printable(file.string()),
                            reason != nullptr ? reason : "cannot be read"));
}

Result<> load_files(SSL_CTX* context, const TlsFiles& files) {
    ERR_clear_error();
    TRY_VOID(usable(SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) == 1,
                    files.certificate));
    TRY_VOID(
        usable(SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) == 1, files.key));
    // Of another kind than the certificate's, the key has a place of its own, and nothing was compared yet.
    TRY_VOID(usable(SSL_CTX_check_private_key(context) == 1, files.key));
    TRY_VOID(usable(SSL_CTX_load_verify_file(context, files.authority.c_str()) == 1, files.authority));
    auto* names = SSL_load_client_CA_file(files.authority.c_str());
    TRY_VOID(usable(names != nullptr, files.authority));
    SSL_CTX_set_client_CA_list(context, names);  // takes it over
    return {};
}

void set_modes(SSL_CTX* context) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    // The file has the chain as it is sent: building one for each handshake costs a third of it. A connection
    // that rests has no buffers.
    SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_RELEASE_BUFFERS |
                                  SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // One record a call: a client that sends nothing but key updates does not hold the thread.
    SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
    // A resumed session would bring an old certificate along, and gains nothing over so short a chain.
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

}  // namespace

Result<TlsContext> TlsContext::load(const TlsFiles& files, Library library) {
    TlsContext out;
    out.library_ = std::move(library);
    out.context_.reset(SSL_CTX_new_ex(out.library_.get(), nullptr, TLS_server_method()));
    auto* context = out.context_.get();
    if (!out.library_ || context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1) {
        return fail(ErrorCode::internal, "TLS 1.3 is not to be had");
    }
    set_modes(context);
    TRY_VOID(load_files(context, files));
    return out;
}

SslConnection TlsContext::accept(int descriptor) const {
    SslConnection connection(SSL_new(context_.get()));
    if (!connection || SSL_set_fd(connection.get(), descriptor) != 1) return {};
    SSL_set_accept_state(connection.get());
    return connection;
}

}  // namespace assay::server
