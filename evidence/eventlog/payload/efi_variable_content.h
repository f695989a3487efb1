#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/eventlog/payload/efi_load_option.h"
#include "evidence/eventlog/payload/efi_signature_list.h"
#include "evidence/eventlog/payload/efi_structures.h"
#include "evidence/eventlog/payload/sbat_level.h"

namespace assay::tcg {

/// A variable whose content has no structure that Assay reads, or not the one that it should have.
struct UnreadContent {
    std::string why;  ///< "no structure is known for this variable", or what does not fit
};
/// A variable that does not exist: firmware measures it with no data.
struct AbsentContent {};
/// SecureBoot, SetupMode, AuditMode, DeployedMode, MokListTrusted and the like: one byte.
struct FlagContent {
    std::uint8_t value = 0;
};
/// BootOrder, DriverOrder.
struct OrderContent {
    std::vector<std::uint16_t> options;
};
/// PK, KEK, db, dbx, dbt, dbr, devdb, MokList, MokListX and so on.
struct SignatureContent {
    std::vector<EfiSignatureList> lists;
};
/// What an image was verified with: an entry of one of those.
struct AuthorityContent {
    EfiSignature signature;
};

/// What is in a measured UEFI variable.
using EfiVariableContent = std::variant<UnreadContent, AbsentContent, FlagContent, OrderContent,
                                        SignatureContent, AuthorityContent, EfiLoadOption, SbatLevel>;

/// By the variable's name; `authority` for EV_EFI_VARIABLE_AUTHORITY and EV_EFI_SPDM_DEVICE_AUTHORITY, where
/// db and shim's keys hold one entry alone. The GUID is not looked at: who concludes from a variable compares
/// it (is_variable). Never an error: what does not fit is UnreadContent.
EfiVariableContent read_variable_content(const EfiVariable& variable, bool authority);

/// "8be4df61-93ca-11d2-aa0d-00e098032b8c": SecureBoot, PK, KEK, Boot#### (UEFI 2.10, 3.3).
inline constexpr std::string_view kEfiGlobalVariable = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
/// db, dbx, dbt, dbr (UEFI 2.10, 32.6.1).
inline constexpr std::string_view kImageSecurityDatabase = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";
/// SbatLevel, MokList: shim's own.
inline constexpr std::string_view kShimLock = "605dab50-e046-4300-abb6-3dd810dd8b23";
/// The variable is the one of this name under this GUID.
bool is_variable(const EfiVariable& variable, std::string_view name, std::string_view guid);

}  // namespace assay::tcg
