#include <spdlog/spdlog.h>

#include "evidence/tpm/key/credential.h"
#include "tests/attacks/attack.h"
#include "tests/unit/verifier/service/api/test_service.h"

// What is refused before an appraisal: nonces, inputs, access, and a credential for an endorsement key of the
// attacker's choice. The service stands on a real store; its appraisal accepts everything, so that what does
// not get through was refused by the service.
using namespace assay;
using namespace assay::test;

namespace {

TestService::Sections sections() {
    return {{"pci", to_bytes("pci bytes")}};
}

Outcome outcome_of(const api::Response& response) {
    if (response.status < 300) return {true, "accepted", {}};
    const auto body = nlohmann::json::parse(response.body, nullptr, false);
    const auto code = body.value("code", std::string("unknown"));
    return {false, "refused: " + code, {code}};
}

/// A host, its challenge, and evidence for it that the service accepts.
struct Asked {
    TestService service;
    Bytes nonce;
    Asked() {
        spdlog::set_level(spdlog::level::off);
        service.enrol("web-1");
        service.enrol("web-2");
        nonce = service.challenge("web-1");
    }
    Outcome submit(const Bytes& with, const std::string& host = "web-1") {
        return outcome_of(service.submit(host, TestService::evidence(host, with, sections())));
    }
    Outcome submit_bytes(std::string body) {
        return outcome_of(
            service.call(api::Verb::post, "/v1/hosts/web-1/evidence", body, {}, "application/cbor"));
    }
};
Outcome honest_submission() {
    Asked asked;
    return asked.submit(asked.nonce);
}

Outcome post(const std::string& target, const std::string& body, const api::Caller& caller) {
    Asked asked;
    return outcome_of(asked.service.call(api::Verb::post, target, body, caller));
}
const std::string kToken = R"({"host":"web-9","lifetime_s":60})";
Outcome honest_token() {
    return post("/v1/tokens", kToken, TestService::an_operator());
}
Outcome get(const std::string& target, const api::Caller& caller) {
    Asked asked;
    asked.submit(asked.nonce);
    return outcome_of(asked.service.get(target, caller));
}
Outcome honest_reading() {
    return get("/v1/hosts/web-1/result", TestService::viewer());
}

Outcome credential_for(void (*change)(tcg::TpmPublic&), std::size_t secret = 32) {
    auto ek = ek_public(shared_key(Key::rsa2048));
    change(ek);
    const auto name = tcg::compute_name(encode_tpm_public(ak_public(shared_key(Key::p256)))).value();
    const auto made = tcg::make_credential(ek, name, Bytes(secret, std::byte{1}));
    return made ? Outcome{true, "accepted", {}} : refused(made.error());
}
Outcome honest_credential() {
    return credential_for([](tcg::TpmPublic&) {});
}

}  // namespace

ATTACK_RUN(
    "nonce: twice in one session", "sends the same evidence twice", "refused", "refused: refused",
    [] {
        Asked asked;
        asked.submit(asked.nonce);
        return asked.submit(asked.nonce);
    },
    honest_submission)
ATTACK_RUN(
    "nonce: twice, with other evidence", "answers one challenge with two evidences", "refused",
    "refused: refused",
    [] {
        Asked asked;
        asked.submit(asked.nonce);
        auto other = sections();
        other["smbios"] = to_bytes("smbios bytes");
        return outcome_of(asked.service.submit("web-1", TestService::evidence("web-1", asked.nonce, other)));
    },
    honest_submission)
ATTACK_RUN(
    "nonce: of no verifier", "makes a nonce of its own", "refused", "refused: refused",
    [] {
        Asked asked;
        return asked.submit(Bytes(kNonceSize, std::byte{0x42}));
    },
    honest_submission)
ATTACK_RUN(
    "nonce: its time set forward", "gives an old nonce a new date", "refused", "refused: refused",
    [] {
        Asked asked;
        asked.service.now += 3600;
        auto later = asked.nonce;
        later.at(2) ^= std::byte{0x0e};
        return asked.submit(later);
    },
    honest_submission)
ATTACK_RUN(
    "nonce: late by a second", "answers when the challenge has just expired", "refused", "refused: refused",
    [] {
        Asked asked;
        asked.service.now += 120;
        return asked.submit(asked.nonce);
    },
    [] {
        Asked asked;
        asked.service.now += 119;
        return asked.submit(asked.nonce);
    })
ATTACK_RUN(
    "nonce: from the future", "answers a challenge that a clock ahead will issue", "refused",
    "refused: refused",
    [] {
        Asked asked;
        asked.service.now -= 3600;
        return asked.submit(asked.nonce);
    },
    honest_submission)

