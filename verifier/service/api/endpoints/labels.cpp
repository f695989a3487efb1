#include <nlohmann/json.hpp>

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
    return nlohmann::json{{"host", host},
                          {"labels", contact.labels},
                          {"set_by", set.set_by},
                          {"set_at", set.set_at},
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

}  // namespace

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
