#pragma once

#include <string>

#include "evidence/wire/attestation_result.h"

namespace assay::cli {

/// The provisioning report: one self-contained HTML file (no script, no link to anything outside), readable
/// on paper and in a browser. Go / no-go first, then what was checked on what basis, then each finding with
/// both sides and what to do next. The same result gives the same bytes. Every text from evidence is escaped
/// and made printable.
std::string report_html(const AttestationResult& result);

}  // namespace assay::cli
