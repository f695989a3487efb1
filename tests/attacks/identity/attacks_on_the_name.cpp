// Who speaks in the name of a host: nothing of it is believed, kept or answered, and a reviewer sees that it
// happened.
#include "tests/attacks/api_attack.h"
#include "verifier/service/store/attestations/attestations.h"

using namespace assay;
using namespace assay::test;

namespace {

constexpr const char* kStranger = "203.0.113.66";

struct World {
    TestService service;
    World() {
        service.enrol("web-1");
        service.source = kStranger;
    }

    Evidence evidence() {
        return TestService::evidence("web-1", service.challenge("web-1"), {{"pci", to_bytes("pci bytes")}});
    }
    /// What the answer and the reviewer's list say of the request.
    Outcome outcome(const api::Response& response) {
        Outcome out;
        out.passes = response.status == 200;
        out.said = out.passes ? "accepted" : "refused: " + json_of(response).at("code").get<std::string>();
        for (const auto& row : json_of(service.get("/v1/unproven"))) {
            const auto text = [&](const char* key) { return row.at(key).get<std::string>(); };
            if (text("source") == kStranger) out.reasons.push_back(text("host") + ": " + text("reason"));
        }
        if (!out.passes && store::Results(service.store()).newest("web-1"))
            out.reasons = {"a result is stored"};
        return out;
    }
    static Outcome honest() {
        World world;
        return world.outcome(world.service.submit("web-1", world.evidence()));
    }
};

}  // namespace

ATTACK_RUN(
    "name: a nonce of its own", "sends evidence in a host's name for a challenge that it made itself",
    "web-1: nonce", "refused: refused",
    [] {
        World world;
        auto evidence = world.evidence();
        evidence.nonce = Bytes(kNonceSize, std::byte{0x42});
        return world.outcome(world.service.submit("web-1", evidence));
    },
    World::honest)
ATTACK_RUN(
    "name: garbage", "sends bytes that are no evidence in a host's name", "web-1: malformed",
    "refused: refused",
    [] {
        World world;
        return world.outcome(world.service.call(api::Verb::post, "/v1/hosts/web-1/evidence", "garbage", {},
                                                "application/cbor"));
    },
    World::honest)
ATTACK_RUN(
    "name: of no host", "sends evidence in a name that it made up", ": host", "refused: refused",
    [] {
        World world;
        return world.outcome(world.service.submit("web-99", world.evidence()));
    },
    World::honest)

namespace {

/// Asks for a name without a right to it, and reads off the answer what stands on the purchase list.
Outcome reads_off(bool with_right) {
    TestService service;
    const SoftwareTpm bought;
    const SoftwareTpm attacker;
    require(buy(service, {"rack-7," + digest_of_ek(bought) + ",CZ1"}).status == 200, "bought");
    const auto asks = [&](const SoftwareTpm& tpm, const std::string& name) {
        return service.post("/v1/enrolments", Application(tpm, name).json());
    };
    const auto listed = asks(with_right ? bought : attacker, "rack-7");
    const auto other = asks(attacker, "rack-8");
    Outcome out;
    out.passes = listed.status != other.status || listed.body != other.body;
    out.said = out.passes ? "told apart" : "refused: " + json_of(listed).at("code").get<std::string>();
    for (const auto& refusal : json_of(service.get("/v1/refusals"))) out.reasons.push_back(refusal.at("id"));
    return out;
}

}  // namespace

ATTACK_RUN(
    "name: reads the purchase list", "tells by the answers which names are on the purchase list",
    "admission.unregistered_tpm", "refused: refused", [] { return reads_off(false); },
    [] { return reads_off(true); })
