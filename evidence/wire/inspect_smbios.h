#pragma once

#include <nlohmann/json_fwd.hpp>

#include "evidence/base/bytes.h"

namespace assay {

/// What `assay inspect smbios FILE --json` prints of a `dmidecode --dump-bin` file, a bare table or an encoded
/// SmbiosSection. On refusal: {"error": {"code", "message", "offset" where there is one}} and nothing else.
nlohmann::json inspect_smbios(ByteView file);

}  // namespace assay
