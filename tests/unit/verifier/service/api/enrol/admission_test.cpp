#include "verifier/service/store/hosts/admission.h"

#include <set>

#include <catch2/catch.hpp>
#include <openssl/x509.h>

#include "evidence/tpm/key/public_key_info.h"
#include "tests/attacks/api_attack.h"
#include "verifier/service/store/attestations/attestations.h"

using namespace assay;
using namespace assay::test;

namespace {

std::string digest_of_certificate(const Bytes& der) {
    return sha256(der).hex();
}

bool enrols(const std::string& digest, const SoftwareTpm& tpm, const std::vector<Bytes>& certificates = {}) {
    TestService service;
    REQUIRE(json_of(buy(service, {"rack-7," + digest + ","})).at("kept") == true);
    Application application(tpm, "rack-7");
    application.certificates = certificates;
    return enrol(service, tpm, application).passes;
}

}  // namespace

TEST_CASE("a bought TPM is let in without a token, by any of the three digests that name it") {
    const SoftwareTpm tpm;
    const auto info = tcg::subject_public_key_info(tpm.ek()).value();
    const auto certificate = make_certificate({}, tpm.ek_key(), tpm.ek_key(), nullptr);
    CHECK(enrols(digest_of_ek(tpm), tpm));
    CHECK(enrols(sha256(info).hex(), tpm));
    CHECK(enrols(digest_of_certificate(certificate), tpm, {certificate}));
    // By the digest of a certificate that is about another key: no.
    const SoftwareTpm other;
    CHECK_FALSE(enrols(digest_of_certificate(certificate), other));
}

TEST_CASE("the digest of a SubjectPublicKeyInfo is the one that OpenSSL's tools print") {
    const auto* key = shared_key(Key::rsa2048);
    unsigned char* der = nullptr;
    const auto size = static_cast<std::size_t>(i2d_PUBKEY(key, &der));
    const Bytes expected = to_bytes(std::as_bytes(std::span(der, size)));
    OPENSSL_free(der);
    CHECK(tcg::subject_public_key_info(ek_public(key)).value() == expected);
}

TEST_CASE("a purchase list is answered line by line, and a dry run keeps nothing") {
    TestService service;
    const SoftwareTpm tpm;
    const auto line = "rack-7," + digest_of_ek(tpm) + ",CZ1";
    auto answer = json_of(buy(service, {line}, "?dry_run=true"));
    CHECK(answer.at("kept") == false);
    CHECK(answer.at("hosts")[0].at("outcome") == "added");
    CHECK(json_of(service.get("/v1/registrations")).empty());
    CHECK(json_of(buy(service, {line})).at("kept") == true);
    CHECK(json_of(buy(service, {line})).at("hosts")[0].at("outcome") == "unchanged");
    CHECK(json_of(service.get("/v1/registrations"))[0].at("registered_by") == "otto");
    CHECK(buy(service, {"rack 7,x,"}).status == 400);
    CHECK(buy(service, {line}, "?dry_run=perhaps").status == 400);
}

TEST_CASE("who was refused stands among the findings and in the metrics, and not in the host's results") {
    TestService service;
    const SoftwareTpm tpm;
    const SoftwareTpm other;
    admit_host(service, tpm);
    Application application(other, "rack-7");
    CHECK_FALSE(enrol(service, other, application).passes);
    CHECK_FALSE(enrol(service, other, application).passes);
    const auto findings = json_of(service.get("/v1/findings?host=rack-7&id=admission.second_tpm"));
    REQUIRE(findings.size() == 1);
    // It had no right to come in either.
    CHECK(json_of(service.get("/v1/findings?host=rack-7")).size() == 2);
    CHECK(findings[0].at("id") == "admission.second_tpm");
    CHECK(findings[0].at("tier") == "warning");
    CHECK(findings[0].at("basis") == "self_reported");
    CHECK(findings[0].at("actual").get<std::string>().find("refused 2 times") != std::string::npos);
    CHECK(json_of(service.get("/v1/findings?host=rack-8")).empty());
    CHECK(json_of(service.get("/v1/findings?id=admission.second_tpm")).size() == 1);
    const auto metrics = service.get("/metrics").body;
    CHECK(metrics.find("assay_enrolments_refused_total{finding=\"admission.second_tpm\"} 2") !=
          std::string::npos);
    CHECK(metrics.find("assay_enrolments_refused_total{finding=\"admission.known_tpm\"} 0") !=
          std::string::npos);
    CHECK(store::Results(service.store()).newest("rack-7").error().code == ErrorCode::not_found);
}

