#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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
    std::int64_t at_ms = 0;  ///< when it counts from, Unix milliseconds
    /// When it was posted to the verifier; nothing where a host journaled it.
    std::optional<std::int64_t> posted_ms = std::nullopt;
};

/// Null where there is none.
Result<std::shared_ptr<const accompaniment::Directory>> directory_of(Service& service);

/// `refused` unless the signature is of this statement and key, and the key is somebody's in the directory.
Result<> genuine(const accompaniment::Directory& directory, const SignedStatement& given);

/// `refused` unless the key is that of the person whom the draft names for this role. Whom an unlisted
/// session names nobody knows: any registered key will do.
Result<> by_whom_is_named(const nlohmann::json& draft, const SignedStatement& given,
                          const accompaniment::Directory& directory);

/// The signature itself, for an auditor. `id`: of the document.
store::SiteDocument proof_of(const SignedStatement& given, const std::string& id);

/// Puts an opening, sign of life or closing into the session's draft, not before what is in there;
/// `conflict` where it is not its turn. Until two different persons have signed, an opening may take the
/// place of another person's: what was a session by then stays one, and ends.
Result<> apply(nlohmann::json& draft, const SignedStatement& given,
               const accompaniment::Directory& directory);

/// It ends: at `at_ms`, and not before it was opened.
void close_draft(nlohmann::json& draft, std::int64_t at_ms);

/// The draft as it is stored, and the sessions that both have signed, as sessions.json has them. `id` and
/// `fleet_host` are the draft's own.
Result<std::vector<store::SiteDocument>> documents_of(const nlohmann::json& draft);

/// Of a late signature's document: once for host, device, time and key.
std::string late_id(const SignedStatement& given);

/// A late signature as sessions.json has it. `asset`: digest of the host's EK.
Result<store::SiteDocument> late_document(const SignedStatement& given, const std::string& asset);

}  // namespace assay::api
