#include "agent/state/received_grants.h"

#include <fmt/core.h>

#include "agent/devices/private_file.h"
#include "client/signing/signed_token.h"
#include "evidence/base/text.h"

namespace assay::agent {
namespace {

constexpr std::size_t kMaxKeys = 64U << 10U;

}  // namespace

Result<DeviceGrant> received_grant(const std::string& token, const std::filesystem::path& keys,
                                   const std::string& host, ByteView nonce) {
    const auto text = read_small_file(keys, kMaxKeys);
    if (!text) {
        return fail(text.error().code,
                    fmt::format("{}; 'assay-agent gate trust' writes it", text.error().context));
    }
    const auto verified = TRY(with_context(client::verify_signed_token(token, *text), "grant"));
    auto grant = TRY(device_grant_of(verified.claims));
    if (grant.host != host)
        return fail(ErrorCode::refused, fmt::format("the grant is for host {}", printable(grant.host)));
    if (!equal(grant.nonce, nonce))
        return fail(ErrorCode::refused, "the grant does not answer this attestation");
    return grant;
}

}  // namespace assay::agent
