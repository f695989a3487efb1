#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/result.h"

/// The verifier's own small certificate authority: P-256 keys, certificates issued directly by the root.
namespace assay::setup {

/// A certificate and its private key (PKCS #8), both PEM.
struct Credentials {
    std::string certificate;
    std::string key;
};

/// Self-signed, CA with path length 0, valid ten years from `now` (Unix time, seconds).
Result<Credentials> make_authority(std::string_view name, std::int64_t now);
/// For TLS servers under these names, each a DNS name or an IP address; two years, or
/// as long as the authority is good. `usage` for another name.
Result<Credentials> issue_server(const Credentials& authority, const std::vector<std::string>& names,
                                 std::int64_t now);
/// For TLS clients; two years.
Result<Credentials> issue_operator(const Credentials& authority, std::string_view name, std::int64_t now);
/// The same key and name as before, for two years from `now`, or as long as the authority's. `conflict` where
/// the authority did not issue the certificate: then it is not ours to renew.
Result<std::string> renew_server(const Credentials& authority, std::string_view certificate,
                                 const std::vector<std::string>& names, std::int64_t now);
/// Likewise, for `name`.
Result<std::string> renew_operator(const Credentials& authority, std::string_view certificate,
                                   std::string_view name, std::int64_t now);
/// The authority's own certificate for ten years more. What it has issued stays good under the new one and
/// the old one: the key and the name are the same.
Result<std::string> renew_authority(const Credentials& authority, std::int64_t now);
/// A P-256 private key, PEM.
Result<std::string> make_signing_key();
/// An Ed25519 key for signing vendor bundles: PKCS #8 and SubjectPublicKeyInfo, both PEM.
struct KeyPair {
    std::string private_pem, public_pem;
};
Result<KeyPair> make_bundle_key();
/// DNS names and addresses of a server's certificate, in its order; `crypto` where it has none.
Result<std::vector<std::string>> server_names(std::string_view pem);
/// Hex SHA-256 of the certificate's DER, as the store of operators has it.
Result<std::string> certificate_sha256(std::string_view pem);

}  // namespace assay::setup
