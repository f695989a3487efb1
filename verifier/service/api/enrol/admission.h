#pragma once

#include <string>

#include "evidence/base/result.h"
#include "verifier/service/api/enrol/identity.h"
#include "verifier/service/shared/service.h"
#include "verifier/service/store/hosts/hosts.h"

namespace assay::api {

/// By what right an applicant comes in.
struct Admission {
    std::string token_digest;  ///< empty: by the purchase list, or by the order of a replacement
    std::string replacement;   ///< id of the order that it carries out; empty for none
};

/// May this TPM be enrolled under this name? By a one-time `token` (empty: none was given), or without one
/// because the purchase list or the order of a replacement names it. `refused` without a right to come in,
/// for another TPM than the registered one, and for one that its maker has revoked; `conflict` where name or
/// keys are known as another identity. Every reason is reported: counted, logged and, soon, stored. The error
/// is for no applicant: before its TPM has answered a credential it gets `refused_enrolment`.
Result<Admission> admit(Service& service, const Applicant& applicant, const std::string& token);

/// Reports an applicant whose keys are none that could be enrolled, whoever asks.
void report_unsound(Service& service, const std::string& host, const std::string& reason);

/// What is said to an applicant before its TPM has answered a credential, for whatever reason: it may be
/// anybody.
std::unexpected<Error> refused_enrolment();

/// The same identity was refused when it was to be stored: reports it.
void report_conflicts(Service& service, const store::Identity& identity);

}  // namespace assay::api
