#include "verifier/server/caller.h"

#include <array>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "evidence/base/hex.h"

namespace assay::server {

std::string peer_certificate(SSL* connection) {
    const auto* certificate = SSL_get0_peer_certificate(connection);
    if (certificate == nullptr) return {};
    std::array<std::byte, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (X509_digest(certificate, EVP_sha256(), as_writable_uchar(digest), &size) != 1) return "unreadable";
    return to_hex(ByteView(digest).first(size));
}

Result<api::Caller> caller_of(store::Store& store, const std::string& certificate) {
    api::Caller caller;
    if (certificate.empty()) return caller;
    caller.has_certificate = true;
    const auto who = store.find_operator(certificate);
    if (!who && who.error().code != ErrorCode::not_found) return std::unexpected(who.error());
    if (!who || who->revoked_at != 0) return caller;
    caller.role = TRY(api::role_from_name(who->role));
    caller.name = who->name;
    return caller;
}

}  // namespace assay::server
