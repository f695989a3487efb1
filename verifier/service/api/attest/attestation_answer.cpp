#include "verifier/service/api/attest/attestation_answer.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/codec/json_door.h"
#include "verifier/service/api/attest/ear.h"
#include "verifier/service/store/acts/act.h"

namespace assay::api {

bool concludes_anew(const store::Attestation& attestation) {
    return attestation.conclusion != attestation.conclusion_before;
}

nlohmann::json ima_json(const std::optional<ImaStart>& ima) {
    if (!ima) return nullptr;
    return {{"boot_id", ima->boot_id},
            {"entries", ima->entries},
            {"offset", ima->offset},
            {"state", ima->state.hex()}};
}

std::string attestation_answer(const Attested& attested, bool with_result) {
    const auto& attestation = attested.attestation;
    std::string more;
    if (with_result)
        more = ",\"result\":" + encode_attestation_result(attestation.result, attestation.conclusion);
    if (with_result && !attested.activation.empty())
        more += ",\"activation\":" + nlohmann::json(attested.activation).dump();
    // The canonical result goes in as its own bytes: what was hashed is what is read.
    return fmt::format(
        R"({{"result_id":"{}","tier":"{}","journal_acknowledged":{},"ima":{},"jwt":"{}","grants":{}{}}})",
        attestation.result_id, to_string(attestation.result.tier), attested.journal_acknowledged,
        ima_json(attested.ima).dump(), attestation.jwt, nlohmann::json(attested.grants).dump(), more);
}

Result<std::string> signed_ear(Service& service, const AttestationResult& result, const ResultNames& names,
                               const ActHead& acts) {
    return service.signer.sign(TRY(ear_payload(result, names, service.build, acts)));
}

Result<nlohmann::json> result_answer(Service& service, const store::StoredResult& stored) {
    const auto& result = stored.result;
    const auto acts = TRY(store::Acts(service.store).recent());
    const auto jwt = TRY(signed_ear(service, result, {stored.result_id, stored.conclusion}, acts));
    nlohmann::json answer{{"result_id", stored.result_id}, {"conclusion", stored.conclusion}, {"jwt", jwt}};
    answer["result"] = TRY(parse_json(encode_attestation_result(result, stored.conclusion), kStoredJson));
    return answer;
}

}  // namespace assay::api
