#include "verifier/service/api/endpoint.h"
#include "verifier/service/store/attestations/attestations.h"

namespace assay::api {
namespace {

Result<Response> answer_conclusion(const Request& request, Service& service) {
    return json_response(TRY(store::Results(service.store).conclusion(request.parameters.at("digest"))));
}

}  // namespace

Endpoint get_conclusion() {
    return {.verb = Verb::get,
            .path = "/v1/conclusions/{digest}",
            .role = Role::viewer,
            .summary = "What one or more attestation results came to, by its digest",
            .handler = answer_conclusion};
}

}  // namespace assay::api
