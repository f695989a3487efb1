#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "client/ear_claims.h"

namespace assay::agent {

/// The newest token that the verifier gave this host: <state>/seen.jwt. It says which acts and which result
/// the verifier had, so that one that has them no more is noticed. What it says of the host is not believed
/// for it.
struct Seen {
    std::string token;
    ActHead acts;
    std::string result_id;

    bool operator==(const Seen&) const = default;
};

/// Nothing of a token that says no acts, or none that can be read.
std::optional<Seen> seen_of(std::string_view token);

/// Nothing where there is no file, or none that can be read.
std::optional<Seen> load_seen(const std::filesystem::path& state);

/// The verifier went back, or is on another chain: fewer acts than before, or as many and others.
bool went_back(const Seen& before, const std::optional<Seen>& now);

/// Keeps what was told now. Where the verifier went back, the token of before stays as a witness,
/// seen-TIME.jwt, and an error goes to the log.
void remember_seen(const std::filesystem::path& state, const std::optional<Seen>& before,
                   std::string_view token);

}  // namespace assay::agent
