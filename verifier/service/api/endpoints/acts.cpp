#include <limits>

#include "evidence/base/rfc3339.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/store/acts/act.h"

/// What people and feeds did, and what was concluded: docs/formats/acts.md.
namespace assay::api {
namespace {

constexpr std::int64_t kMostActs = 10'000;
constexpr std::size_t kText = 256;

Json act_json(const store::StoredAct& act) {
    return {{"number", act.number}, {"at", rfc3339_text_of_ms(act.at_ms)},
            {"at_ms", act.at_ms},   {"kind", act.kind},
            {"hand", act.hand},     {"subject", act.subject},
            {"object", act.object}, {"document", act.document},
            {"head", act.head}};
}

Result<Response> answer_acts(const Request& request, Service& service) {
    constexpr auto kNewest = std::numeric_limits<std::int64_t>::max();
    Query query(request);
    store::ActQuery wanted;
    wanted.after = query.integer("after", 0, kNewest);
    wanted.since_ms = query.integer("since_ms", 0, kNewest);
    wanted.subject = query.text("subject", kText);
    wanted.hand = query.text("hand", kText);
    wanted.kind = query.text("kind", kText);
    wanted.limit = query.integer("limit", 1, kMostActs).value_or(wanted.limit);
    TRY_VOID(query.finish());
    auto answer = Json::array();
    for (const auto& act : TRY(store::Acts(service.store).list(wanted))) answer.push_back(act_json(act));
    return json_response(answer.dump());
}

}  // namespace

Endpoint list_acts() {
    return {
        .verb = Verb::get,
        .path = "/v1/acts",
        .role = Role::operator_,
        .summary = "What people and feeds did and what was concluded, oldest first, with the chain's heads",
        .handler = answer_acts};
}

}  // namespace assay::api