TEST_CASE("before its TPM has answered a credential an applicant is told one sentence, whatever the reason") {
    TestService service;
    const SoftwareTpm known(2);
    const SoftwareTpm bought;
    const SoftwareTpm stranger;
    admit_host(service, known, "secret-host");
    REQUIRE(buy(service, {"bought-host," + digest_of_ek(bought) + ",CZ1"}).status == 200);
    std::set<std::string> answers;
    std::set<std::string> reasons;
    const auto ask = [&](
                         const SoftwareTpm& tpm, const std::string& name, const std::string& token,
                         const std::function<void(Application&)>& change = [](Application&) {}) {
        Application application(tpm, name);
        application.token = token;
        change(application);
        const auto response = service.post("/v1/enrolments", application.json());
        answers.insert(std::to_string(response.status) + response.body);
        ++service.now;
        for (const auto& row : json_of(service.get("/v1/refusals")))
            reasons.insert(row.at("host").get<std::string>() + " " + row.at("id").get<std::string>());
    };
    ask(stranger, "no-host", "");
    ask(stranger, "no-host", "invented");
    ask(stranger, "secret-host", "");
    ask(stranger, "bought-host", "");
    ask(stranger, "bought-host", token_for(service, "bought-host"));
    ask(bought, "no-host", token_for(service, "no-host"));
    ask(known, "no-host", token_for(service, "no-host"));
    ask(stranger, "secret-host", token_for(service, "secret-host"));
    ask(stranger, "no-host", token_for(service, "no-host"), [](Application& a) {
        a.ak.attributes = tcg::ObjectAttributes(a.ak.attributes.bits() & ~tcg::ObjectAttributes::kRestricted);
    });
    ask(stranger, "no-host", token_for(service, "no-host"),
        [](Application& a) { std::get<tcg::EccPublic>(a.ek.key).y.back() ^= std::byte{1}; });
    INFO(*answers.begin());
    CHECK(answers.size() == 1);
    CHECK(answers.begin()->starts_with("403"));
    for (const auto* word : {"host", "token", "EK", "list"})
        CHECK(answers.begin()->find(word) == std::string::npos);
    CHECK(reasons == std::set<std::string>{" admission.no_right", "secret-host admission.no_right",
                                           "bought-host admission.unregistered_tpm",
                                           "bought-host admission.known_tpm",
                                           "secret-host admission.known_tpm",
                                           "secret-host admission.second_tpm", " admission.unsound_key"});
    // The honest twin.
    Application right(bought, "bought-host");
    CHECK(enrol(service, bought, right).passes);
}

TEST_CASE("a refused applicant costs no write, and its reason is there for the operator who asks") {
    TestService service;
    const SoftwareTpm stranger;
    Application application(stranger, "rack-8");
    for (int i = 0; i < 5; ++i) CHECK(service.post("/v1/enrolments", application.json()).status == 403);
    CHECK(store::Refusals(service.store()).list({})->empty());
    const auto listed = json_of(service.get("/v1/refusals?host=rack-8"));
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].at("times") == 5);
    CHECK(listed[0].at("ek_digest") == digest_of_ek(stranger));
    CHECK(listed[0].at("actual").get<std::string>().find("token: none was given") != std::string::npos);
    CHECK(json_of(service.get("/v1/findings?host=rack-8")).empty());  // of no host
}

TEST_CASE("an exchange that is ordered for a TPM is carried out without a token, and recorded") {
    TestService service;
    const SoftwareTpm old;
    const SoftwareTpm fresh;
    admit_host(service, old);
    const auto order = json_of(order_exchange(service, "rack-7", digest_of_ek(fresh)));
    CHECK_FALSE(order.contains("token"));
    CHECK(enrol(service, fresh, Application(fresh, "rack-7")).passes);
    const auto record = json_of(service.get("/v1/replacements?host=rack-7"))[0];
    CHECK(record.at("ordered_by") == "otto");
    CHECK(record.at("old_ek_digest") == digest_of_ek(old));
    CHECK(record.at("new_ek_digest") == digest_of_ek(fresh));
    CHECK(order_exchange(service, "nobody").status == 404);
    CHECK(service.post("/v1/hosts/rack-7/replacement", nlohmann::json::object(), TestService::an_operator())
              .status == 400);  // no reason
}

TEST_CASE("an exchange moves the purchase list's digest to the new TPM") {
    TestService service;
    const SoftwareTpm old;
    const SoftwareTpm fresh;
    buy(service, {"rack-7," + digest_of_ek(old) + ",CZ1"});
    REQUIRE(enrol(service, old, Application(old, "rack-7")).passes);
    order_exchange(service, "rack-7", digest_of_ek(fresh));
    REQUIRE(enrol(service, fresh, Application(fresh, "rack-7")).passes);
    CHECK(json_of(service.get("/v1/registrations"))[0].at("tpm_digest") == digest_of_ek(fresh));
    CHECK(enrol(service, fresh, Application(fresh, "rack-7")).passes);  // again: nothing changes
}
