#pragma once

#include "agent/settings.h"
#include "evidence/wire/statement/session_document.h"

namespace assay {

/// Has a statement journaled: by the service where it runs, else here and now. Returns when it is on disk.
/// What has to be known beside it (the TPM does not have it yet), or empty. `refused` where the service set
/// it aside.
Result<std::string> journal_statement(const Settings& settings, const SessionDocument& document);

}  // namespace assay
