#pragma once

#include <nlohmann/json_fwd.hpp>

#include "evidence/device/smbios.h"

namespace assay::smbios {

/// For a person or a script: version, quirks, every structure (type, handle, offset, length, strings), typed
/// fields of those types that Assay knows. Strings are made printable.
nlohmann::json to_json(const Smbios& smbios);

}  // namespace assay::smbios
