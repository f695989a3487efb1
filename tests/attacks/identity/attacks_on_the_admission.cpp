// By what right a host comes in: tokens, the purchase list, the exchange of a TPM.
#include "tests/attacks/identity/enrolled_world.h"

using namespace assay;
using namespace assay::test;

namespace {

using World = EnrolledWorld;

}  // namespace

// --- Tokens.

ATTACK_RUN(
    "token: none", "asks for a free name without a token and is on no list", "admission.no_right",
    "refused: refused",
    [] {
        World world;
        return world.asks(world.attacker, "rack-8", [](Application& a) { a.token.clear(); });
    },
    World::another_machine)
ATTACK_RUN(
    "token: invented", "makes a token up", "admission.no_right", "refused: refused",
    [] {
        World world;
        return world.asks(world.attacker, "rack-8", [](Application& a) { a.token = "invented"; });
    },
    World::another_machine)
ATTACK_RUN(
    "token: of another host", "uses the token that was made for rack-9", "admission.no_right",
    "refused: refused",
    [] {
        World world;
        return world.asks(world.attacker, "rack-8",
                          [&](Application& a) { a.token = token_for(world.service, "rack-9"); });
    },
    World::another_machine)
ATTACK_RUN(
    "token: twice", "uses a token that has let another machine in", "admission.no_right", "refused: refused",
    [] {
        World world;
        const auto token = token_for(world.service, "rack-8");
        world.asks(world.attacker, "rack-8", [&](Application& a) { a.token = token; });
        const SoftwareTpm second;
        return world.asks(second, "rack-8", [&](Application& a) { a.token = token; });
    },
    World::another_machine)
ATTACK_RUN(
    "token: expired", "uses a token the second after it has expired", "admission.no_right",
    "refused: refused",
    [] {
        World world;
        const auto token = token_for(world.service, "rack-8");
        world.service.now += 24 * 3600;
        return world.asks(world.attacker, "rack-8", [&](Application& a) { a.token = token; });
    },
    [] {
        World world;
        const auto token = token_for(world.service, "rack-8");
        world.service.now += 24 * 3600 - 1;
        return world.asks(world.attacker, "rack-8", [&](Application& a) { a.token = token; });
    })

// --- The purchase list.

namespace {

struct Bought : World {
    SoftwareTpm ordered{2};
    explicit Bought(std::size_t ek = 0) {
        require(buy(service, {"rack-8," + digest_of_ek(ordered, ek) + ",CZ1"}).status == 200, "bought");
    }
    Outcome asks_without_token(
        const SoftwareTpm& tpm, const std::string& name,
        const std::function<void(Application&)>& change = [](Application&) {}) {
        return asks(tpm, name, [&](Application& a) {
            a.token.clear();
            change(a);
        });
    }
    static Outcome honest() {
        Bought world;
        return world.asks_without_token(world.ordered, "rack-8");
    }
};

}  // namespace

ATTACK_RUN(
    "purchase: another TPM, no token", "asks for a bought host's name with another TPM",
    "admission.unregistered_tpm", "refused: refused",
    [] {
        Bought world;
        return world.asks_without_token(world.attacker, "rack-8");
    },
    Bought::honest)
ATTACK_RUN(
    "purchase: another TPM, with a token", "asks for a bought host's name with another TPM and a valid token",
    "admission.unregistered_tpm", "refused: refused",
    [] {
        Bought world;
        return world.asks(world.attacker, "rack-8");
    },
    Bought::honest)
ATTACK_RUN(
    "purchase: the TPM under another name", "enrols a bought TPM under another name with a valid token",
    "admission.known_tpm", "refused: refused",
    [] {
        Bought world;
        return world.asks(world.ordered, "rack-9");
    },
    Bought::honest)
ATTACK_RUN(
    "purchase: shows the bought EK only as a further one",
    "shows the bought EK beside its own, without the TPM that has it", "refused", "refused: refused",
    [] {
        Bought world;
        return world.asks_without_token(world.attacker, "rack-8",
                                        [&](Application& a) { a.others = {world.ordered.ek()}; });
    },
    [] {
        Bought world(1);  // bought by its second EK, which its own TPM can show
        return world.asks_without_token(world.ordered, "rack-8",
                                        [&](Application& a) { a.others = {world.ordered.ek(1)}; });
    })
ATTACK_RUN(
    "purchase: public EK, no TPM", "sends the bought EK's public part, which is no secret, and guesses",
    "refused", "refused: refused",
    [] {
        Bought world;
        Application application(world.ordered, "rack-8");
        return outcome_of(world.service, ask(world.service, application,
                                             [](const nlohmann::json&) { return Bytes(32, std::byte{7}); }));
    },
    Bought::honest)
