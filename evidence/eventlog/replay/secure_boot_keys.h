#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/eventlog/payload/efi_signature_list.h"
#include "evidence/eventlog/payload/sbat_level.h"
#include "evidence/eventlog/replay/replay.h"

namespace assay::tcg {

inline constexpr std::uint32_t kSecureBootPcr = 7;  ///< PFP 1.06, 3.3.4.8: the Secure Boot policy

/// PK, KEK, db or dbx as the firmware measured it.
struct MeasuredKeys {
    std::string name;
    std::uint32_t event = 0;
    bool absent = false;  ///< measured with no data: the variable does not exist
    bool read = true;     ///< `lists` is its content; false where nobody asked
    std::vector<EfiSignatureList> lists;
};

/// What the verified part of PCR 7 says of Secure Boot's keys and modes: facts with event indices, no
/// verdict. Counted are variables whose name, GUID and content the digest covers, in front of PCR 7's
/// separator; of SbatLevel, which shim measures, those behind it too. Borrows from the log.
/// (PFP 1.06, 3.3.4.8)
struct SecureBootKeys {
    struct Mode {
        std::string name;  ///< "SetupMode", "AuditMode", "DeployedMode"
        bool on = false;
        std::uint32_t event = 0;
    };
    struct Sbat {
        SbatLevel level;
        std::uint32_t event = 0;
    };
    std::vector<MeasuredKeys> keys;         ///< in the log's order
    std::vector<Mode> modes;                ///< in the log's order
    std::vector<Sbat> sbat_levels;          ///< in the log's order
    std::vector<std::uint32_t> unreadable;  ///< verified variables of these names whose content is not theirs
    std::vector<std::uint32_t> broken;  ///< EV_EFI_VARIABLE_DRIVER_CONFIG that are no variable: which one?

    [[nodiscard]] bool has(std::string_view name) const;  ///< of `keys`
};
/// Without `lists` the content of PK, KEK, db and dbx is not looked at.
SecureBootKeys secure_boot_keys(const ReplayedEventLog& log, bool lists = true);

/// PCR 7 replays, and firmware measured the variable SecureBoot into it: by its digest alone, whatever the
/// log calls the event. Every UEFI firmware with a TPM does.
bool measured_secure_boot(const ReplayedEventLog& log);

}  // namespace assay::tcg
