#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "agent/devices/tpm/tpm.h"
#include "evidence/base/result.h"

namespace assay::agent {

/// Who this host is to its verifier: <state>/host.json. Names and digests, nothing secret but what an
/// enrolment that was cut off needs to be ended (a nonce that is worth nothing once the enrolment is over).
struct HostIdentity {
    std::string host;            ///< its name, as enrolled
    std::string ak_digest;       ///< hex SHA-256 of the AK's TPMT_PUBLIC
    std::string enrolment;       ///< not empty while the activation is not confirmed
    std::string secret;          ///< base64url, with `enrolment`
    std::string certifies = {};  ///< with `enrolment`: "iak", "idevid" or both, which have to certify the AK
    bool operator==(const HostIdentity&) const = default;
};

std::string encode_host_identity(const HostIdentity& identity);
Result<HostIdentity> decode_host_identity(std::string_view json);

/// Nothing where there is no host.json.
Result<std::optional<HostIdentity>> load_host_identity(const std::filesystem::path& state);
Result<void> save_host_identity(const std::filesystem::path& state, const HostIdentity& identity);
/// The name of an enrolled host; `usage` with the remedy where it is not.
Result<std::string> enrolled_name(const std::filesystem::path& state);

}  // namespace assay::agent
