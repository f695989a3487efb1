#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "evidence/eventlog/replay/replay.h"

namespace assay::tcg {

/// What a replayed log says of UEFI Secure Boot: facts with event indices, no verdict. "Verified" below means
/// ReplayedEventLog::verified_data. PCR 7 alone is looked at. (PFP 1.06, 3.3.4.8)
struct SecureBootState {
    /// The one byte of the variable SecureBoot (EFI global variable GUID): 1 on, 0 off. Only from verified
    /// data under PCR 7, before its separator, and only if all verified SecureBoot variables there agree.
    /// Empty: not known.
    std::optional<bool> enabled;
    std::optional<std::uint32_t> event;  ///< index of the event that says so
    std::vector<std::uint32_t>
        variable_events;         ///< all events of PCR 7 that claim to hold SecureBoot, verified or not
    bool contradictory = false;  ///< verified SecureBoot variables of different values
    std::vector<std::uint32_t>
        unverified;  ///< those of `variable_events` whose data is not verified, or not one byte
    std::vector<std::uint32_t> separators;  ///< verified separators of PCR 7; one is as it should be
    /// Events of PCR 7 after its first separator. EV_EFI_VARIABLE_AUTHORITY belongs there; anything else is
    /// reported.
    std::vector<std::uint32_t> after_separator;
    PcrAgreement pcr7 = PcrAgreement::not_quoted;
    std::vector<std::uint32_t>
        unreadable;  ///< EV_EFI_VARIABLE_DRIVER_CONFIG whose data is none: which variable?
};
SecureBootState secure_boot_state(const ReplayedEventLog& log);

/// Whether the boot went through the marks that every UEFI boot leaves. Only verified events count.
struct BootMilestones {
    std::vector<std::uint32_t> pcrs_without_separator;  ///< of PCRs 0..7
    std::vector<std::uint32_t> pcrs_with_repeated_separator;
    std::vector<std::uint32_t> error_separators;  ///< events: firmware measured an error into the PCR
    bool ready_to_boot = false;                   ///< "Calling EFI Application from Boot Option" on PCR 4
    bool exit_boot_services = false;              ///< "Exit Boot Services Invocation" on PCR 5
    std::optional<bool> exit_boot_services_succeeded;  ///< the "Returned with Success/Failure" event
};
BootMilestones boot_milestones(const ReplayedEventLog& log);

}  // namespace assay::tcg
