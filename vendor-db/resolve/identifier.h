#pragma once

#include <string>
#include <string_view>

#include "evidence/base/result.h"
#include "vendor-db/model/vendor_db.h"

namespace assay::vendors {

Result<Namespace> namespace_from_name(std::string_view name);
Result<Decision> decision_from_name(std::string_view name);
Result<Component> component_from_name(std::string_view name);
Result<NameKind> name_kind_from_name(std::string_view name);
Result<ListStatus> list_status_from_name(std::string_view name);
Result<Confidence> confidence_from_name(std::string_view name);

/// The one spelling of an identifier that is compared; `malformed` when it is none of its namespace.
/// - pci, usb: four hex digits, lower case ("0x" and upper case are taken)
/// - oui: 6, 7 or 9 hex digits, upper case (":", "-", "." between digits are taken)
/// - jep106: bank, colon, code with its parity bit: "10:9b" (JEP106)
/// - iana_pen: decimal, without leading zeros
/// - tpm: up to four characters of TPM_PT_MANUFACTURER, without the NUL bytes and blanks it is padded with
/// - pnp: three letters, upper case (UEFI and EDID manufacturer id)
/// - efi_signer: SHA-256 of the signer's certificate in DER, 64 hex digits, lower case
/// - smbios: normalised_name()
Result<std::string> canonical(Namespace ns, std::string_view value);

}  // namespace assay::vendors