ATTACK_RUN(
    "input: CBOR nested 100,000 deep", "sends lists in lists", "limit", "refused: limit",
    [] { return Asked().submit_bytes(std::string(100'000, '\x81')); }, honest_submission)
ATTACK_RUN(
    "input: CBOR of indefinite length", "sends a map without an end", "refused", "refused: refused",
    [] { return Asked().submit_bytes("\xbf\xff"); }, honest_submission)
ATTACK_RUN(
    "input: CBOR that claims 2^63 bytes", "claims a string of 8 exabytes", "refused", "refused: refused",
    [] { return Asked().submit_bytes(std::string("\xa5\x65nonce\x5b\x7f\xff\xff\xff\xff\xff\xff\xff", 16)); },
    honest_submission)
ATTACK_RUN(
    "input: a compression bomb", "sends a gzip stream in place of CBOR: nothing inflates it", "limit",
    "refused: limit",
    [] {
        // A member's header, then 64 KB of deflate's longest runs.
        std::string bomb("\x1f\x8b\x08\0\0\0\0\0\0\x03\xed\xc1", 12);
        bomb.append(64U << 10U, '\0');
        return Asked().submit_bytes(bomb);
    },
    honest_submission)
ATTACK_RUN(
    "input: a key twice", "names the nonce twice", "refused", "refused: refused",
    [] {
        Asked asked;
        const auto bytes = encode_proof(
            asked.service.proof("web-1", TestService::evidence("web-1", asked.nonce, sections())));
        const std::string whole(as_text(bytes));
        // One entry more in the map, and the first key once more at its end.
        auto twice = whole;
        twice.at(0) = static_cast<char>(twice.at(0) + 1);
        const auto length = static_cast<unsigned char>(twice.at(1)) & 0x1fU;
        twice += whole.substr(1, 1 + length) + std::string("\x40", 1);
        return asked.submit_bytes(twice);
    },
    honest_submission)
ATTACK_RUN(
    "input: a byte behind the evidence", "sends a byte behind the evidence", "refused", "refused: refused",
    [] {
        Asked asked;
        const auto bytes = encode_proof(
            asked.service.proof("web-1", TestService::evidence("web-1", asked.nonce, sections())));
        return asked.submit_bytes(std::string(as_text(bytes)) + '\0');
    },
    honest_submission)
ATTACK_RUN(
    "input: JSON nested 100,000 deep", "sends lists in lists", "limit", "refused: limit",
    [] { return post("/v1/tokens", std::string(100'000, '['), TestService::an_operator()); }, honest_token)
ATTACK_RUN(
    "input: a JSON name twice", "names the host twice", "malformed", "refused: malformed",
    [] {
        return post("/v1/tokens", R"({"host":"web-9","host":"web-8","lifetime_s":60})",
                    TestService::an_operator());
    },
    honest_token)
ATTACK_RUN(
    "input: a number that no type holds", "sends 1e400", "malformed", "refused: malformed",
    [] { return post("/v1/tokens", R"({"host":"web-9","lifetime_s":1e400})", TestService::an_operator()); },
    honest_token)

ATTACK_RUN(
    "access: no certificate on an operator's route", "asks for a token without a certificate", "refused",
    "refused: refused", [] { return post("/v1/tokens", kToken, {}); }, honest_token)
ATTACK_RUN(
    "access: a certificate of nobody", "shows a certificate that no operator has", "refused",
    "refused: refused", [] { return post("/v1/tokens", kToken, {api::Role::anyone, true, "mallory"}); },
    honest_token)
ATTACK_RUN(
    "access: a viewer who writes", "asks for a token as a viewer", "refused", "refused: refused",
    [] { return post("/v1/tokens", kToken, TestService::viewer()); }, honest_token)
ATTACK_RUN(
    "access: an agent reads results", "reads a host's result as an agent", "refused", "refused: refused",
    [] { return get("/v1/hosts/web-1/result", {api::Role::agent, false, ""}); }, honest_reading)
ATTACK_RUN(
    "access: an agent reads another host's bundle", "reads a neighbour's evidence", "refused",
    "refused: refused", [] { return get("/v1/hosts/web-1/bundle", {api::Role::agent, false, ""}); },
    honest_reading)
ATTACK_RUN(
    "access: a role in another spelling of the path", "doubles a slash to reach an operator's route",
    "not_found", "refused: not_found", [] { return post("//v1/tokens", kToken, {}); }, honest_token)

ATTACK_RUN(
    "credential: an EK without a symmetric algorithm", "chooses an EK that leaves the secret bare", "refused",
    "refused: refused", [] { return credential_for([](tcg::TpmPublic& ek) { ek.symmetric = {}; }); },
    honest_credential)
ATTACK_RUN(
    "credential: an EK with AES in another mode", "chooses AES-CBC", "refused", "refused: refused",
    [] { return credential_for([](tcg::TpmPublic& ek) { ek.symmetric.mode = 0x0042; }); }, honest_credential)
ATTACK_RUN(
    "credential: an EK of 1024 bits", "chooses a small EK", "refused", "refused: refused",
    [] { return credential_for([](tcg::TpmPublic& ek) { ek = ek_public(shared_key(Key::rsa1024)); }); },
    honest_credential)
ATTACK_RUN(
    "credential: SHA-1 names the EK", "chooses SHA-1 as the name algorithm", "refused", "refused: refused",
    [] { return credential_for([](tcg::TpmPublic& ek) { ek.name_algorithm = HashAlgorithm::sha1; }); },
    honest_credential)
ATTACK_RUN(
    "credential: an EK that is not restricted", "chooses an EK that decrypts for anybody", "refused",
    "refused: refused",
    [] {
        return credential_for([](tcg::TpmPublic& ek) {
            ek.attributes = tcg::ObjectAttributes(ek.attributes.bits() & ~tcg::ObjectAttributes::kRestricted);
        });
    },
    honest_credential)
ATTACK_RUN(
    "credential: an EK that is not in a TPM", "chooses an EK that can be duplicated", "refused",
    "refused: refused",
    [] {
        return credential_for([](tcg::TpmPublic& ek) {
            ek.attributes = tcg::ObjectAttributes(ek.attributes.bits() & ~tcg::ObjectAttributes::kFixedTpm);
        });
    },
    honest_credential)
ATTACK_RUN(
    "credential: an EK that signs", "offers an attestation key as EK", "refused", "refused: refused",
    [] { return credential_for([](tcg::TpmPublic& ek) { ek = ak_public(shared_key(Key::rsa2048)); }); },
    honest_credential)
ATTACK_RUN(
    "credential: a short secret", "has a secret made that can be guessed", "usage", "refused: usage",
    [] { return credential_for([](tcg::TpmPublic&) {}, 8); }, honest_credential)
