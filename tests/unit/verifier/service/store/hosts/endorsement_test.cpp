#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/hosts/hosts.h"

using namespace assay;
using namespace builders;

namespace {

store::Endorsement endorsement(const std::string& host, const std::string& serial) {
    store::Endorsement out;
    out.host = host;
    out.ek_digest = digest_of("ek tpm");
    out.delivery = {"as-built list", digest_of(serial), kNow, "otto", false, {}};
    DeliveredPart part;
    part.kind = "drive";
    part.serial = serial;
    out.delivery.parts = {part};
    out.files = {to_bytes("class,serial\ndrive," + serial + "\n")};
    return out;
}

}  // namespace

STORE_TEST(delivered,
           "a host is known with the newest delivery that was given for it; the ones before are kept") {
    const auto store = database.open();
    REQUIRE(store::Hosts(*store).add_endorsement(endorsement("web-1", "S1")).error().code ==
            ErrorCode::not_found);
    REQUIRE(enrol(*store, "token", identity("web-1", "tpm", "ak")));
    REQUIRE_FALSE(store::Hosts(*store).find("web-1")->known.delivery);
    REQUIRE(store::Hosts(*store).add_endorsement(endorsement("web-1", "S1")));
    REQUIRE(store::Hosts(*store).find("web-1")->known.delivery == endorsement("web-1", "S1").delivery);
    REQUIRE(store::Hosts(*store).add_endorsement(endorsement("web-1", "S2")));
    REQUIRE(store::Hosts(*store).find("web-1")->known.delivery->parts.front().serial == "S2");
    REQUIRE(database.number("SELECT COUNT(*) FROM endorsements") == 2);
}

STORE_TEST(of_another_tpm, "a delivery that was given for the TPM before is known as outdated") {
    const auto store = database.open();
    REQUIRE(enrol(*store, "token", identity("web-1", "tpm", "ak")));
    auto other = endorsement("web-1", "S1");
    other.ek_digest = digest_of("ek of before");
    REQUIRE(store::Hosts(*store).add_endorsement(other));
    REQUIRE(store::Hosts(*store).find("web-1")->known.delivery->outdated);
}
