#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/settings.h"
#include "evidence/wire/statement/session_document.h"
#include "evidence/wire/statement/session_statement.h"

namespace assay::agent {

/// A signature of the device journal, as its record has it. Whose key it is only the verifier knows.
struct LocalSignature {
    std::string action;
    std::string role;
    std::string key;  ///< its id
    std::int64_t at = 0;
};

/// A session that was opened at this host, without the verifier.
struct LocalSession {
    SessionStatement challenge;  ///< what all its statements share; `at`: when it was opened
    std::vector<LocalSignature> signatures;

    /// The text for one of its signers. `at`: Unix time, seconds.
    [[nodiscard]] Result<std::string> text(const std::string& action, const std::string& role,
                                           std::int64_t at) const;
    /// With this key. Another person's may take its place until two have signed; who that is the verifier
    /// knows.
    [[nodiscard]] bool has_signed(const std::string& role, const std::string& key) const;
    [[nodiscard]] std::optional<std::int64_t> closed_at() const;
};

/// What the journal in `folder` has of them, by id. Late signatures, which are of none, stand under "".
/// A document that is no statement is left out: the verifier says so.
Result<std::map<std::string, LocalSession>> local_sessions(const std::filesystem::path& folder);
/// One of them; `not_found` with the remedy.
Result<LocalSession> local_session(const std::filesystem::path& folder, const std::string& id);

/// Has a statement journaled: by the service where it runs, else here and now. Returns when it is on disk.
/// What has to be known beside it (the TPM does not have it yet), or empty. `refused` where the service set
/// it aside.
Result<std::string> journal_statement(const Settings& settings, const SessionDocument& document);

}  // namespace assay::agent
