#include "agent/session/local_sessions.h"

#include <algorithm>

#include "agent/usb/journal/journal.h"
#include "evidence/base/text.h"

namespace assay::agent {

Result<std::string> LocalSession::text(const std::string& action, const std::string& role,
                                       std::int64_t at) const {
    auto statement = challenge;
    statement.action = action;
    statement.role = role;
    statement.at = at;
    return session_statement_text(statement);
}

bool LocalSession::has_signed(const std::string& role, const std::string& key) const {
    return std::ranges::any_of(signatures, [&](const auto& each) {
        return each.action == "open" && each.role == role && each.key == key;
    });
}

std::optional<std::int64_t> LocalSession::closed_at() const {
    for (const auto& each : signatures) {
        if (each.action == "close") return each.at;
    }
    return std::nullopt;
}

Result<std::map<std::string, LocalSession>> local_sessions(const std::filesystem::path& folder) {
    std::map<std::string, LocalSession> out;
    const auto journal = TRY(load_journal(folder));
    for (const auto& frame : journal.scan.frames) {
        const auto record = TRY(decode_journal_record(frame.record));
        if (record.kind != DeviceEventKind::session || !record.document) continue;
        const auto document = decode_session_document(*record.document);
        auto statement = document ? parse_session_statement(document->text)
                                  : Result<SessionStatement>(std::unexpected(document.error()));
        if (!statement) continue;
        auto& session = out[statement->session];
        if (statement->action != "challenge") {
            session.signatures.push_back(
                {statement->action, statement->role, public_key_id(document->public_key), statement->at});
        }
        // The challenge may have been pruned; each statement repeats it.
        if (session.challenge.action.empty()) session.challenge = *std::move(statement);
    }
    return out;
}

Result<LocalSession> local_session(const std::filesystem::path& folder, const std::string& id) {
    auto all = TRY(local_sessions(folder));
    const auto found = id.empty() ? all.end() : all.find(id);
    if (found == all.end()) {
        return fail(ErrorCode::not_found, printable(id) +
                                              ": no session of this host's journal; 'assay-agent session "
                                              "list' shows them, 'open' begins one");
    }
    return std::move(found->second);
}

}  // namespace assay::agent
