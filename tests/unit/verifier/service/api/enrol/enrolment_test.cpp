#include <catch2/catch.hpp>

#include "evidence/tpm/key/key_digest.h"
#include "tests/support/tpm/tpm_builder.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/api/enrol/identity.h"
#include "verifier/service/store/hosts/admission.h"

using namespace assay;
using namespace assay::api;
using namespace assay::test;

namespace {

tcg::TpmPublic sound_ek() {
    return ek_public(shared_key(Key::p256));
}

std::string token_of(TestService& service, const std::string& host) {
    const auto response = service.post("/v1/tokens", {{"host", host}}, TestService::an_operator());
    REQUIRE(response.status == 201);
    return json_of(response).at("token");
}

nlohmann::json application(const std::string& token, const std::string& host, const tcg::TpmPublic& ek,
                           const tcg::TpmPublic& ak) {
    return {{"token", token},
            {"host", host},
            {"ek_public", to_base64url(encode_tpm_public(ek))},
            {"ek_certificates", nlohmann::json::array()},
            {"ak_public", to_base64url(encode_tpm_public(ak))}};
}

/// What the operator reads of the newest refusal: its id and the reason.
std::string reason_of(TestService& service) {
    const auto rows = json_of(service.get("/v1/refusals"));
    REQUIRE_FALSE(rows.empty());
    return rows[0].at("id").get<std::string>() + ": " + rows[0].at("actual").get<std::string>();
}

}  // namespace

TEST_CASE("a token and sound keys get a credential") {
    TestService service;
    const auto token = token_of(service, "web-1");
    const auto response = service.post(
        "/v1/enrolments", application(token, "web-1", sound_ek(), ak_public(fresh_key(Key::p256).get())));
    INFO(response.body);
    REQUIRE(response.status == 201);
    const auto answer = json_of(response);
    REQUIRE(answer.at("id_object").get<std::string>().size() > 40);
    REQUIRE(answer.at("encrypted_secret").get<std::string>().size() > 40);
    // The token is not spent before the TPM has answered.
    REQUIRE(store::Enrolments(service.store()).token(sha256(as_view(token)).hex())->spent_at == 0);
    REQUIRE(store::Hosts(service.store()).find("web-1").error().code == ErrorCode::not_found);
}

TEST_CASE("only a token for this host, not spent and not expired, opens an enrolment") {
    TestService service;
    const auto ak = ak_public(fresh_key(Key::p256).get());
    const auto refused = [&](const std::string& token, const std::string& host) {
        const auto response = service.post("/v1/enrolments", application(token, host, sound_ek(), ak));
        return response.status == 403 && reason_of(service).starts_with("admission.no_right: token:");
    };
    const auto token = token_of(service, "web-1");
    REQUIRE(refused("invented", "web-1"));
    REQUIRE(refused(token, "web-2"));
    service.now += 24 * 3600;
    REQUIRE(refused(token, "web-1"));
    const auto response =
        service.post("/v1/tokens", {{"host", "web-1"}, {"lifetime_s", 59}}, TestService::an_operator());
    REQUIRE(response.status == 400);
}

TEST_CASE("an AK that could sign what its TPM did not make is refused with every reason") {
    TestService service;
    using A = tcg::ObjectAttributes;
    auto ak = ak_public(fresh_key(Key::p256).get());
    ak.attributes = A(A::kUserWithAuth | A::kSign);
    const auto response =
        service.post("/v1/enrolments", application(token_of(service, "web-1"), "web-1", sound_ek(), ak));
    REQUIRE(response.status == 403);
    for (const auto* reason : {"restricted", "fixedTPM", "fixedParent", "sensitiveDataOrigin"}) {
        INFO(reason << " in " << reason_of(service));
        REQUIRE(reason_of(service).find(reason) != std::string::npos);
        REQUIRE(response.body.find(reason) == std::string::npos);
    }
}

TEST_CASE("an EK of a template that the attacker chose gets no secret") {
    TestService service;
    const auto ak = ak_public(fresh_key(Key::p256).get());
    const auto status = [&](const tcg::TpmPublic& ek) {
        return service.post("/v1/enrolments", application(token_of(service, "web-1"), "web-1", ek, ak))
            .status;
    };
    auto weak = sound_ek();
    weak.symmetric = {};
    REQUIRE(status(weak) == 403);
    weak = sound_ek();
    weak.attributes = tcg::ObjectAttributes(tcg::ObjectAttributes::kDecrypt);
    REQUIRE(status(weak) == 403);
    REQUIRE(status(sound_ek()) == 201);
}

