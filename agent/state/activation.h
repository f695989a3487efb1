#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "agent/devices/tpm/tpm.h"
#include "evidence/wire/statement/activation_statement.h"

namespace assay::agent {

/// The verifier's signed statement that this TPM answered for this attestation key: <state>/activation.jwt.
/// The agent does not check its signature and believes nothing for it: it keeps it for those who appraise
/// where there is no network.
struct KeptActivation {
    std::string token;
    ActivationStatement statement;
    bool operator==(const KeptActivation&) const = default;
};

/// Nothing where there is no file; an error where it cannot be read, or is no such statement.
Result<std::optional<KeptActivation>> load_activation(const std::filesystem::path& state);

/// The same where it is about this host's keys: what is kept of the TPM before an exchange goes into no
/// bundle. What cannot be read is a warning in the log, and nothing.
std::optional<KeptActivation> activation_for(const std::filesystem::path& state, const std::string& host,
                                             const TpmIdentity& keys);

/// There is none for these keys, or half of its time is over at `now` (Unix time, seconds): the next
/// attestation should bring one.
bool wants_activation(const std::filesystem::path& state, const std::string& host, const TpmIdentity& keys,
                      std::int64_t now);

/// Keeps what the verifier answered, in place of the one before. Nothing is kept of an empty token (a
/// verifier of before), nor, with a warning in the log, of one that is about other keys or no such statement.
void remember_activation(const std::filesystem::path& state, const std::string& token,
                         const std::string& host, const TpmIdentity& keys);

}  // namespace assay::agent
