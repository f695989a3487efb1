#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/judge/appraisal/facts/boot/secure_boot_rollover.h"
#include "verifier/service/shared/service.h"

namespace assay::api {

/// Why nothing is known of a host, or that something is.
enum class HostKnown : std::uint8_t {
    quoted,          ///< as judge::BootKnown
    no_log,          ///< likewise
    not_vouched,     ///< likewise
    never_attested,  ///< it is enrolled, and showed nothing yet with this TPM
    not_kept,        ///< it attested last before the verifier kept this
};
std::string_view to_string(HostKnown known);  ///< "quoted", "no-log", ..., "never-attested", "not-kept"

/// What follows from the facts of one boot, whoever showed them.
struct BootStanding {
    std::size_t number = 0;  ///< among those of one answer, in the order of the hosts
    judge::SecureBootFacts facts;
    judge::KeyYears db = judge::KeyYears::unknown, kek = judge::KeyYears::unknown;
    std::vector<std::string_view> missing;  ///< judge::missing_successors
    std::optional<judge::RevocationOutcome> after = {};
};

struct FleetHost {
    std::string host, model;       ///< model: as SMBIOS names it, the host's word; may be empty
    std::int64_t attested_at = 0;  ///< 0: never
    std::int64_t since = 0;  ///< Unix time, seconds: its boot showed this first; 0 where nothing is kept
    bool silent = false;     ///< has not attested for long: what is known may be over
    HostKnown known = HostKnown::never_attested;
    const BootStanding* boot = nullptr;  ///< in FleetSecureBoot::boots; null where nothing is kept
};

/// What somebody asks about, and how it was read.
struct AskedRevocation {
    judge::Revocation revocation;
    std::string name;  ///< a well-known certificate's; the subject of another one; empty for an image
};

struct FleetSecureBoot {
    std::optional<AskedRevocation> asked;
    std::vector<FleetHost> hosts;  ///< every enrolled one, or those of the model, by name
    /// By facts and revoked entries: boots that showed the same are one.
    std::map<std::pair<std::string, std::string>, BootStanding> boots;
};

/// Of the newest authentic report of every enrolled host. `model`: of these hosts alone. `if_revoked`: a
/// well-known certificate's name, or 64 hex digits: the SHA-256 of a certificate's DER where a certificate
/// that is well known or that some host showed has it, else that of an image. `usage` for anything else.
Result<FleetSecureBoot> fleet_secure_boot(Service& service, const std::optional<std::string>& model,
                                          const std::optional<std::string>& if_revoked);

}  // namespace assay::api
