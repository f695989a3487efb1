#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "evidence/base/result.h"

namespace assay::setup {

inline constexpr unsigned kPrivate = 0600;  ///< mode of a file that nobody else reads
inline constexpr std::int64_t kDay_s = 24LL * 3600;

/// verifier.toml. Paths in it are relative to the state folder.
struct Config {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8443;
    std::string database = "sqlite";  ///< "sqlite" (assay.db in the folder) or "postgresql://..."
    std::string policy = "policy.toml";
    std::string vendors = "vendors.bundle";
    std::string vendor_keys = "vendor-keys";  ///< folder of public keys, *.pem; in it `retired`, of old ones
    std::size_t vendor_signatures = 1;        ///< how many of the keys must have signed
    std::string tpm_roots = "tpm-roots";
    std::string platform_roots = "platform-roots";  ///< folder of certificates of platform makers
};

/// Where things are in the verifier's state folder.
struct StateFolder {
    std::filesystem::path root;

    [[nodiscard]] std::filesystem::path config() const { return root / "verifier.toml"; }
    [[nodiscard]] std::filesystem::path ca_certificate() const { return root / "ca" / "ca.pem"; }
    [[nodiscard]] std::filesystem::path ca_key() const { return root / "ca" / "ca.key"; }
    [[nodiscard]] std::filesystem::path server_certificate() const { return root / "server.pem"; }
    [[nodiscard]] std::filesystem::path server_key() const { return root / "server.key"; }
    [[nodiscard]] std::filesystem::path signing_key() const { return root / "signing.key"; }
    /// The private half of the example key that init makes: 0600, and to be replaced by real signers'.
    [[nodiscard]] std::filesystem::path example_vendor_key() const { return root / "example-vendor.key"; }
    [[nodiscard]] std::filesystem::path operator_folder() const { return root / "operator"; }
    /// What Store::open takes.
    [[nodiscard]] std::string connection(const Config& config) const;
};

/// Takes from others what they may read of keys, database and configuration: a state folder of before, or one
/// that was copied with a wide umask. Each file that was wide, with its name in the log: what was in it may
/// be known.
void close_to_others(const StateFolder& state);

/// A folder for its user alone (0700), and those above it; one that is there is taken where it is empty.
/// `conflict` where it is not, with what is in it and how to look at it: nothing is overwritten.
Result<> make_private_folder(const std::filesystem::path& folder);

/// "127.0.0.1:8443" or "[::1]:8443".
Result<> parse_listen(const std::string& text, Config& config);
std::string listen_text(const Config& config);

std::string encode_config(const Config& config);
/// Refuses unknown keys, naming them. `not_found` with the remedy where init has not run.
Result<Config> read_config(const StateFolder& state);

}  // namespace assay::setup
