// One name, one TPM, one attestation key.
#include "tests/attacks/identity/enrolled_world.h"

using namespace assay;
using namespace assay::test;

namespace {

using World = EnrolledWorld;

Outcome the_same_again() {
    World world;
    return world.asks(world.host, "rack-7");
}

/// The same public numbers under other attributes: another TPMT_PUBLIC, the same key.
tcg::TpmPublic reencoded(tcg::TpmPublic key) {
    key.attributes = tcg::ObjectAttributes(key.attributes.bits() | tcg::ObjectAttributes::kNoDa);
    return key;
}

}  // namespace

ATTACK_RUN(
    "identity: second TPM", "asks for a known host's name with another TPM and a valid token",
    "admission.second_tpm", "refused: refused",
    [] {
        World world;
        return world.asks(world.attacker, "rack-7");
    },
    the_same_again)

ATTACK_RUN(
    "identity: second TPM, no token", "asks for a known host's name with another TPM and no token at all",
    "admission.second_tpm", "refused: refused",
    [] {
        World world;
        return world.asks(world.attacker, "rack-7", [](Application& a) { a.token.clear(); });
    },
    the_same_again)

ATTACK_RUN(
    "identity: second AK", "enrols a known host's TPM again with a new attestation key",
    "admission.second_key", "refused: refused",
    [] {
        World world;
        world.host.make_new_ak();
        return world.asks(world.host, "rack-7");
    },
    the_same_again)

ATTACK_RUN(
    "identity: one TPM, two names", "enrols a known TPM a second time under a new name",
    "admission.known_tpm", "refused: refused",
    [] {
        World world;
        return world.asks(world.host, "rack-8");
    },
    World::another_machine)

ATTACK_RUN(
    "identity: one EK, new AK, new name", "enrols a known TPM under a new name with a fresh attestation key",
    "admission.known_tpm", "refused: refused",
    [] {
        World world;
        world.host.make_new_ak();
        return world.asks(world.host, "rack-8");
    },
    World::another_machine)

ATTACK_RUN(
    "identity: one AK, new EK, new name", "shows a known attestation key behind another EK under a new name",
    "admission.known_tpm", "refused: refused",
    [] {
        World world;
        return world.asks(world.attacker, "rack-8", [&](Application& a) { a.ak = world.host.ak(); });
    },
    World::another_machine)

ATTACK_RUN(
    "identity: known EK in another encoding", "changes attributes of a known EK so that its bytes differ",
    "admission.known_tpm", "refused: refused",
    [] {
        World world;
        return world.asks(world.host, "rack-8", [](Application& a) { a.ek = reencoded(a.ek); });
    },
    World::another_machine)

ATTACK_RUN(
    "identity: second EK of one TPM", "enrols the second EK of a TPM whose first host showed both",
    "admission.known_tpm", "refused: refused",
    [] {
        World world;
        const SoftwareTpm two(2);
        world.asks(two, "rack-9", [&](Application& a) { a.others = {two.ek(1)}; });
        return world.asks(two, "rack-10", [&](Application& a) {
            a.ek = two.ek(1);
            a.ak = world.attacker.ak();
        });
    },
    [] {
        World world;
        const SoftwareTpm two(2);
        return world.asks(two, "rack-9", [&](Application& a) { a.others = {two.ek(1)}; });
    })

ATTACK_RUN(
    "identity: known EK as a further one", "shows a known host's EK as the second EK of a new host",
    "admission.known_tpm", "refused: refused",
    [] {
        World world;
        return world.asks(world.attacker, "rack-8", [&](Application& a) { a.others = {world.host.ek()}; });
    },
    World::another_machine)

ATTACK_RUN(
    "identity: claims a stranger's EK",
    "shows the EK of a TPM that is not enrolled yet as its own second one", "refused", "refused: refused",
    [] {
        World world;
        const SoftwareTpm stranger;
        // Its own TPM cannot open what is made for the stranger's EK.
        return world.asks(world.attacker, "rack-8", [&](Application& a) { a.others = {stranger.ek()}; });
    },
    World::another_machine)

ATTACK_RUN(
    "identity: one EK shown twice", "shows its one EK as two", "admission.unsound_key", "refused: refused",
    [] {
        World world;
        return world.asks(world.attacker, "rack-8", [&](Application& a) { a.others = {a.ek}; });
    },
    World::another_machine)

ATTACK_RUN(
    "identity: another TPM's certificate", "shows the EK certificate of another TPM beside its own EK",
    "admission.unsound_key", "refused: refused",
    [] {
        World world;
        return world.asks(world.attacker, "rack-8", [&](Application& a) {
            a.certificates = {make_certificate({}, world.host.ek_key(), world.host.ek_key(), nullptr)};
        });
    },
    [] {
        World world;
        return world.asks(world.attacker, "rack-8", [&](Application& a) {
            a.certificates = {make_certificate({}, world.attacker.ek_key(), world.host.ek_key(), nullptr)};
        });
    })

ATTACK_RUN(
    "identity: certificate for a further EK of another", "shows another TPM's certificate for its second EK",
    "admission.unsound_key", "refused: refused",
    [] {
        World world;
        return world.asks(world.attacker, "rack-8", [&](Application& a) {
            a.others = {world.attacker.ek(1)};
            a.other_certificates = {make_certificate({}, world.host.ek_key(), world.host.ek_key(), nullptr)};
        });
    },
    [] {
        World world;
        return world.asks(world.attacker, "rack-8",
                          [&](Application& a) { a.others = {world.attacker.ek(1)}; });
    })

namespace {

/// Names in another form that a person reads as the known one.
Outcome asks_as(const std::string& name) {
    World world;
    Application application(world.attacker, name);
    application.token = token_for(world.service, "rack-8");
    return enrol(world.service, world.attacker, application);
}

}  // namespace

ATTACK_RUN(
    "identity: name in capitals", "asks to be RACK-7", "malformed", "refused: malformed",
    [] { return asks_as("RACK-7"); }, World::another_machine)
ATTACK_RUN(
    "identity: name with a look-alike", "asks to be rack-7 with a Cyrillic a", "malformed",
    "refused: malformed",
    [] {
        return asks_as(
            "r\xd0\xb0"
            "ck-7");
    },
    World::another_machine)
ATTACK_RUN(
    "identity: name with a newline", "asks to be rack-7 and a line break", "malformed", "refused: malformed",
    [] { return asks_as("rack-7\n"); }, World::another_machine)
