#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "evidence/base/result.h"
#include "evidence/wire/section/ima_state.h"

namespace assay::agent {

/// What the verifier acknowledged of this host, as the agent remembers it: <state>/acknowledged.json. It only
/// saves sending again; where it is wrong the verifier says so, and nothing is believed for it.
struct Acknowledged {
    std::uint64_t journal_sequence = 0;            ///< of the newest record
    std::optional<std::uint64_t> journal_counter;  ///< what the TPM's counter held there
    std::optional<ImaStart> ima;  ///< from where the IMA list goes on; absent: it is sent whole
    std::map<std::string, std::string, std::less<>> sections;  ///< name and hex SHA-256 of those it holds
    bool operator==(const Acknowledged&) const = default;
};

std::string encode_acknowledged(const Acknowledged& acknowledged);
Result<Acknowledged> decode_acknowledged(std::string_view json);

/// Nothing remembered where there is no file, or none that can be read.
Acknowledged load_acknowledged(const std::filesystem::path& state);
Result<void> save_acknowledged(const std::filesystem::path& state, const Acknowledged& acknowledged);

}  // namespace assay::agent