TEST_CASE("a known EK or AK under another name is refused before any secret is made") {
    TestService service;
    const auto ak_key = fresh_key(Key::p256);
    const auto ek = sound_ek();
    const auto ak = ak_public(ak_key.get());
    const store::Identity known{"web-1", key_digest(ek), key_digest(ak), to_bytes("e"), to_bytes("a"), {}};
    REQUIRE(store::Enrolments(service.store()).add_token({"d", "web-1", "otto", 0, kStart + 60, 0}));
    const store::Enrolment enrolment{"e", "d", known, "s", kStart + 300, 0};
    REQUIRE(store::Enrolments(service.store()).add(enrolment, kStart));
    REQUIRE(store::Enrolments(service.store()).activate(enrolment, kStart));

    const auto try_as = [&](const std::string& host, const tcg::TpmPublic& with_ak) {
        return service.post("/v1/enrolments", application(token_of(service, host), host, ek, with_ak)).status;
    };
    REQUIRE(try_as("web-2", ak_public(fresh_key(Key::p256).get())) == 403);  // the EK
    REQUIRE(reason_of(service).starts_with("admission.known_tpm"));
    ++service.now;
    REQUIRE(try_as("web-1", ak_public(fresh_key(Key::p256).get())) == 403);  // another AK under the same name
    REQUIRE(reason_of(service).starts_with("admission.second_key"));
    REQUIRE(try_as("web-1", ak) == 201);  // the same again
}

TEST_CASE("one key in two encodings has one digest") {
    auto key = sound_ek();
    auto other = key;
    other.attributes = tcg::ObjectAttributes(0);
    REQUIRE(key_digest(key) == key_digest(other));
    auto& ecc = std::get<tcg::EccPublic>(key.key);
    ecc.x.insert(ecc.x.begin(), std::byte{0});
    ecc.x.erase(ecc.x.begin());
    REQUIRE(key_digest(key) == key_digest(other));
    ecc.x.back() ^= std::byte{1};
    REQUIRE(key_digest(key) != key_digest(other));
}

namespace {

struct Pending {
    std::string id;
    Bytes secret = Bytes(32, std::byte{9});

    explicit Pending(TestService& service, const std::string& name = "p") : id(name) {
        const store::Identity identity{"web-1", "ek", "ak", to_bytes("e"), to_bytes("a"), {}};
        REQUIRE(store::Enrolments(service.store())
                    .add_token({"d" + name, "web-1", "otto", kStart, kStart + 600, 0}));
        REQUIRE(store::Enrolments(service.store())
                    .add({id, "d" + name, identity, sha256(secret).hex(), kStart + 300, 0}, kStart));
    }
    [[nodiscard]] std::string path() const { return "/v1/enrolments/" + id + "/activation"; }
};

}  // namespace

TEST_CASE("the right secret admits the host, and again for an agent that did not hear the answer") {
    TestService service;
    const Pending pending(service);
    const nlohmann::json body = {{"secret", to_base64url(pending.secret)}};
    REQUIRE(service.post(pending.path(), body).status == 201);
    REQUIRE(store::Hosts(service.store()).find("web-1"));
    REQUIRE(service.post(pending.path(), body).status == 201);
    REQUIRE(store::Hosts(service.store()).count() == 1U);
}

TEST_CASE("a wrong secret voids the enrolment, and the token is not spent") {
    TestService service;
    const Pending pending(service);
    for (const auto& wrong : {Bytes(32, std::byte{8}), Bytes(31, std::byte{9}), Bytes(33, std::byte{9})}) {
        const auto response = service.post(pending.path(), {{"secret", to_base64url(wrong)}});
        REQUIRE((response.status == 403 || response.status == 404));
    }
    REQUIRE(service.post(pending.path(), {{"secret", to_base64url(pending.secret)}}).status == 404);
    REQUIRE(store::Enrolments(service.store()).token("dp")->spent_at == 0);
    REQUIRE(store::Hosts(service.store()).find("web-1").error().code == ErrorCode::not_found);
}

TEST_CASE("an expired enrolment admits no one") {
    TestService service;
    const Pending pending(service);
    service.now += 300;
    REQUIRE(service.post(pending.path(), {{"secret", to_base64url(pending.secret)}}).status == 404);
}
