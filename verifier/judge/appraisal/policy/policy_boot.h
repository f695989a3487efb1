#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "evidence/base/digest.h"
#include "evidence/base/result.h"

namespace assay {
class TomlReader;
}

namespace assay::judge {

/// The table [secure_boot]: whose keys Secure Boot may trust, and what it must have revoked.
/// docs/formats/policy.md.
struct SecureBootPolicy {
    std::set<std::string> owners;     ///< signature owner GUIDs, lower case
    std::set<Digest> certificates;    ///< SHA-256 of DER certificates in PK, KEK and db
    std::set<Digest> images;          ///< SHA-256 of images that db may hold by their hash
    std::set<Digest> revoked;         ///< SHA-256 that dbx must hold: of images, or of certificates' TBS
    std::uint32_t dbx_at_least = 0;   ///< entries of dbx
    std::string sbat_level_at_least;  ///< ten digits, or empty

    /// Whether it says whose keys are approved.
    [[nodiscard]] bool names_keys() const {
        return !owners.empty() || !certificates.empty() || !images.empty();
    }
};

/// The table [boot_arguments]: what a kernel's command line must not and must hold.
struct BootArgumentsPolicy {
    std::vector<std::string> forbidden;  ///< "init=": any value; "ima=off": that value; "single": with or
                                         ///< without one
    std::vector<std::string> required;   ///< whole arguments
};

/// What a policy says of the boot; empty where it has no such table.
struct BootPolicy {
    std::optional<SecureBootPolicy> secure_boot;
    std::optional<BootArgumentsPolicy> boot_arguments;

    /// The checks that the tables ask for: they must be able to judge.
    [[nodiscard]] std::vector<std::string> checks() const;
};

/// Refused naming line and remedy: an unknown key, a GUID or digest that is none, a table that says nothing.
Result<BootPolicy> read_boot_policy(const TomlReader& root);

}  // namespace assay::judge
