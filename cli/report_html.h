#pragma once

#include <string>

#include "evidence/wire/attestation_result.h"

namespace assay::cli {

/// The provisioning report: one self-contained HTML file (no script, no link to anything outside), readable
/// on paper and in a browser. Go / no-go first, then what was checked on what basis, then each finding with
/// both sides and what to do next. The same result gives the same bytes. Every text from evidence is escaped
/// and made printable.
/// `machine`: as /v1/hosts/{host}/machine has it; empty leaves the section out, as for evidence of which no
/// verifier tells.
/// `verdicts`: on the host's device events, as /v1/hosts/{host}/accompaniment has them, each drawn as a
/// picture of five lanes; an empty list or null leaves the section out.
std::string report_html(const AttestationResult& result, std::string_view verdicts = {},
                        std::string_view machine = {});
/// Of a host that never attested: which machine that should be, and that nothing is known of it.
std::string unattested_report_html(std::string_view machine);

}  // namespace assay::cli
