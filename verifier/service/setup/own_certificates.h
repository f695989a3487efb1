#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/certificate/validity.h"
#include "verifier/service/setup/state_folder.h"

/// The verifier's own certificates: looked at, and made anew in time. docs/howto/renew-certificates.md. Times
/// are Unix time, seconds.
namespace assay::setup {

struct OwnCertificate {
    std::string what;  ///< "ca", "server", "operator" (the one that init made)
    std::filesystem::path file;
    std::string subject, issuer;  ///< printable
    std::string sha256;           ///< hex, of the first certificate's DER
    tcg::Validity validity;  ///< of the server the part that it and those above it in the file have in common
};

/// Of the state folder: authority, server, and the first operator's where its folder is still there. An Error
/// names the file that cannot be read.
Result<std::vector<OwnCertificate>> own_certificates(const StateFolder& state);

/// Those with which no client or operator could connect are an Error: ended, or not valid yet.
Result<> check_own_certificates(const std::vector<OwnCertificate>& certificates, std::int64_t now);

struct RenewOptions {
    StateFolder state;
    bool ca = false;                      ///< the authority's own, and nothing else
    std::vector<std::string> names = {};  ///< the server's; empty: those that it has
    /// Operators' certificates, PEM; empty: the state folder's own.
    std::vector<std::filesystem::path> files = {};
};

struct Renewed {
    std::string what;  ///< "ca", "server", "operator NAME"
    std::filesystem::path file;
    tcg::Validity before, after;
    std::string left_alone;  ///< why it was not renewed; empty where it was
};

/// Certificates with the keys of before, each put in the place of its file at once or not at all; nothing
/// else of the state changes, but that the store gets a line and an act for an operator's new certificate.
/// `refused` where another user than the caller owns the state folder, or an operator's certificate was
/// revoked; `conflict` for a certificate of another CA that was named, `not_found` for one of no operator.
Result<std::vector<Renewed>> renew_certificates(const RenewOptions& options, std::int64_t now);

}  // namespace assay::setup
