#include "verifier/server/tls_context.h"

#include <fmt/core.h>
#include <openssl/ssl.h>

#include "evidence/base/text.h"

namespace assay::server {
namespace {

namespace ssl = boost::asio::ssl;

Error unusable(const std::filesystem::path& file, const boost::system::error_code& error) {
    return {ErrorCode::usage,
            fmt::format("{}: {}; 'assay-verifier init' makes it", printable(file.string()),
                        printable(error.message())),
            {}};
}

Result<> load_files(ssl::context& context, const TlsFiles& files) {
    boost::system::error_code error;
    context.use_certificate_file(files.certificate.string(), ssl::context::pem, error);
    if (error) return std::unexpected(unusable(files.certificate, error));
    context.use_private_key_file(files.key.string(), ssl::context::pem, error);
    if (error) return std::unexpected(unusable(files.key, error));
    context.load_verify_file(files.authority.string(), error);
    if (error) return std::unexpected(unusable(files.authority, error));
    auto* names = SSL_load_client_CA_file(files.authority.c_str());
    if (names == nullptr) return std::unexpected(unusable(files.authority, {}));
    SSL_CTX_set_client_CA_list(context.native_handle(), names);  // takes it over
    return {};
}

}  // namespace

Result<ssl::context> make_tls_context(const TlsFiles& files) {
    ssl::context context(ssl::context::tls_server);
    auto* native = context.native_handle();
    if (SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION) != 1) {
        return fail(ErrorCode::internal, "TLS 1.3 is not to be had");
    }
    TRY_VOID(load_files(context, files));
    boost::system::error_code error;
    context.set_verify_mode(ssl::verify_peer, error);
    if (error) return fail(ErrorCode::internal, error.message());
    // The certificate is issued directly by the authority that clients hold: building a chain for each
    // handshake costs a third of it.
    SSL_CTX_set_mode(native, SSL_MODE_NO_AUTO_CHAIN);
    // A resumed session would bring an old certificate along, and gains nothing over so short a chain.
    SSL_CTX_set_num_tickets(native, 0);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    return context;
}

}  // namespace assay::server
