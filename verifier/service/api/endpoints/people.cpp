#include <nlohmann/json.hpp>

#include "evidence/codec/json_door.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/endpoints/limits.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/store/site/site.h"

/// Who and where, and the rules of accompaniment: whole documents, each taking the place of the one before.
namespace assay::api {
namespace {

Result<Response> kept(Service& service, const Request& request, const std::string& kind,
                      nlohmann::json document) {
    const bool changed = TRY(site::keep(
        service, {.kind = kind, .id = kind, .from_ms = 0, .to_ms = INT64_MAX, .document = document.dump()},
        request.caller.name));
    const auto judged = TRY(site::rejudge(service, {.host = {}, .span = {INT64_MIN, INT64_MAX}}));
    const nlohmann::json answer{{"changed", changed},
                                {"sha256", sha256(as_view(document.dump())).hex()},
                                {"judged", judged.events},
                                {"verdicts_changed", judged.changes.size()}};
    return json_response(answer.dump());
}

Result<Response> put_directory_document(const Request& request, Service& service) {
    TRY_VOID(accompaniment::Directory::of(
        TRY(accompaniment::read_directory(request.body, accompaniment::Source::import))));
    return kept(service, request, "directory", TRY(parse_json(request.body, kLarge)));
}

Result<Response> put_policy_document(const Request& request, Service& service) {
    TRY_VOID(accompaniment::read_policy(request.body, accompaniment::Source::import));
    return kept(service, request, "policy", TRY(parse_json(request.body, kLarge)));
}

Result<nlohmann::json> newest(Service& service, const std::string& kind) {
    const auto found = TRY(store::SiteDocuments(service.store).newest(kind, kind));
    if (!found) return fail(ErrorCode::not_found, "no " + kind + " was given yet");
    return parse_json(found->document, kStoredJson);
}

// Names are for those who handle a finding; who only looks sees pseudonyms.
Result<Response> get_directory_document(const Request& request, Service& service) {
    auto directory = TRY(newest(service, "directory"));
    if (!includes(request.caller.role, Role::operator_)) site::leave_names_out(directory);
    return json_response(directory.dump());
}

Result<Response> get_policy_document(const Request&, Service& service) {
    return json_response(TRY(newest(service, "policy")).dump());
}

}  // namespace

Endpoint put_directory() {
    return {.verb = Verb::post,
            .path = "/v1/directory",
            .role = Role::operator_,
            .summary = "Persons, zones, hosts and issuers: takes the place of the directory before",
            .handler = put_directory_document,
            .accepts = "application/json",
            .body_limit = kDocument};
}

Endpoint get_directory() {
    return {.verb = Verb::get,
            .path = "/v1/directory",
            .role = Role::viewer,
            .summary = "The directory; names of persons only for operators",
            .handler = get_directory_document};
}

Endpoint put_accompaniment_policy() {
    return {.verb = Verb::post,
            .path = "/v1/accompaniment/policy",
            .role = Role::admin,
            .summary = "The rules of accompaniment: issuers, exceptions, allowed devices, times",
            .handler = put_policy_document,
            .accepts = "application/json",
            .body_limit = kDocument};
}

Endpoint get_accompaniment_policy() {
    return {.verb = Verb::get,
            .path = "/v1/accompaniment/policy",
            .role = Role::viewer,
            .summary = "The rules of accompaniment",
            .handler = get_policy_document};
}

}  // namespace assay::api
