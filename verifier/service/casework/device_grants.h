#pragma once

#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "verifier/service/shared/service.h"
#include "verifier/service/store/hosts/hosts.h"

namespace assay::api {

/// Tokens by which the host's gate lets devices in while a session is open there
/// (docs/formats/device-grant.md): one for each such session, at most eight. None without a directory.
/// `boot_id`: of the host's manifest; `nonce`: of its evidence, which the tokens answer.
Result<std::vector<std::string>> device_grants(Service& service, const store::Host& host,
                                               const std::string& boot_id, const Bytes& nonce);

}  // namespace assay::api
