#include "verifier/service/api/attest/ear.h"

#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace assay::api {

Result<std::string> ear_payload(const AttestationResult& result, const ResultNames& names,
                                std::string_view build, const ActHead& acts) {
    using nlohmann::json;
    // draft-ietf-rats-ar4si, 2.3.3: a claim is an integer; the representative value of each tier stands for
    // it.
    json vector = json::object();
    for (const auto& [claim, tier] : result.claims)
        vector[std::string(to_string(claim))] = std::to_underlying(tier);
    json submodule = {{"ear.status", to_string(result.tier)},
                      {"ear.trustworthiness-vector", std::move(vector)}};
    // Of an appraisal that failed inside no input is named.
    if (const auto policy = result.inputs.find("policy"); policy != result.inputs.end())
        submodule["ear.appraisal-policy-id"] = fmt::format("urn:assay:policy:sha256:{}", policy->second);
    const json payload = {{"eat_profile", kEarProfile},
                          {"iat", result.appraised_at},
                          {"exp", result.appraised_at + kEarValidity_s},
                          {"ear.verifier-id", {{"developer", "Assay"}, {"build", build}}},
                          {"submods", {{result.host, std::move(submodule)}}},
                          {"assay.acts", to_text(acts)},
                          {"assay.conclusion", names.conclusion},
                          {"assay.result-id", names.id}};
    return payload.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace assay::api
