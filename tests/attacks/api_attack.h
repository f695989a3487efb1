#pragma once

#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "evidence/tpm/key/key_digest.h"
#include "tests/attacks/attack.h"
#include "tests/support/certificates/certificate_builder.h"
#include "tests/support/tpm/software_tpm.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/api/enrol/identity.h"
#include "verifier/service/store/hosts/hosts.h"

/// Attacks on the verifier's service: requests against a real store, with TPMs in software that can answer a
/// credential.
namespace assay::test {

/// What an applicant sends and how it answers; as it comes it is honest.
struct Application {
    std::string host = "rack-7";
    std::string token;  ///< empty: none
    tcg::TpmPublic ek, ak;
    std::vector<Bytes> certificates;
    std::vector<tcg::TpmPublic> others;
    std::vector<Bytes> other_certificates;
    store::DeviceKey iak, idevid;

    Application(const SoftwareTpm& tpm, std::string name)
        : host(std::move(name)), ek(tpm.ek()), ak(tpm.ak()) {}

    [[nodiscard]] nlohmann::json json() const {
        const auto list = [](const std::vector<Bytes>& all) {
            auto out = nlohmann::json::array();
            for (const auto& each : all) out.push_back(to_base64url(each));
            return out;
        };
        nlohmann::json body = {{"host", host},
                               {"ek_public", to_base64url(encode_tpm_public(ek))},
                               {"ek_certificates", list(certificates)},
                               {"ak_public", to_base64url(encode_tpm_public(ak))}};
        if (!token.empty()) body["token"] = token;
        for (const auto& other : others) body["other_eks"].push_back(to_base64url(encode_tpm_public(other)));
        if (!other_certificates.empty()) body["other_ek_certificates"] = list(other_certificates);
        const auto add = [&](const std::string& role, const store::DeviceKey& key) {
            if (!key.public_area.empty()) body[role + "_public"] = to_base64url(key.public_area);
            if (!key.certificates.empty()) body[role + "_certificates"] = list(key.certificates);
        };
        add("iak", iak);
        add("idevid", idevid);
        return body;
    }
};

inline std::string token_for(TestService& service, const std::string& host) {
    return json_of(service.post("/v1/tokens", {{"host", host}}, TestService::an_operator())).at("token");
}

/// What a request came to: the problem's code stands for it, and so do the reports that operators see. Before
/// its TPM has answered a credential, an applicant is told nothing else.
inline Outcome outcome_of(TestService& service, const api::Response& response) {
    Outcome out;
    out.passes = response.status / 100 == 2;
    if (out.passes) {
        out.said = "let in";
    } else {
        const auto body = json_of(response);
        out.said = "refused: " + body.at("code").get<std::string>();
        out.reasons = {body.at("code")};
    }
    for (const auto& refusal : json_of(service.get("/v1/refusals"))) out.reasons.push_back(refusal.at("id"));
    return out;
}

/// Begins to enrol; the credential goes to `answer`, which says what the applicant makes of it.
using Answer = std::function<Bytes(const nlohmann::json& credential)>;
/// What else is sent with the secret: TPM2_Certify by IAK and IDevID.
using Proof = std::function<void(const Bytes& secret, nlohmann::json& activation)>;
inline void no_proof(const Bytes&, nlohmann::json&) {}

inline api::Response ask(TestService& service, const Application& application, const Answer& answer,
                         const Proof& proof = no_proof) {
    const auto begun = service.post("/v1/enrolments", application.json());
    if (begun.status != 201) return begun;
    const auto credential = json_of(begun);
    const auto secret = answer(credential);
    nlohmann::json activation = {{"secret", to_base64url(secret)}};
    proof(secret, activation);
    return service.post("/v1/enrolments/" + credential.at("enrolment").get<std::string>() + "/activation",
                        activation);
}

inline Bytes part(const nlohmann::json& credential, const char* name) {
    return from_base64url(credential.at(name).get<std::string>(), 4096).value();
}

/// An answer as a TPM gives it: the secret of each credential that it can open, and nonsense for the others.
inline Answer answered_by(const SoftwareTpm& tpm) {
    return [&tpm](const nlohmann::json& credential) {
        const auto open = [&](const nlohmann::json& each, std::size_t ek) {
            const auto secret = tpm.activate(part(each, "id_object"), part(each, "encrypted_secret"), ek);
            return secret.value_or(Bytes(32, std::byte{1}));
        };
        Bytes all = open(credential, 0);
        std::size_t ek = 0;
        for (const auto& other : credential.at("others")) {
            const auto secret = open(other, ++ek);
            all.insert(all.end(), secret.begin(), secret.end());
        }
        return all;
    };
}

inline Outcome enrol(TestService& service, const SoftwareTpm& tpm, const Application& application) {
    return outcome_of(service, ask(service, application, answered_by(tpm)));
}

/// A host that is enrolled with this TPM: the start of most attacks on identity.
inline void admit_host(TestService& service, const SoftwareTpm& tpm, const std::string& host = "rack-7") {
    Application application(tpm, host);
    application.token = token_for(service, host);
    require(enrol(service, tpm, application).passes, "the host enrols");
}

inline std::string digest_of_ek(const SoftwareTpm& tpm, std::size_t index = 0) {
    return tcg::key_digest(tpm.ek(index));
}

/// A purchase list of these lines: "rack-7,DIGEST,SERIAL".
inline api::Response buy(TestService& service, const std::vector<std::string>& lines,
                         const std::string& query = "") {
    std::string csv = "host,tpm_digest,chassis_serial\n";
    for (const auto& line : lines) csv += line + "\n";
    return service.call(api::Verb::post, "/v1/registrations" + query, csv, TestService::an_operator(),
                        "text/csv");
}

inline api::Response order_exchange(TestService& service, const std::string& host,
                                    const std::string& digest = "") {
    nlohmann::json body = {{"reason", "WO-1017: mainboard exchanged"}};
    if (!digest.empty()) body["tpm_digest"] = digest;
    return service.post("/v1/hosts/" + host + "/replacement", body, TestService::an_operator());
}

}  // namespace assay::test
