#pragma once

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "evidence/codec/json_writer.h"
#include "evidence/device/smbios.h"

namespace assay {

namespace smbios {
/// For a person or a script: version, quirks, every structure (type, handle, offset, length, strings), typed
/// fields of those types that Assay knows. Strings are made printable.
Json to_json(const Smbios& smbios);
}  // namespace smbios

namespace device {
/// What `assay inspect smbios FILE --json` prints of a `dmidecode --dump-bin` file, a bare table, or the
/// encoded section `smbios`.
Result<Json> inspect_smbios(ByteView file);
}  // namespace device

}  // namespace assay
