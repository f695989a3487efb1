#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "vendor-db/model/model.h"
#include "verifier/judge/appraisal/policy/policy_boot.h"
#include "verifier/judge/appraisal/policy/policy_expected.h"
#include "verifier/judge/appraisal/policy/policy_ima.h"
#include "verifier/judge/appraisal/policy/policy_scope.h"

namespace assay::judge {

/// The least version of a firmware that the owner approves. docs/formats/policy.md.
struct FirmwareFloor {
    std::string component;  ///< "bios", "bmc", "cpu-microcode", "drive", "nic", "esrt"
    std::string match;      ///< exact vendor/model text it applies to: SMBIOS BIOS vendor, drive model, NIC
                            ///< driver, GUID, CPU model name; "*" for all
    std::string at_least;   ///< compared field by field (numbers as numbers)
};

/// The appraisal policy: what is required, which PCRs, what may be. PURE: made from the text of a TOML file.
struct Policy {
    std::string name;
    std::uint64_t version = 0;
    std::set<std::string> required_sections;
    std::set<std::string> required_checks;  ///< a `none` there cannot give an affirming result
    std::set<std::string> disabled_checks;  ///< named in the result, so that what is switched off is seen
    std::string pcr_selection;              ///< "sha256:0,1,...,15"
    std::int64_t challenge_lifetime_s = 120;
    std::int64_t attestation_interval_s = 300;  ///< how often a host attests; three times that is silence
    bool secure_boot_required = true;
    bool ek_certificate_required =
        true;  ///< without a trusted EK certificate: contraindicated instead of warning
    std::set<std::uint32_t>
        unlogged_pcrs;  ///< PCRs that may hold values no log explains (with the owner's reason in the file)
    bool system_maker_required = true;  ///< an unknown maker of system or board: `none` instead of warning
    std::map<vendors::Component, std::string> without;  ///< kinds of parts that these hosts have none of: why
    std::vector<FirmwareFloor> firmware;
    std::vector<ExpectedChange> expected;  ///< [[expected]]
    PolicySelector select;                 ///< the hosts that it is for
    TierRules tiers;
    BootPolicy boot;               ///< [secure_boot] and [boot_arguments]
    std::optional<ImaPolicy> ima;  ///< absent: measured files are not judged
    Digest digest;                 ///< SHA-256 of the file's text

    /// Refused naming line and remedy: syntax, an unknown key or check, no required section.
    static Result<Policy> from_toml(std::string_view file_name, std::string_view text);
};

}  // namespace assay::judge
