#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "evidence/certificate/validity.h"

struct x509_st;     // X509
struct ssl_ctx_st;  // SSL_CTX

/// What a TLS handshake showed, so that its failure can be told by its cause.
namespace assay::client {

/// Of a certificate. Texts are printable.
struct SeenCertificate {
    std::string subject, issuer;  ///< RFC 2253
    tcg::Validity validity;
    std::vector<std::string> names;  ///< DNS names and addresses that it is for; the first eight

    bool operator==(const SeenCertificate&) const = default;
};

/// Nothing where it is none that can be read.
std::optional<SeenCertificate> seen_certificate(x509_st* certificate);
/// The first of a file in PEM.
std::optional<SeenCertificate> seen_certificate_of(const std::string& file);

struct Handshake {
    int verdict = 0;       ///< OpenSSL's verify result (X509_V_...); 0 for good, or never looked
    int depth = 0;         ///< in the path, of the certificate that it is about
    std::size_t sent = 0;  ///< certificates that the server sent
    std::optional<SeenCertificate> server;   ///< the server's own
    std::optional<SeenCertificate> failing;  ///< the one that the verdict is about
    std::optional<SeenCertificate> top;      ///< where a good path ends: in the CA file
    std::optional<int> alert;                ///< the last TLS alert that came (RFC 8446, 6), but close_notify

    bool foreign = false;  ///< what came was no TLS

    /// Before another request: what is known of the server stays, as its connection may.
    void begin();
};

/// Has the handshakes of this context told to `handshake`, which must outlive its connections. The
/// verification itself stays OpenSSL's. Where this libssl has not what is needed, nothing is told.
void watch_handshakes(ssl_ctx_st* context, Handshake& handshake);

}  // namespace assay::client
