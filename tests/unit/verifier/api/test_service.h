#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "evidence/base/hex.h"
#include "tests/support/temp_folder.h"
#include "verifier/api/endpoint.h"
#include "verifier/api/nonce.h"

/// A service on a fresh SQLite store with a clock that the test sets, and the calls of an agent and of
/// operators.
namespace assay::test {

inline constexpr std::int64_t kStart = 1'800'000'000;

inline std::string new_signing_key() {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(describe(result.error()));
    return *std::move(result);
}

class TestService {
  public:
    TestService()
        : store_(must(store::Store::open("sqlite:" + file().string()))),
          signer_(must(api::Signer::from_pem(new_signing_key()))),
          service_{.store = *store_,
                   .policies = policies_,
                   .vendors = vendors_,
                   .tpm_trust = tpm_trust,
                   .platform_roots = platform_roots,
                   .signer = signer_,
                   .metrics = metrics_,
                   .nonce_key = must(store_->shared_key()),
                   .now = [this] { return now; },
                   .appraise = [this](const AppraisalInputs& inputs) { return accept(inputs); },
                   .build = "assay test"} {
        policies_.fallback().pcr_selection = "sha256:0,1,7";
        policies_.fallback().challenge_lifetime_s = 120;
    }

    /// An appraisal that finds everything in order: what it says is not under test here, what becomes of it
    /// is.
    Appraisal accept(const AppraisalInputs& inputs) {
        ++appraisals;
        last_sections = inputs.evidence.sections;
        Appraisal out;
        out.result.host = inputs.known_host.name;
        out.result.tier = Tier::affirming;
        out.result.claims[TrustClaim::hardware] = Tier::affirming;
        out.result.appraised_at = inputs.now;
        out.result.challenged_at = inputs.challenge.issued_at;
        out.result.inputs["challenge"] = sha256(inputs.challenge.nonce).hex();
        out.result.appraiser = "test";
        out.components = parts;
        out.quoted = quoted;
        if (alter) alter(inputs, out.result);
        out.result.findings.push_back(
            {"usb.unaccompanied", Tier::warning, Basis::bound, "USB 1-4", "a", "b", "c", "d"});
        out.next = {inputs.known_host.last_clock_ms + 1, 1,   1, inputs.known_host.journal_sequence,
                    inputs.known_host.journal_head,      true};
        return out;
    }

    api::Response call(api::Verb verb, const std::string& target, const std::string& body = "",
                       const api::Caller& caller = {}, const std::string& type = "application/json") {
        api::Request request;
        request.verb = verb;
        if (const auto set = api::set_target(request, target); !set) return api::problem(set.error());
        request.body = body;
        request.content_type = type;
        request.caller = caller;
        return api::dispatch(std::move(request), service_);
    }
    api::Response get(const std::string& target, const api::Caller& caller = viewer()) {
        return call(api::Verb::get, target, "", caller, "");
    }
    api::Response post(const std::string& target, const nlohmann::json& body,
                       const api::Caller& caller = {}) {
        return call(api::Verb::post, target, body.dump(), caller);
    }

    static api::Caller viewer() { return {api::Role::viewer, true, "vera"}; }
    static api::Caller an_operator() { return {api::Role::operator_, true, "otto"}; }

    /// A host, admitted in the store.
    void enrol(const std::string& host) {
        const auto digest = [&](const std::string& what) { return sha256(as_view(what + host)).hex(); };
        const store::Identity identity{
            host, digest("ek"), digest("ak"), to_bytes("ek" + host), to_bytes("ak" + host), {}};
        const store::Enrolment enrolment{"e" + host,       digest("token"), identity,
                                         digest("secret"), now + 300,       0};
        if (!store_->add_token({digest("token"), host, "otto", now, now + 60, 0}) ||
            !store_->add_enrolment(enrolment, now) || !store_->activate(enrolment, now)) {
            throw std::runtime_error("cannot enrol");
        }
    }

    Bytes challenge(const std::string& host) {
        const auto answer = post("/v1/hosts/" + host + "/challenge", nlohmann::json::object());
        return must(from_base64url(nlohmann::json::parse(answer.body).at("nonce").get<std::string>(), 64));
    }

    using Sections = std::map<std::string, Bytes, std::less<>>;
    static Evidence evidence(const std::string& host, const Bytes& nonce, const Sections& sections) {
        return {nonce, manifest_of(host, "00000000-0000-4000-8000-000000000001", sections), to_bytes("quote"),
                to_bytes("signature"), sections};
    }
    api::Response submit(const std::string& host, const Evidence& evidence) {
        return call(api::Verb::post, "/v1/hosts/" + host + "/evidence",
                    std::string(as_text(encode_evidence(evidence))), {}, "application/cbor");
    }

    std::int64_t now = kStart;
    int appraisals = 0;
    Sections last_sections;
    std::function<void(const AppraisalInputs&, AttestationResult&)> alter;  ///< of what `accept` concludes
    std::vector<HostComponent> parts;   ///< what the next evidence is said to show
    std::optional<QuotedPcrs> quoted;   ///< likewise
    TpmTrust tpm_trust;                 ///< nobody's TPMs, as it comes
    std::vector<Bytes> platform_roots;  ///< makers of platforms, DER

  private:
    TempFolder folder_;
    std::unique_ptr<store::Store> store_;
    PolicySet policies_{Policy()};
    vendors::VendorDb vendors_;
    api::Signer signer_;
    api::Metrics metrics_;
    api::Service service_;

  public:
    store::Store& store() { return *store_; }
    [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "assay.db"; }
    vendors::VendorDb& vendors() { return vendors_; }
    api::Service& service() { return service_; }
};

inline nlohmann::json json_of(const api::Response& response) {
    return nlohmann::json::parse(response.body);
}

}  // namespace assay::test
