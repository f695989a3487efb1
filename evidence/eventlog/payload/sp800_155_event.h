#pragma once

#include <cstdint>
#include <string>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::tcg {

/// Where a RIM or a platform certificate is to be found. (PFP 1.06, 10.4.5.2)
struct Sp800155Locator {
    std::uint32_t type = 0;  ///< 0 the data itself, 1 URI, 2 device path, 3 UEFI variable
    ByteView value;
};

/// An EV_NO_ACTION event that names the platform and its reference manifest. It extends nothing: whatever it
/// says, nobody vouches for. Texts are hostile.
struct Sp800155Event {
    unsigned version = 1;                                                 ///< 1, 2 or 3 by the signature
    std::uint32_t vendor_id = 0;                                          ///< IANA enterprise number
    ByteView reference_manifest;                                          ///< GUID as stored, 16 bytes
    std::string platform_manufacturer, platform_model, platform_version;  ///< version 2 on
    std::string firmware_manufacturer, firmware_version;                  ///< version 2 on
    std::uint32_t firmware_manufacturer_id = 0;                           ///< version 2 on; IANA
    Sp800155Locator rim, platform_certificate;                            ///< version 3
};

/// Whether the data begins with one of the three signatures.
bool is_sp800_155_event(ByteView data);
/// Little-endian. Errors carry the offset: `malformed` for another signature or bytes left over, `truncated`,
/// `limit` for a locator above 4 MiB. Version 1 ends in the manifest's GUID; some firmware writes version 1
/// with the fields of 2, and zeros up to a multiple of eight bytes; both are accepted.
Result<Sp800155Event> parse_sp800_155_event(ByteView data);

}  // namespace assay::tcg
