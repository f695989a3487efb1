// What an attacker may do with the credential that ties the attestation key to the EK.
#include "evidence/tpm/key/credential.h"
#include "tests/attacks/api_attack.h"

using namespace assay;
using namespace assay::test;

namespace {

using A = tcg::ObjectAttributes;

struct World {
    TestService service;
    SoftwareTpm tpm{2}, other;

    Outcome asks(const std::function<void(Application&)>& change, const Answer& answer) {
        Application application(tpm, "rack-7");
        application.token = token_for(service, "rack-7");
        change(application);
        return outcome_of(service, ask(service, application, answer));
    }
    static Outcome with(const std::function<void(Application&)>& change) {
        World world;
        return world.asks(change, answered_by(world.tpm));
    }
    static Outcome answering(const std::function<Answer(World&)>& answer) {
        World world;
        return world.asks([](Application&) {}, answer(world));
    }
    static Outcome honest() {
        return with([](Application&) {});
    }
};

Outcome ek_attribute_dropped(std::uint32_t attribute) {
    return World::with([&](Application& a) { a.ek.attributes = A(a.ek.attributes.bits() & ~attribute); });
}
Outcome ak_attribute_dropped(std::uint32_t attribute) {
    return World::with([&](Application& a) { a.ak.attributes = A(a.ak.attributes.bits() & ~attribute); });
}
Outcome ak_attribute_added(std::uint32_t attribute) {
    return World::with([&](Application& a) { a.ak.attributes = A(a.ak.attributes.bits() | attribute); });
}

/// The name algorithm of the encoded area by hand: no builder writes SHA-1.
Outcome sent_with(const char* field, const std::function<void(Bytes&)>& change) {
    World world;
    Application application(world.tpm, "rack-7");
    application.token = token_for(world.service, "rack-7");
    auto body = application.json();
    auto area = from_base64url(body.at(field).get<std::string>(), 4096).value();
    change(area);
    body[field] = to_base64url(area);
    return outcome_of(world.service, world.service.post("/v1/enrolments", body));
}

Answer nonsense(Bytes secret) {
    return [secret = std::move(secret)](const nlohmann::json&) { return secret; };
}

}  // namespace

// --- The template of the EK.

ATTACK_RUN(
    "credential: EK not restricted", "shows an EK that decrypts for anybody", "admission.unsound_key",
    "refused: refused", [] { return ek_attribute_dropped(A::kRestricted); }, World::honest)
ATTACK_RUN(
    "credential: EK not fixedTPM", "shows an EK that can be duplicated out of its TPM",
    "admission.unsound_key", "refused: refused", [] { return ek_attribute_dropped(A::kFixedTpm); },
    World::honest)
ATTACK_RUN(
    "credential: EK not fixedParent", "shows an EK that can be moved under another parent",
    "admission.unsound_key", "refused: refused", [] { return ek_attribute_dropped(A::kFixedParent); },
    World::honest)
ATTACK_RUN(
    "credential: imported EK", "shows an EK whose private part came from outside", "admission.unsound_key",
    "refused: refused", [] { return ek_attribute_dropped(A::kSensitiveDataOrigin); }, World::honest)
ATTACK_RUN(
    "credential: EK that signs", "shows an EK that is a signing key too", "admission.unsound_key",
    "refused: refused",
    [] {
        return World::with([](Application& a) { a.ek.attributes = A(a.ek.attributes.bits() | A::kSign); });
    },
    World::honest)
ATTACK_RUN(
    "credential: EK without AES", "shows an EK whose template has no symmetric algorithm",
    "admission.unsound_key", "refused: refused",
    [] { return World::with([](Application& a) { a.ek.symmetric = {}; }); }, World::honest)
ATTACK_RUN(
    "credential: EK with AES in another mode", "shows an EK with AES-CBC in place of AES-CFB",
    "admission.unsound_key", "refused: refused",
    [] { return World::with([](Application& a) { a.ek.symmetric.mode = 0x0042; }); }, World::honest)
ATTACK_RUN(
    "credential: EK with AES-64", "shows an EK with AES of 64 bits", "admission.unsound_key",
    "refused: refused", [] { return World::with([](Application& a) { a.ek.symmetric.key_bits = 64; }); },
    World::honest)
