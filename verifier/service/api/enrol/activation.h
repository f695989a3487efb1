#pragma once

#include <cstdint>
#include <string>

#include "evidence/wire/saved_bundle.h"
#include "verifier/service/shared/service.h"
#include "verifier/service/store/hosts/hosts.h"

/// What the host keeps of its enrolment, for appraisals without network: docs/formats/activation.md.
namespace assay::api {

/// From "iat" to "exp", seconds: so long may a host be without its verifier and still be affirmed elsewhere.
/// The page says why half a year.
inline constexpr std::int64_t kActivationValidity_s = 180LL * 24 * 60 * 60;

/// The token of a statement, signed now, that the TPM answered for these keys at `activated_at` (Unix time,
/// seconds). A clock that was set back since does not make it later than its own signature.
Result<std::string> signed_activation(const Service& service, const store::Identity& identity,
                                      std::int64_t activated_at);
/// Of an enrolled host as the verifier itself knows it.
Result<std::string> signed_activation(const Service& service, const KnownHost& known);

}  // namespace assay::api
