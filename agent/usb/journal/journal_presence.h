#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "evidence/base/result.h"
#include "evidence/wire/section/journal.h"

namespace assay {

/// What the journal's records of one boot say of the USB devices, as far as they are not pruned.
struct JournalPresence {
    std::map<std::string, UsbDevice> present;                  ///< by port path: came, and did not go
    std::set<std::pair<std::string, std::uint64_t>> recorded;  ///< port path and device number of every one
    bool watched = false;                                      ///< a monitor ran in this boot before
};

Result<JournalPresence> presence_in_journal(const std::filesystem::path& folder, std::string_view boot_id);

}  // namespace assay