ATTACK_RUN(
    "credential: RSA-1024", "shows an RSA EK of 1024 bits", "admission.unsound_key", "refused: refused",
    [] { return World::with([](Application& a) { a.ek = ek_public(shared_key(Key::rsa1024)); }); },
    World::honest)
ATTACK_RUN(
    "credential: RSA exponent 3", "shows an RSA EK with exponent 3", "admission.unsound_key",
    "refused: refused",
    [] {
        return World::with([](Application& a) {
            a.ek = ek_public(shared_key(Key::rsa2048));
            std::get<tcg::RsaPublic>(a.ek.key).exponent = 3;
        });
    },
    World::honest)
ATTACK_RUN(
    "credential: SHA-1 name algorithm", "shows an EK whose name algorithm is SHA-1", "admission.unsound_key",
    "refused: refused",
    [] { return sent_with("ek_public", [](Bytes& area) { area.at(3) = std::byte{0x04}; }); }, World::honest)
ATTACK_RUN(
    "credential: EK point off its curve", "shows an ECC EK whose point is on another curve",
    "admission.unsound_key", "refused: refused",
    [] {
        return World::with(
            [](Application& a) { std::get<tcg::EccPublic>(a.ek.key).y.back() ^= std::byte{1}; });
    },
    World::honest)
ATTACK_RUN(
    "credential: weak further EK", "shows a sound EK and a second one that is not restricted",
    "admission.unsound_key", "refused: refused",
    [] {
        World world;
        return world.asks(
            [&](Application& a) {
                a.others = {world.tpm.ek(1)};
                a.others.front().attributes = A(a.others.front().attributes.bits() & ~A::kRestricted);
            },
            answered_by(world.tpm));
    },
    [] {
        World world;
        return world.asks([&](Application& a) { a.others = {world.tpm.ek(1)}; }, answered_by(world.tpm));
    })

// --- The attestation key, at enrolment.

ATTACK_RUN(
    "AK at enrolment: not restricted", "shows an AK that signs whatever it is given", "admission.unsound_key",
    "refused: refused", [] { return ak_attribute_dropped(A::kRestricted); }, World::honest)
ATTACK_RUN(
    "AK at enrolment: not fixedTPM", "shows an AK that can be duplicated to software",
    "admission.unsound_key", "refused: refused", [] { return ak_attribute_dropped(A::kFixedTpm); },
    World::honest)
ATTACK_RUN(
    "AK at enrolment: not fixedParent", "shows an AK that can be moved under another parent",
    "admission.unsound_key", "refused: refused", [] { return ak_attribute_dropped(A::kFixedParent); },
    World::honest)
ATTACK_RUN(
    "AK at enrolment: imported", "shows an AK whose private part came from outside", "admission.unsound_key",
    "refused: refused", [] { return ak_attribute_dropped(A::kSensitiveDataOrigin); }, World::honest)
ATTACK_RUN(
    "AK at enrolment: no signing key", "shows a key that does not sign", "admission.unsound_key",
    "refused: refused", [] { return ak_attribute_dropped(A::kSign); }, World::honest)
ATTACK_RUN(
    "AK at enrolment: decrypts too", "shows an AK that is a decryption key too", "admission.unsound_key",
    "refused: refused", [] { return ak_attribute_added(A::kDecrypt); }, World::honest)
ATTACK_RUN(
    "AK at enrolment: RSA-1024", "shows an AK of 1024 bits", "admission.unsound_key", "refused: refused",
    [] { return World::with([](Application& a) { a.ak = ak_public(shared_key(Key::rsa1024)); }); },
    World::honest)
ATTACK_RUN(
    "AK at enrolment: signs with SHA-1", "shows an AK whose scheme hashes with SHA-1",
    "admission.unsound_key", "refused: refused",
    [] { return World::with([](Application& a) { a.ak.scheme.hash = HashAlgorithm::sha1; }); }, World::honest)
ATTACK_RUN(
    "AK at enrolment: no scheme", "shows an AK that leaves its scheme open", "admission.unsound_key",
    "refused: refused", [] { return World::with([](Application& a) { a.ak.scheme = {}; }); }, World::honest)
