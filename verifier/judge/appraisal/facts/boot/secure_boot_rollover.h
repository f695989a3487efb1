#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/judge/appraisal/facts/boot/secure_boot_facts.h"

/// Where a host stands between Microsoft's certificates of 2011 and of 2023, and what a revocation would stop
/// on it. PURE.
namespace assay::judge {

/// Which of Microsoft's certificates db or KEK has.
enum class KeyYears : std::uint8_t {
    only_2011,  ///< some of 2011, none of 2023: updates that are signed under 2023 are refused
    both,       ///< some of each
    only_2023,  ///< some of 2023, none of 2011
    neither,    ///< none of them
    unknown,    ///< the log does not say, or not all of it could be read
};
std::string_view to_string(KeyYears years);  ///< "only-2011", "both", "only-2023", "neither", "unknown"
KeyYears key_years(const SecureBootFacts& facts, const BootKeys& keys);

/// The certificates of 2023 that are absent where the one that they replace is there, by name; of db and KEK.
std::vector<std::string_view> missing_successors(const SecureBootFacts& facts);

/// What is thought of as revoked: added to dbx.
struct Revocation {
    Digest sha256;             ///< of a certificate's DER, or of an image (Authenticode)
    bool certificate = false;  ///< it is a certificate's
    std::string issuer;        ///< of a certificate: the issuer's common name; empty where it is not known
};

enum class AfterRevocation : std::uint8_t {
    stops,         ///< the last boot loaded what would be refused
    not_named,     ///< nothing that the last boot loaded was let in by it, by all that the log names
    not_enforced,  ///< Secure Boot is off: nothing is refused
    unknown,       ///< what the log says does not decide it
};
std::string_view to_string(AfterRevocation outcome);  ///< "stops", "not-named", "not-enforced", "unknown"

struct RevocationOutcome {
    AfterRevocation outcome = AfterRevocation::unknown;
    std::string why;                       ///< a sentence, printable
    std::vector<std::string> loaded = {};  ///< for `stops`: what was let in, by the log's order
};

/// Of the host's last boot. `revoked`: what facts.dbx is the digest of; null where it is not at hand. Only
/// what a quote vouches for decides; everything else is `unknown`.
RevocationOutcome after_revocation(const SecureBootFacts& facts, const RevokedEntries* revoked,
                                   const Revocation& revocation);

}  // namespace assay::judge
