#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "evidence/base/result.h"

/// The file in which whoever installs a host leaves its one-time token, for an agent that enrols itself.
namespace assay::agent {

/// The first line of `file`; nothing where there is none. A one-time token that others can read or could have
/// put there admits somebody else, so it is opened without following a link, and is taken only of a regular
/// file of at most 4096 bytes that belongs to root, to this process's user or to the owner of `state`, and
/// that neither group nor others may use. `refused` where it is none of that or cannot be opened, `usage` for
/// what is no token in it, each with what to do.
Result<std::optional<std::string>> read_token_file(const std::filesystem::path& file,
                                                   const std::filesystem::path& state);

/// Moves the token into `state`, readable by the owner of that folder alone, for a service that may not write
/// where it lies: false where there is none. Done as root by assay-agent-token.service.
Result<bool> take_token(const std::filesystem::path& file, const std::filesystem::path& state);

/// Where `take_token` puts it.
std::filesystem::path taken_token_file(const std::filesystem::path& state);

}  // namespace assay::agent
