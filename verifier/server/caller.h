#pragma once

#include <string>

#include <openssl/types.h>

#include "verifier/api/http.h"
#include "verifier/store/store.h"

namespace assay::server {

/// Hex SHA-256 of the client's certificate (DER); empty where none was shown. The handshake has verified it.
std::string peer_certificate(SSL* connection);

/// Whose certificate it is now: asked at each request, so that a revocation holds at once.
Result<api::Caller> caller_of(store::Store& store, const std::string& certificate);

}  // namespace assay::server
