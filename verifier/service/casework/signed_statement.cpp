#include "verifier/service/casework/signed_statement.h"

#include <tuple>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/codec/json_reader.h"
#include "verifier/service/casework/site.h"

namespace assay::api {

using accompaniment::instant_text;
using nlohmann::json;

Result<std::optional<accompaniment::Directory>> directory_of(Service& service) {
    const auto stored = TRY(store::SiteDocuments(service.store).newest("directory", "directory"));
    if (!stored) return std::nullopt;
    return TRY(accompaniment::Directory::of(TRY(accompaniment::read_directory(stored->document))));
}

Result<> genuine(const accompaniment::Directory& directory, const SignedStatement& given) {
    const auto text = TRY(session_statement_text(given.statement));
    if (!TRY(session_signature_verifies(given.public_key, text, given.signature)))
        return fail(ErrorCode::refused, "the signature is not of this statement and key");
    if (directory.holders_of_key(given.key_id).empty()) {
        return fail(ErrorCode::refused,
                    fmt::format("key {} is nobody's in the directory: register it with its holder's \"keys\"",
                                given.key_id));
    }
    return {};
}

json signature_json(const SignedStatement& given, std::int64_t at_ms) {
    return {{"key", given.key_id}, {"at", instant_text(at_ms)}, {"signature", "valid"}};
}

store::SiteDocument proof_of(const SignedStatement& given, const std::string& id) {
    const auto& s = given.statement;
    const json document{{"text", session_statement_text(s).value_or("")},
                        {"public_key", to_base64url(given.public_key)},
                        {"signature", to_base64url(given.signature)}};
    return {.kind = "signature",
            .id = id,
            .host = s.host,
            .from_ms = s.at * 1000,
            .to_ms = s.at * 1000,
            .document = document.dump()};
}

Result<> apply(json& draft, const SignedStatement& given, std::int64_t at_ms) {
    const auto& [action, role] = std::tie(given.statement.action, given.statement.role);
    if (draft.contains("closed_at")) return fail(ErrorCode::conflict, "the session is closed already");
    const bool both = draft.contains("technician") && draft.contains("escort");
    if (action == "open") {
        if (draft.contains(role))
            return fail(ErrorCode::conflict, "the " + role + " has signed this session already");
        draft[role] = signature_json(given, at_ms);
        draft["opened_at"] = instant_text(at_ms);
        if (!draft.contains("heartbeats")) draft["heartbeats"] = json::array();
        return {};
    }
    if (!both) return fail(ErrorCode::conflict, "the session is not signed by both yet");
    if (action == "heartbeat") {
        draft["heartbeats"].push_back(signature_json(given, at_ms));
    } else {
        draft["closed_at"] = instant_text(at_ms);
    }
    return {};
}

Result<std::vector<store::SiteDocument>> documents_of(const json& draft) {
    JsonReader in(draft, {.name = "session-draft", .open = true});
    const auto id = in.text("id");
    const auto host = in.text("fleet_host");
    TRY_VOID(in.finish());
    std::vector<store::SiteDocument> out{
        {.kind = "session-draft", .id = id, .host = host, .to_ms = INT64_MAX, .document = draft.dump()}};
    if (!draft.contains("technician") || !draft.contains("escort")) return out;
    json session = draft;
    for (const auto* key : {"fleet_host", "nonce"}) session.erase(key);
    const auto read = TRY(accompaniment::read_sessions(
        json{{"watermark", instant_text(0)}, {"sessions", json::array({session})}}.dump()));
    const auto& only = read.sessions.front();
    out.push_back({.kind = "session",
                   .id = id,
                   .host = host,
                   .from_ms = only.opened_at,
                   .to_ms = only.closed_at.value_or(INT64_MAX),
                   .document = session.dump()});
    return out;
}

Result<store::SiteDocument> late_document(const SignedStatement& given, const std::string& asset,
                                          std::int64_t at_ms) {
    const auto& s = given.statement;
    const json document{{"host", asset},
                        {"order", s.order},
                        {"descriptors_sha256", s.device},
                        {"escort", signature_json(given, at_ms)}};
    TRY_VOID(accompaniment::read_sessions(
        json{{"watermark", instant_text(0)}, {"late_attestations", json::array({document})}}.dump()));
    return store::SiteDocument{.kind = "late-attestation",
                               .id = fmt::format("{}/{}/{}", s.host, s.device, s.at),
                               .host = s.host,
                               .from_ms = at_ms,
                               .to_ms = at_ms,
                               .document = document.dump()};
}

}  // namespace assay::api