ATTACK_RUN(
    "AK at enrolment: SHA-1 name algorithm", "shows an AK whose name algorithm is SHA-1",
    "admission.unsound_key", "refused: refused",
    [] { return sent_with("ak_public", [](Bytes& area) { area.at(3) = std::byte{0x04}; }); }, World::honest)
ATTACK_RUN(
    "AK at enrolment: a byte behind it", "appends a byte to the AK's public area", "malformed",
    "refused: malformed",
    [] { return sent_with("ak_public", [](Bytes& area) { area.push_back(std::byte{0}); }); }, World::honest)
ATTACK_RUN(
    "AK at enrolment: software key behind an honest EK",
    "shows a key of its own with the attributes of an AK, and the EK of a real TPM", "refused",
    "refused: refused",
    [] {
        World world;
        // The TPM opens credentials only for objects that it holds, by the Name that it computes itself.
        return world.asks([&](Application& a) { a.ak = ak_public(shared_key(Key::p256)); },
                          answered_by(world.tpm));
    },
    World::honest)
ATTACK_RUN(
    "AK at enrolment: activated AK 1, registered AK 2",
    "opens the credential for one AK and sends the secret for another", "refused", "refused: refused",
    [] {
        World world;
        const auto first = world.service.post("/v1/enrolments", [&] {
            Application application(world.tpm, "rack-7");
            application.token = token_for(world.service, "rack-7");
            return application.json();
        }());
        const auto secret = answered_by(world.tpm)(json_of(first));
        return world.asks([&](Application& a) { a.ak = ak_public(shared_key(Key::p256)); }, nonsense(secret));
    },
    World::honest)

// --- The secret.

ATTACK_RUN(
    "credential: short secret", "answers with the first half of the secret", "refused", "refused: refused",
    [] {
        return World::answering([](World& world) -> Answer {
            return [&](const nlohmann::json& credential) {
                auto secret = answered_by(world.tpm)(credential);
                secret.resize(16);
                return secret;
            };
        });
    },
    World::honest)
ATTACK_RUN(
    "credential: long secret", "answers with the secret and a byte more", "refused", "refused: refused",
    [] {
        return World::answering([](World& world) -> Answer {
            return [&](const nlohmann::json& credential) {
                auto secret = answered_by(world.tpm)(credential);
                secret.push_back(std::byte{0});
                return secret;
            };
        });
    },
    World::honest)
ATTACK_RUN(
    "credential: empty secret", "answers with nothing", "malformed", "refused: malformed",
    [] { return World::answering([](World&) { return nonsense({}); }); }, World::honest)
ATTACK_RUN(
    "credential: another TPM opens it", "has another TPM open the credential", "refused", "refused: refused",
    [] { return World::answering([](World& world) { return answered_by(world.other); }); }, World::honest)
ATTACK_RUN(
    "credential: opens only the first", "has a TPM with one of two EKs open its own credential", "refused",
    "refused: refused",
    [] {
        World world;
        return world.asks([&](Application& a) { a.others = {world.other.ek()}; }, answered_by(world.tpm));
    },
    [] {
        World world;
        return world.asks([&](Application& a) { a.others = {world.tpm.ek(1)}; }, answered_by(world.tpm));
    })
ATTACK_RUN(
    "credential: leaves the further secret out", "answers the first credential of two alone", "refused",
    "refused: refused",
    [] {
        World world;
        return world.asks([&](Application& a) { a.others = {world.tpm.ek(1)}; },
                          [&](const nlohmann::json& credential) {
                              auto all = answered_by(world.tpm)(credential);
                              all.resize(32);
                              return all;
                          });
    },
    [] {
        World world;
        return world.asks([&](Application& a) { a.others = {world.tpm.ek(1)}; }, answered_by(world.tpm));
    })

namespace {

/// Asks twice and gives the second request the first one's secret.
Outcome same_secret_twice(bool wrong_first) {
    World world;
    Application application(world.tpm, "rack-7");
    application.token = token_for(world.service, "rack-7");
    const auto first = json_of(world.service.post("/v1/enrolments", application.json()));
    const auto secret = answered_by(world.tpm)(first);
    if (wrong_first) {
        const auto path = "/v1/enrolments/" + first.at("enrolment").get<std::string>() + "/activation";
        world.service.post(path, {{"secret", to_base64url(Bytes(32, std::byte{1}))}});
        return outcome_of(world.service, world.service.post(path, {{"secret", to_base64url(secret)}}));
    }
    return outcome_of(world.service, ask(world.service, application, nonsense(secret)));
}

}  // namespace

