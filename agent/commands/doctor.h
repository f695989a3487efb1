#pragma once

#include <string>
#include <vector>

#include "agent/settings.h"
#include "client/command_line/exit_code.h"

namespace assay::agent {

/// One thing that an attestation needs or would like to have.
struct Ailment {
    enum class State : std::uint8_t {
        good,
        partial,  ///< evidence will have a gap
        broken,   ///< there will be no attestation
    };
    std::string what;  ///< "tpm", "server", "section pci"
    State state = State::good;
    std::string detail;
    std::string remedy;  ///< empty where good, or where the detail says it
};

/// Tries everything that an attestation does, and changes nothing: keys are made for the moment and not
/// persisted, nothing is sent but a GET of /healthz.
Result<std::vector<Ailment>> examine(const Settings& settings);

/// `done`, `warning` where something is partial, `none` where something is broken.
command_line::ExitCode doctor_exit_code(const std::vector<Ailment>& ailments);
std::string doctor_text(const std::vector<Ailment>& ailments, bool colours);
std::string doctor_json(const std::vector<Ailment>& ailments);

/// What to do about a section that could not be read for this reason; empty where nothing is known but the
/// reason.
std::string remedy_for(std::string_view section, ErrorCode code);

}  // namespace assay::agent
