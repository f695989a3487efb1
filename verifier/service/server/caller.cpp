#include "verifier/service/server/caller.h"

#include <algorithm>
#include <array>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "evidence/base/hex.h"
#include "verifier/service/store/operators.h"

namespace assay::server {

std::string peer_certificate(const SSL* connection) {
    const auto* certificate = SSL_get0_peer_certificate(connection);
    if (certificate == nullptr) return {};
    std::array<std::byte, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (X509_digest(certificate, EVP_sha256(), as_writable_uchar(digest), &size) != 1) return "unreadable";
    return to_hex(ByteView(digest).first(size));
}

Result<api::Caller> caller_of(store::Store& store, const std::string& certificate, std::int64_t now) {
    api::Caller caller;
    if (certificate.empty()) return caller;
    caller.has_certificate = true;
    store::Operators operators(store);
    const auto who = operators.find(certificate);
    if (!who && who.error().code == ErrorCode::refused) {
        TRY_VOID(operators.note_refused(certificate, now));
        return caller;
    }
    if (!who && who.error().code != ErrorCode::not_found) return std::unexpected(who.error());
    if (!who || who->revoked_at != 0) return caller;
    caller.role = TRY(api::role_from_name(who->role));
    caller.name = who->name;
    caller.person = who->person;
    caller.feed = who->feed;
    return caller;
}

std::string source_of(const boost::asio::ip::address& address) {
    if (address.is_v4()) return address.to_string();
    const auto six = address.to_v6();
    if (six.is_v4_mapped()) {
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, six).to_string();
    }
    constexpr std::ptrdiff_t kNetwork = 8;  // bytes
    auto bytes = six.to_bytes();
    std::fill(bytes.begin() + kNetwork, bytes.end(), static_cast<unsigned char>(0));
    return boost::asio::ip::address_v6(bytes).to_string() + "/64";
}

}  // namespace assay::server
