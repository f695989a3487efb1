#pragma once

#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/api/test_service.h"

namespace assay::test {

inline TestService::Sections two_sections() {
    return {{"pci", to_bytes("pci bytes")}, {"smbios", to_bytes("smbios bytes")}};
}

/// The same for every reason, whoever asks.
inline void require_not_proven(const api::Response& response) {
    INFO(response.body);
    REQUIRE(response.status == 403);
    REQUIRE(response.body == TestService().prove("nobody", {}).body);
}

}  // namespace assay::test
