#include <nlohmann/json.hpp>

#include "evidence/base/rfc3339.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/store/hosts/hosts.h"

namespace assay::api {
namespace {

constexpr std::size_t kLabels = 64;
constexpr std::size_t kValue = 128;

Result<nlohmann::json> labels_json(Service& service, const std::string& host) {
    const auto set = TRY(store::Hosts(service.store).labels(host));
    const auto contact = TRY(store::Hosts(service.store).contact(host));
    return nlohmann::json{
        {"host", host},
        {"labels", contact.labels},
        {"set_by", set.set_by},
        {"set_at", set.set_at == 0 ? nlohmann::json() : nlohmann::json(rfc3339_text(set.set_at))},
        {"policy", service.policies.of(contact.labels).name}};
}

Result<Response> answer_labels(const Request& request, Service& service) {
    TRY_VOID(Query(request).finish());
    return json_response(TRY(labels_json(service, request.parameters.at("host"))).dump());
}

Result<Response> set(const Request& request, Service& service) {
    const auto& host = request.parameters.at("host");
    JsonReader body(request.body, kBody);
    store::HostLabels wanted{{}, request.caller.name, service.now()};
    const auto add = [&](const std::string& name, JsonReader& value) {
        if (!judge::is_label_name(name))
            value.refuse("", {ErrorCode::usage, "a name has 1 to 64 of a-z, 0-9, _ and -", {}});
        wanted.labels[name] = plain_text(value, "", kValue);
    };
    if (body.need("labels")) body.members("labels", add, kLabels);
    TRY_VOID(body.finish());
    TRY_VOID(store::Hosts(service.store).set_labels(host, wanted));
    return json_response(TRY(labels_json(service, host)).dump());
}

Result<Response> adopt(const Request& request, Service& service) {
    JsonReader body(request.body, kBody);
    const store::SiteToAdopt wanted{.site = plain_text(body, "site", kValue),
                                    .by = request.caller.name,
                                    .at = service.now(),
                                    .dry_run = body.flag_or("dry_run", false)};
    TRY_VOID(body.finish());
    auto hosts = nlohmann::json::array();
    for (const auto& each : TRY(store::Hosts(service.store).adopt_site(wanted)))
        hosts.push_back({{"host", each.host}, {"before", each.before}});
    return json_response(
        nlohmann::json{{"site", wanted.site}, {"kept", !wanted.dry_run}, {"hosts", std::move(hosts)}}.dump());
}

}  // namespace

Endpoint adopt_labels() {
    return {.verb = Verb::post,
            .path = "/v1/labels/adopt",
            .role = Role::admin,
            .summary = "The label `site` for all hosts that purchase lists place at a site",
            .handler = adopt,
            .accepts = "application/json"};
}

Endpoint get_labels() {
    return {.verb = Verb::get,
            .path = "/v1/hosts/{host}/labels",
            .role = Role::viewer,
            .summary = "The labels of a host, and the policy that they select",
            .handler = answer_labels};
}

Endpoint set_labels() {
    return {.verb = Verb::post,
            .path = "/v1/hosts/{host}/labels",
            .role = Role::admin,
            .summary = "All labels of a host anew: which policy it is judged under",
            .handler = set,
            .accepts = "application/json"};
}

}  // namespace assay::api
