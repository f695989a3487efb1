#pragma once

#include <filesystem>

#include <boost/asio/ssl/context.hpp>

#include "evidence/base/result.h"

namespace assay::server {

struct TlsFiles {
    std::filesystem::path certificate;  ///< PEM, issued directly by `authority`
    std::filesystem::path key;          ///< PEM
    std::filesystem::path authority;    ///< PEM: who issues operators' certificates
};

/// TLS 1.3 and nothing else. A client certificate is asked for and not demanded; one that is shown must be
/// issued by `authority`, or the handshake fails. Whose it is, and whether it was revoked, is asked at each
/// request.
Result<boost::asio::ssl::context> make_tls_context(const TlsFiles& files);

}  // namespace assay::server
