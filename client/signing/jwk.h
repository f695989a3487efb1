#pragma once

#include <string_view>

#include "evidence/base/es256.h"
#include "evidence/base/result.h"

namespace assay::client {

/// The public key with `key_id` in a JWKS document (RFC 7517; EC P-256 only), or the one in a PEM file.
/// `not_found` where the document has no such key. The point is checked to be on the curve.
Result<Es256PublicKey> public_key_of(std::string_view keys, std::string_view key_id);

}  // namespace assay::client
