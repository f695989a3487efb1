#pragma once

#include <filesystem>
#include <string>

#include "evidence/base/bytes.h"
#include "evidence/wire/statement/device_grant.h"

namespace assay::agent {

/// A grant that counts: signed by a key in `keys` (JWKS or PEM), for this host, in answer to this nonce.
/// `not_found` with the remedy where there is no such file, `refused` for another host's or an older one.
Result<DeviceGrant> received_grant(const std::string& token, const std::filesystem::path& keys,
                                   const std::string& host, ByteView nonce);

}  // namespace assay::agent
