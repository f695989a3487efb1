#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/codec/toml_file.h"
#include "evidence/wire/attestation_result.h"

/// For which hosts a policy is, and how heavy a finding weighs under it. docs/formats/policy.md. PURE.
namespace assay::judge {

/// What the owner says of a host, never what the host says of itself: "site" -> "fra1".
using Labels = std::map<std::string, std::string, std::less<>>;

/// "site=fra1, role=database"; "none".
std::string to_text(const Labels& labels);
/// 1 to 64 of a-z 0-9 _ -.
bool is_label_name(std::string_view name);

/// Of each label that is named, the host has one of the values.
struct PolicySelector {
    std::map<std::string, std::vector<std::string>, std::less<>> wanted;  ///< none: every host
    std::string where;                                                    ///< "policies/db.toml:12"

    [[nodiscard]] bool selects(const Labels& labels) const;
    /// Some host could have labels that both select.
    [[nodiscard]] bool meets(const PolicySelector& other) const;
};

/// The table [select] of a policy.
Result<PolicySelector> read_selector(const TomlReader& policy);

/// Another tier for findings that an owner knows: what a check says, weighed by the owner.
struct TierRules {
    std::map<std::string, Tier, std::less<>> by_id;  ///< by id of finding
    bool observe = false;  ///< "*" = "warning": what has no line of its own is at most a warning

    /// A finding that affirms, or that says that something is not there, keeps its tier; likewise those that
    /// say that the evidence is not this host's.
    [[nodiscard]] Tier of(std::string_view id, Tier tier) const;
    bool operator==(const TierRules&) const = default;
};

/// The table [tiers] of a policy.
Result<TierRules> read_tiers(const TomlReader& policy);

}  // namespace assay::judge