ATTACK_RUN(
    "purchase: list moved to another TPM", "registers an enrolled host for the attacker's TPM", "refused",
    "refused: conflict",
    [] {
        World world;
        const auto answer = json_of(buy(world.service, {"rack-7," + digest_of_ek(world.attacker) + ",CZ1"}));
        Outcome out{answer.at("kept"), "refused: conflict", {answer.at("hosts")[0].at("outcome")}};
        return out;
    },
    [] {
        World world;
        const auto answer = json_of(buy(world.service, {"rack-7," + digest_of_ek(world.host) + ",CZ1"}));
        return Outcome{answer.at("kept"), "kept", {}};
    })
ATTACK_RUN(
    "purchase: one TPM on two lines", "registers one TPM for a second host in a later list", "refused",
    "refused: conflict",
    [] {
        Bought world;
        const auto answer = json_of(buy(world.service, {"rack-9," + digest_of_ek(world.ordered) + ",CZ2"}));
        return Outcome{answer.at("kept"), "refused: conflict", {answer.at("hosts")[0].at("outcome")}};
    },
    [] {
        Bought world;
        const auto answer = json_of(buy(world.service, {"rack-9," + digest_of_ek(world.attacker) + ",CZ2"}));
        return Outcome{answer.at("kept"), "kept", {}};
    })

// --- The exchange of a TPM.

namespace {

struct Exchanged : World {
    SoftwareTpm fresh{2};
    std::string replacement;
    Exchanged() {
        replacement = json_of(order_exchange(service, "rack-7", digest_of_ek(fresh))).at("id");
        require(asks(fresh, "rack-7", [](Application& a) { a.token.clear(); }).passes, "exchanged");
    }
    static Outcome honest() {
        World world;
        const SoftwareTpm fresh;
        require(order_exchange(world.service, "rack-7", digest_of_ek(fresh)).status == 201, "ordered");
        return world.asks(fresh, "rack-7", [](Application& a) { a.token.clear(); });
    }
};

}  // namespace

ATTACK_RUN(
    "exchange: another TPM than ordered", "uses the order of an exchange with a TPM of its own",
    "admission.unregistered_tpm", "refused: refused",
    [] {
        World world;
        const SoftwareTpm fresh;
        order_exchange(world.service, "rack-7", digest_of_ek(fresh));
        return world.asks(world.attacker, "rack-7");
    },
    Exchanged::honest)
ATTACK_RUN(
    "exchange: without the order's token", "uses the order of an exchange that asks for a token, without one",
    "admission.no_right", "refused: refused",
    [] {
        World world;
        order_exchange(world.service, "rack-7");
        return world.asks(world.attacker, "rack-7", [](Application& a) { a.token.clear(); });
    },
    [] {
        World world;
        const SoftwareTpm fresh;
        const auto token = json_of(order_exchange(world.service, "rack-7")).at("token").get<std::string>();
        return world.asks(fresh, "rack-7", [&](Application& a) { a.token = token; });
    })
ATTACK_RUN(
    "exchange: after its time", "uses the order of an exchange after it has expired", "admission.second_tpm",
    "refused: refused",
    [] {
        World world;
        order_exchange(world.service, "rack-7", digest_of_ek(world.attacker));
        world.service.now += 24 * 3600;
        return world.asks(world.attacker, "rack-7");
    },
    Exchanged::honest)
ATTACK_RUN(
    "exchange: twice", "uses the order of an exchange a second time", "admission.second_tpm",
    "refused: refused",
    [] {
        Exchanged world;
        return world.asks(world.attacker, "rack-7");
    },
    Exchanged::honest)
ATTACK_RUN(
    "exchange: the old TPM comes back", "puts the exchanged mainboard to use under a new name",
    "admission.retired_tpm", "refused: refused",
    [] {
        Exchanged world;
        return world.asks(world.host, "rack-9");
    },
    [] {
        Exchanged world;
        world.service.post("/v1/replacements/" + world.replacement + "/release", {{"reason", "repaired"}},
                           TestService::an_operator());
        return world.asks(world.host, "rack-9");
    })
ATTACK_RUN(
    "exchange: the old TPM under its old name", "puts the exchanged mainboard back unasked",
    "admission.retired_tpm", "refused: refused",
    [] {
        Exchanged world;
        return world.asks(world.host, "rack-7",
                          [&](Application& a) { a.token = token_for(world.service, "rack-7"); });
    },
    Exchanged::honest)
ATTACK_RUN(
    "exchange: with another host's TPM", "orders an exchange to pull a known host under a second name",
    "admission.known_tpm", "refused: refused",
    [] {
        World world;
        world.asks(world.attacker, "rack-8");
        order_exchange(world.service, "rack-7", digest_of_ek(world.attacker));
        return world.asks(world.attacker, "rack-7");
    },
    Exchanged::honest)