ATTACK_RUN(
    "credential: the same secret twice", "answers a second credential with the secret of the first",
    "refused", "refused: refused", [] { return same_secret_twice(false); }, World::honest)
ATTACK_RUN(
    "credential: guesses first", "guesses wrong once, then gives the right secret", "not_found",
    "refused: not_found", [] { return same_secret_twice(true); }, World::honest)
ATTACK_RUN(
    "credential: too late", "answers the credential after five minutes", "not_found", "refused: not_found",
    [] {
        return World::answering([](World& world) -> Answer {
            return [&](const nlohmann::json& credential) {
                world.service.now += 300;
                return answered_by(world.tpm)(credential);
            };
        });
    },
    [] {
        return World::answering([](World& world) -> Answer {
            return [&](const nlohmann::json& credential) {
                world.service.now += 299;
                return answered_by(world.tpm)(credential);
            };
        });
    })
ATTACK_RUN(
    "credential: changed on its way", "flips one bit of the credential's integrity value", "refused",
    "refused: refused",
    [] {
        return World::answering([](World& world) -> Answer {
            return [&](const nlohmann::json& credential) {
                auto changed = part(credential, "id_object");
                changed.at(5) ^= std::byte{1};
                const auto opened = world.tpm.activate(changed, part(credential, "encrypted_secret"));
                return opened.value_or(Bytes(32, std::byte{1}));
            };
        });
    },
    World::honest)

// --- Access: what stands on an operator's route, and whose evidence is whose.

namespace {

Outcome as_viewer(const char* path, const nlohmann::json& body) {
    World world;
    return outcome_of(world.service, world.service.post(path, body, TestService::viewer()));
}
Outcome as_agent(const std::string& path) {
    World world;
    return outcome_of(world.service, world.service.get(path, {}));
}
Outcome token_made() {
    World world;
    return outcome_of(world.service,
                      world.service.post("/v1/tokens", {{"host", "rack-7"}}, TestService::an_operator()));
}
Outcome listed() {
    World world;
    return outcome_of(world.service, world.service.get("/v1/refusals"));
}

}  // namespace

ATTACK_RUN(
    "access: a viewer makes a token", "asks for a token with a viewer's certificate", "refused",
    "refused: refused", [] { return as_viewer("/v1/tokens", {{"host", "rack-7"}}); }, token_made)
ATTACK_RUN(
    "access: a viewer orders an exchange", "orders a TPM's exchange with a viewer's certificate", "refused",
    "refused: refused", [] { return as_viewer("/v1/hosts/rack-7/replacement", {{"reason", "x"}}); },
    token_made)
ATTACK_RUN(
    "access: a viewer releases a TPM", "releases an exchanged TPM with a viewer's certificate", "refused",
    "refused: refused", [] { return as_viewer("/v1/replacements/1/release", {{"reason", "x"}}); }, token_made)
ATTACK_RUN(
    "access: an agent reads the purchase list", "reads the purchase list without a certificate", "refused",
    "refused: refused", [] { return as_agent("/v1/registrations"); }, listed)
ATTACK_RUN(
    "access: an agent reads the refusals", "reads without a certificate who was refused", "refused",
    "refused: refused", [] { return as_agent("/v1/refusals"); }, listed)
ATTACK_RUN(
    "access: an agent reads the exchanges", "reads without a certificate which TPMs were exchanged",
    "refused", "refused: refused", [] { return as_agent("/v1/replacements"); }, listed)
ATTACK_RUN(
    "access: a viewer registers a list", "registers its own TPM with a viewer's certificate", "refused",
    "refused: refused",
    [] {
        World world;
        return outcome_of(world.service,
                          world.service.call(api::Verb::post, "/v1/registrations",
                                             "host,tpm_digest\nrack-8," + digest_of_ek(world.tpm) + "\n",
                                             TestService::viewer(), "text/csv"));
    },
    [] {
        World world;
        return outcome_of(world.service, buy(world.service, {"rack-8," + digest_of_ek(world.tpm) + ","}));
    })
