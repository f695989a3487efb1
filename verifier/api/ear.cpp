#include "verifier/api/ear.h"

#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/json_door.h"

namespace assay::api {

Result<std::string> ear_payload(const AttestationResult& result, const Digest& policy,
                                std::string_view build) {
    using nlohmann::json;
    // draft-ietf-rats-ar4si, 2.3.3: a claim is an integer; the representative value of each tier stands for
    // it.
    json vector = json::object();
    for (const auto& [claim, tier] : result.claims)
        vector[std::string(to_string(claim))] = std::to_underlying(tier);
    json submodule = {{"ear.status", to_string(result.tier)},
                      {"ear.trustworthiness-vector", std::move(vector)},
                      {"ear.appraisal-policy-id", fmt::format("urn:assay:policy:sha256:{}", policy.hex())}};
    // Our own output, so no limit of the outside door applies.
    auto canonical = json::parse(encode_attestation_result(result), nullptr, false);
    if (canonical.is_discarded()) return fail(ErrorCode::internal, "the canonical result is not JSON");
    const json payload = {{"eat_profile", kEarProfile},
                          {"iat", result.appraised_at},
                          {"ear.verifier-id", {{"developer", "Assay"}, {"build", build}}},
                          {"submods", {{result.host, std::move(submodule)}}},
                          {"assay.result", std::move(canonical)},
                          {"assay.result-id", attestation_result_id(result)}};
    return payload.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace assay::api
