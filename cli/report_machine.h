#pragma once

#include <string>
#include <string_view>

namespace assay::cli {

/// The parts of a report that say which machine it is about, as HTML. `machine`: as /v1/hosts/{host}/machine
/// has it.
std::string machine_html(std::string_view machine);  ///< place, model, serial number, TPM
std::string parts_html(std::string_view machine);    ///< every part

}  // namespace assay::cli
