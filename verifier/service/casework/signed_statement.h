#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "evidence/wire/statement/session_statement.h"
#include "verifier/judge/accompaniment/directory.h"
#include "verifier/service/shared/service.h"
#include "verifier/service/store/site/site.h"

/// A technician's or escort's signature, however it came: posted, or in a host's journal.
namespace assay::api {

struct SignedStatement {
    SessionStatement statement;
    Bytes public_key, signature;
    std::string key_id;
};

/// Nothing where there is none.
Result<std::optional<accompaniment::Directory>> directory_of(Service& service);

/// `refused` unless the signature is of this statement and key, and the key is somebody's in the directory.
Result<> genuine(const accompaniment::Directory& directory, const SignedStatement& given);

/// As sessions.json has a signature. `at_ms`: when it counts from, Unix milliseconds.
nlohmann::json signature_json(const SignedStatement& given, std::int64_t at_ms);

/// The signature itself, for an auditor. `id`: of the document.
store::SiteDocument proof_of(const SignedStatement& given, const std::string& id);

/// Puts an opening, sign of life or closing into the session's draft; `conflict` where it is not its turn.
Result<> apply(nlohmann::json& draft, const SignedStatement& given, std::int64_t at_ms);

/// The draft as it is stored, and the session, once both have signed, as sessions.json has it. `id` and
/// `fleet_host` are the draft's own.
Result<std::vector<store::SiteDocument>> documents_of(const nlohmann::json& draft);

/// A late signature as sessions.json has it. `asset`: digest of the host's EK.
Result<store::SiteDocument> late_document(const SignedStatement& given, const std::string& asset,
                                          std::int64_t at_ms);

}  // namespace assay::api
