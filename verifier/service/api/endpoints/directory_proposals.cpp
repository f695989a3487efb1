#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/endpoints/limits.h"
#include "verifier/service/api/endpoints/names.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/casework/directory_change.h"
#include "verifier/service/casework/put_directory.h"

/// The directory, and its changes: one keeper proposes, another approves. What only takes away is in force at
/// once.
namespace assay::api {
namespace {

using nlohmann::json;

constexpr const char* kProposal = "directory-proposal";
constexpr std::size_t kProposalId = 16;  // hex digits

// For who approves it, and for the chain: what there is beyond is counted.
json shortened_words(std::vector<std::string> words) {
    constexpr std::size_t kMostWords = 200;
    if (words.size() > kMostWords) {
        const auto more = words.size() - kMostWords;
        words.resize(kMostWords);
        words.push_back(fmt::format("and {} more", more));
    }
    return words;
}

store::Act act_of(store::ActKind kind, const Request& request, const json& document) {
    return {.kind = kind, .hand = request.caller.hand(), .subject = "directory", .document = document.dump()};
}

store::Written<Response> propose(const Request& request, Service& service, const json& document) {
    const auto before = TRY(site::directory_in_force(service));
    auto change = site::change_of(before.document, document);
    const bool single = TRY(site::is_single_handed(service));
    const auto sha256_of = sha256(as_view(document.dump())).hex();
    const auto words = shortened_words(std::move(change.words));
    const auto hand = request.caller.hand();
    if (change.only_takes_away || single) {
        using enum store::ActKind;
        const auto act = act_of(change.only_takes_away ? directory_narrowed : directory_approved, request,
                                {{"sha256", sha256_of}, {"change", words}});
        return json_response(
            TRY(site::put_directory(service, document, before.number, act, request.caller.name)).dump());
    }
    const auto id =
        sha256(as_view(fmt::format("{} {}", before.number, sha256_of))).hex().substr(0, kProposalId);
    const json proposal{{"made_from", before.number},
                        {"hand", hand},
                        {"person", request.caller.person},
                        {"change", words},
                        {"sha256", sha256_of},
                        {"directory", document}};
    TRY_VOID(
        store::SiteWrites(service.store)
            .put({.documents = {site::stamped(
                      service, {.kind = kProposal, .id = id, .to_ms = INT64_MAX, .document = proposal.dump()},
                      request.caller.name)}},
                 act_of(store::ActKind::directory_proposed, request,
                        {{"proposal", id}, {"sha256", sha256_of}, {"change", words}}),
                 service.now()));
    const json answer{{"in_force", false}, {"proposal", id}, {"sha256", sha256_of}, {"change", words}};
    return json_response(answer.dump(), 202);
}

Result<Response> put_directory_document(const Request& request, Service& service) {
    TRY_VOID(accompaniment::Directory::of(
        TRY(accompaniment::read_directory(request.body, accompaniment::Source::import))));
    const auto document = TRY(parse_json(request.body, kLarge));
    return TRY(site::made_anew([&] { return propose(request, service, document); }));
}

Result<Response> get_directory_document(const Request& request, Service& service) {
    auto directory = TRY(site::directory_in_force(service));
    if (directory.number == 0) return fail(ErrorCode::not_found, "no directory was given yet");
    if (!sees_names(request.caller.role)) site::leave_names_out(directory.document);
    return json_response(directory.document.dump());
}

// Those that can still be approved: made from the directory in force.
Result<Response> list_open(const Request& request, Service& service) {
    Query query(request);
    const auto id = query.text("id", kProposalId);
    TRY_VOID(query.finish());
    const auto now = TRY(site::directory_in_force(service)).number;
    json answer = json::array();
    for (const auto& stored : TRY(store::SiteDocuments(service.store).list({.kind = kProposal, .id = id}))) {
        auto proposal = TRY(parse_json(stored.document, kStoredJson));
        if (proposal.at("made_from") != now) continue;
        proposal["proposal"] = stored.id;
        proposal["at"] = stored.stored_at;
        proposal.erase("person");
        if (!id) proposal.erase("directory");
        if (id && !sees_names(request.caller.role)) site::leave_names_out(proposal["directory"]);
        answer.push_back(std::move(proposal));
    }
    return json_response(answer.dump());
}

Result<Response> approve(const Request& request, Service& service) {
    JsonReader body(request.body, kBody);
    TRY_VOID(body.finish());
    const auto& id = request.parameters.at("id");
    const auto stored = TRY(store::SiteDocuments(service.store).newest(kProposal, id));
    if (!stored)
        return fail(
            ErrorCode::not_found,
            fmt::format("no proposal {}; 'assay people proposals' lists those that are open", printable(id)));
    const auto proposal = TRY(parse_json(stored->document, kStoredJson));
    const std::string hand = proposal.at("hand"), person = proposal.at("person");
    const auto& caller = request.caller;
    if (caller.hand() == hand || caller.person.empty() || caller.person == person) {
        return fail(
            ErrorCode::refused,
            fmt::format("approval: expected another keeper, and another person, than {}, who proposed "
                        "it, got {}; ask a second one",
                        printable(hand), printable(caller.hand())));
    }
    auto answer = site::put_directory(
        service, proposal.at("directory"), proposal.at("made_from"),
        act_of(store::ActKind::directory_approved, request,
               {{"proposal", id}, {"proposed_by", hand}, {"sha256", proposal.at("sha256")}}),
        caller.name);
    if (!answer && answer.error().refused == store::Refused::moved)
        return fail(ErrorCode::conflict,
                    "the directory was changed since this was proposed; propose it anew");
    return json_response(TRY(std::move(answer)).dump());
}

}  // namespace

Endpoint put_directory() {
    return {.verb = Verb::post,
            .path = "/v1/directory",
            .role = Role::keeper,
            .summary = "Propose persons, zones, hosts and issuers; what only takes away is in force at once",
            .handler = put_directory_document,
            .accepts = "application/json",
            .body_limit = kDocument};
}

Endpoint get_directory() {
    return {.verb = Verb::get,
            .path = "/v1/directory",
            .role = Role::viewer,
            .summary = "The directory; names of persons only for those who handle findings",
            .handler = get_directory_document};
}

Endpoint list_directory_proposals() {
    return {.verb = Verb::get,
            .path = "/v1/directory/proposals",
            .role = Role::viewer,
            .summary = "Directories that wait for a second keeper, in words; with ?id= the whole of one",
            .handler = list_open};
}

Endpoint approve_directory() {
    return {.verb = Verb::post,
            .path = "/v1/directory/proposals/{id}/approval",
            .role = Role::keeper,
            .summary = "Put in force what another keeper proposed",
            .handler = approve,
            .accepts = "application/json"};
}

}  // namespace assay::api
