#include "evidence/wire/statement/device_grant.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"

using namespace assay;

namespace {

DeviceGrant honest() {
    return {.host = "rack-7",
            .nonce = Bytes(32, std::byte{7}),
            .session = "s-1",
            .order = "W-1",
            .lifetime_s = 300,
            .devices = {{.vid = "0951", .pid = "1666", .serial = {}, .digest = {}, .kind = "storage"}}};
}

// The claims with one field changed.
Result<DeviceGrant> with(const char* field, nlohmann::json value) {
    auto claims = nlohmann::json::parse(device_grant_claims(honest()));
    claims["assay.grant"][field] = std::move(value);
    return device_grant_of(claims.dump());
}

}  // namespace

TEST_CASE("a grant is the same after a round through its claims") {
    CHECK(device_grant_of(device_grant_claims(honest())) == honest());
}

TEST_CASE("a grant with a field that is not as it should be is refused") {
    REQUIRE(with("v", 1));
    CHECK_FALSE(with("v", 2));
    CHECK_FALSE(with("host", 1));
    CHECK_FALSE(with("host", std::string(257, 'a')));
    CHECK_FALSE(with("nonce", to_base64url(Bytes(31))));
    CHECK_FALSE(with("lifetime_s", 3601));
    CHECK_FALSE(with("lifetime_s", -1));
    CHECK_FALSE(with("devices", "any"));
    CHECK_FALSE(with("more", 1));
    auto many = nlohmann::json::parse(device_grant_claims(honest()))["assay.grant"]["devices"];
    while (many.size() <= kMaxGrantDevices) many.push_back(many.front());
    CHECK_FALSE(with("devices", many));
    many.erase(many.begin() + 1, many.end());
    REQUIRE(with("devices", many));
    many[0]["vid"] = "0x951";
    CHECK_FALSE(with("devices", many));
}

TEST_CASE("another token of the verifier is no grant") {
    CHECK_FALSE(device_grant_of(R"({"eat_profile":"tag:ietf.org,2026:rats/ear#05"})"));
    CHECK_FALSE(device_grant_of("[]"));
    CHECK_FALSE(device_grant_of(""));
}
