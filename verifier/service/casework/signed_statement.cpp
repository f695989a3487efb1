#include "verifier/service/casework/signed_statement.h"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/casework/site_directory.h"

namespace assay::api {

using accompaniment::instant_text;
using nlohmann::json;

namespace {

constexpr std::size_t kMostReplaced = 16;

json signature_json(const SignedStatement& given, std::int64_t at_ms) {
    json out{{"key", given.key_id}, {"at", instant_text(at_ms)}, {"signature", "valid"}};
    if (given.posted_ms) {
        out["received_at"] = instant_text(*given.posted_ms);
        out["posted"] = true;
    }
    return out;
}

// Whose key is under the draft's signature in this role; nobody's where there is none.
std::vector<std::string> signers(const json& draft, const std::string& role,
                                 const accompaniment::Directory& directory) {
    std::vector<std::string> out;
    JsonReader(draft, {.open = true}).object(role, [&](JsonReader& signature) {
        out = directory.holders_of_key(signature.peek("key"));
    });
    return out;
}

bool is_one_of(const std::vector<std::string>& persons, std::string_view person) {
    return std::ranges::find(persons, person) != persons.end();
}

// As sessions.json has it.
json session_of(const json& draft) {
    auto out = draft;
    for (const auto* key : {"fleet_host", "nonce", "named", "replaced"}) out.erase(key);
    return out;
}

std::int64_t not_before_opening(const json& draft, std::int64_t at_ms) {
    const auto opened = accompaniment::parse_instant(JsonReader(draft, {.open = true}).peek("opened_at"));
    return opened ? std::max(at_ms, *opened) : at_ms;
}

Result<> open_as(json& draft, const SignedStatement& given, std::int64_t at_ms,
                 const accompaniment::Directory& directory) {
    const auto& role = given.statement.role;
    const auto technician = signers(draft, "technician", directory);
    const auto escort = signers(draft, "escort", directory);
    const bool two =
        !technician.empty() && !escort.empty() &&
        std::ranges::none_of(technician, [&](const auto& each) { return is_one_of(escort, each); });
    const auto& before = role == "escort" ? escort : technician;
    if (two || (!before.empty() && before == directory.holders_of_key(given.key_id))) {
        return fail(ErrorCode::conflict,
                    fmt::format("the {} has signed this session already: {}", role, fmt::join(before, ", ")));
    }
    if (draft.contains("technician") && draft.contains("escort")) {
        auto& replaced = draft["replaced"];
        if (replaced.size() >= kMostReplaced)
            return fail(ErrorCode::conflict, "signatures were replaced too often: open another session");
        auto session = session_of(draft);
        session["id"] = fmt::format("{}#{}", std::string(JsonReader(draft, {.open = true}).peek("id")),
                                    replaced.size() + 1);
        close_draft(session, at_ms);
        replaced.push_back(std::move(session));
    }
    draft[role] = signature_json(given, at_ms);
    draft["opened_at"] = instant_text(at_ms);
    if (!draft.contains("heartbeats")) draft["heartbeats"] = json::array();
    return {};
}

}  // namespace

Result<std::shared_ptr<const accompaniment::Directory>> directory_of(Service& service) {
    if (!TRY(site::has_directory(service))) return nullptr;
    const auto kept = TRY(site::site_directory(service));
    return std::shared_ptr<const accompaniment::Directory>(kept, &kept->read);
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

Result<> by_whom_is_named(const json& draft, const SignedStatement& given,
                          const accompaniment::Directory& directory) {
    const auto& role = given.statement.role;
    std::string named;
    JsonReader in(draft, {.open = true});
    if (!in.flag_or("unlisted", false))
        in.object("named", [&](JsonReader& persons) { named = persons.peek(role); });
    const auto& holders = directory.holders_of_key(given.key_id);
    if (named.empty() || is_one_of(holders, named)) return {};
    return fail(
        ErrorCode::refused,
        fmt::format("expected a key of {}, the {} of this session, got one of {}; sign with the {}'s "
                    "own key",
                    printable(named), role, printable(fmt::format("{}", fmt::join(holders, ", "))), role));
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

Result<> apply(json& draft, const SignedStatement& given, const accompaniment::Directory& directory) {
    const auto& action = given.statement.action;
    if (draft.contains("closed_at")) return fail(ErrorCode::conflict, "the session is closed already");
    const auto at_ms = not_before_opening(draft, given.at_ms);
    if (action == "open") return open_as(draft, given, at_ms, directory);
    if (!draft.contains("technician") || !draft.contains("escort"))
        return fail(ErrorCode::conflict, "the session is not signed by both yet");
    if (action == "heartbeat") {
        draft["heartbeats"].push_back(signature_json(given, at_ms));
    } else {
        close_draft(draft, at_ms);
    }
    return {};
}

void close_draft(json& draft, std::int64_t at_ms) {
    draft["closed_at"] = instant_text(not_before_opening(draft, at_ms));
}

Result<std::vector<store::SiteDocument>> documents_of(const json& draft) {
    JsonReader in(draft, {.name = "session-draft", .open = true});
    const auto id = in.text("id");
    const auto host = in.text("fleet_host");
    auto sessions = json::array();
    in.each("replaced", [&](JsonReader& session) { sessions.push_back(session.value()); });
    TRY_VOID(in.finish());
    if (draft.contains("technician") && draft.contains("escort")) sessions.push_back(session_of(draft));
    std::vector<store::SiteDocument> out{
        {.kind = "session-draft", .id = id, .host = host, .to_ms = INT64_MAX, .document = draft.dump()}};
    const auto read = TRY(
        accompaniment::read_sessions(json{{"watermark", instant_text(0)}, {"sessions", sessions}}.dump()));
    for (std::size_t i = 0; i < read.sessions.size(); ++i) {
        const auto& session = read.sessions[i];
        out.push_back({.kind = "session",
                       .id = session.id,
                       .host = host,
                       .from_ms = session.opened_at,
                       .to_ms = session.closed_at.value_or(INT64_MAX),
                       .document = sessions[i].dump()});
    }
    return out;
}

std::string late_id(const SignedStatement& given) {
    const auto& s = given.statement;
    return fmt::format("{}/{}/{}/{}", s.host, s.device, s.at, given.key_id);
}

Result<store::SiteDocument> late_document(const SignedStatement& given, const std::string& asset) {
    const auto& s = given.statement;
    const json document{{"host", asset},
                        {"order", s.order},
                        {"descriptors_sha256", s.device},
                        {"escort", signature_json(given, given.at_ms)}};
    TRY_VOID(accompaniment::read_sessions(
        json{{"watermark", instant_text(0)}, {"late_attestations", json::array({document})}}.dump()));
    return store::SiteDocument{.kind = "late-attestation",
                               .id = late_id(given),
                               .host = s.host,
                               .from_ms = given.at_ms,
                               .to_ms = given.at_ms,
                               .document = document.dump()};
}

}  // namespace assay::api
