#pragma once

#include <string>

#include <boost/asio/ip/address.hpp>
#include <openssl/types.h>

#include "verifier/service/api/http.h"
#include "verifier/service/store/store.h"

namespace assay::server {

/// Hex SHA-256 of the client's certificate (DER); empty where none was shown. The handshake has verified it.
std::string peer_certificate(const SSL* connection);

/// Whose certificate it is now: asked at each request, so that a revocation holds at once. One whose role no
/// act gave it is nobody's, and an act says that it came. `now`: Unix time, seconds.
Result<api::Caller> caller_of(store::Store& store, const std::string& certificate, std::int64_t now);

/// Whom shares are counted for: "192.0.2.7", or "2001:db8:0:1::/64", because one host has a whole /64 of IPv6
/// to choose from. An IPv4 address that is mapped into IPv6 is that IPv4 address.
std::string source_of(const boost::asio::ip::address& address);

}  // namespace assay::server
