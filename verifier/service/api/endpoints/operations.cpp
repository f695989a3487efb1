#include <algorithm>

#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/silent_hosts.h"
#include "verifier/service/store/hosts/hosts.h"

/// Whether it lives, what it counts, and with which key it signs.
namespace assay::api {
namespace {

Result<Response> healthz(const Request&, Service& service) {
    TRY_VOID(service.store.check());
    return json_response(R"({"status":"ok"})");
}

Result<Response> metrics(const Request&, Service& service) {
    const auto contacts = TRY(store::Hosts(service.store).contacts());
    service.metrics.set_hosts(contacts.size());
    service.metrics.set_hosts_silent(static_cast<std::uint64_t>(
        std::ranges::count_if(contacts, [&](const auto& contact) { return is_silent(service, contact); })));
    return Response{200, "text/plain; version=0.0.4; charset=utf-8", service.metrics.text(), {}};
}

Result<Response> keys(const Request&, Service& service) {
    return json_response(service.signer.jwks());
}

}  // namespace

Endpoint get_healthz() {
    return {.verb = Verb::get,
            .path = "/healthz",
            .role = Role::anyone,
            .summary = "Whether the verifier and its database answer",
            .handler = healthz,
            .quick = true};
}

Endpoint get_metrics() {
    return {.verb = Verb::get,
            .path = "/metrics",
            .role = Role::viewer,
            .summary = "Counters and durations in Prometheus' text format",
            .handler = metrics};
}

Endpoint get_keys() {
    return {.verb = Verb::get,
            .path = "/v1/keys",
            .role = Role::anyone,
            .summary = "The public key that signs attestation results, as a JWK set",
            .handler = keys,
            .from_memory = true};
}

}  // namespace assay::api
