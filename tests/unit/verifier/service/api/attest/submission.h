#pragma once

#include <catch2/catch.hpp>

#include "evidence/codec/jws.h"
#include "tests/unit/verifier/service/api/test_service.h"

namespace assay::test {

inline TestService::Sections two_sections() {
    return {{"pci", to_bytes("pci bytes")}, {"smbios", to_bytes("smbios bytes")}};
}

/// What the token of an answer says.
inline nlohmann::json claims_of(const nlohmann::json& answer) {
    const auto token = answer.at("jwt").get<std::string>();
    const auto parsed = must(parse_jws(token));
    return nlohmann::json::parse(as_text(parsed.payload));
}

/// The same for every reason, whoever asks.
inline void require_not_proven(const api::Response& response) {
    INFO(response.body);
    REQUIRE(response.status == 403);
    REQUIRE(response.body == TestService().prove("nobody", {}).body);
}

}  // namespace assay::test
