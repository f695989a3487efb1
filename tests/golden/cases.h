#pragma once

#include <nlohmann/json_fwd.hpp>

#include "tests/support/appraisal/evidence_builder.h"

namespace assay::test {

/// Evidence and policy of an honest host with the changes of a case.json: {"why": text, "change": {name:
/// value, ...}}. Throws for a name that is not in a table of cases*.cpp.
AppraisalCase case_from(const nlohmann::json& spec);

/// Changes what the monitor's sign of life is judged by; false where no such change has this name.
bool change_watch(EvidenceBuilder& host, const std::string& name, const nlohmann::json& value);

/// Changes what the journal tells of devices, and what was told before; likewise.
bool change_devices(EvidenceBuilder& host, const std::string& name, const nlohmann::json& value);

/// Changes what is not as the host last attested it; false where no such change has this name.
bool change_changes(EvidenceBuilder& host, const std::string& name, const nlohmann::json& value);

}  // namespace assay::test
