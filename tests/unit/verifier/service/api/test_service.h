#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "evidence/base/hex.h"
#include "evidence/wire/proof.h"
#include "tests/support/machine/temp_folder.h"
#include "tests/support/tpm/tpm_builder.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/nonce.h"
#include "verifier/service/store/hosts/admission.h"

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
    /// `connection`: to another database than one of its own.
    explicit TestService(const std::string& connection = {})
        : store_(must(store::Store::open(connection.empty() ? "sqlite:" + file().string() : connection))),
          signer_(must(api::Signer::from_pem(new_signing_key()))),
          service_{.store = *store_,
                   .policies = policies_,
                   .vendors = vendors_,
                   .tpm_trust = tpm_trust,
                   .platform_roots = platform_roots,
                   .signer = signer_,
                   .metrics = metrics_,
                   .unproven = unproven_,
                   .refusals = refusals_,
                   .nonce_key = must(store_->shared_key()),
                   .now = [this] { return now; },
                   .judge = [this](const judge::OpenedEvidence& opened,
                                   const judge::Context& context) { return accept(opened, context); },
                   .build = "assay test"} {
        policies_.fallback().pcr_selection = "sha256:0,1,7";
        policies_.fallback().challenge_lifetime_s = 120;
    }

    /// An appraisal that finds everything in order: what it says is not under test here, what becomes of it
    /// is.
    judge::Appraisal accept(const judge::OpenedEvidence& opened, const judge::Context& inputs) {
        ++appraisals;
        last_sections.clear();
        for (const auto& [name, entry] : opened.sections().entries())
            last_sections.emplace(name, to_bytes(entry.bytes));
        last_unproven = inputs.known_host.unproven;
        judge::Appraisal out;
        out.result.host = inputs.known_host.name;
        out.result.tier = Tier::affirming;
        out.result.claims[TrustClaim::hardware] = Tier::affirming;
        out.result.appraised_at = inputs.now;
        out.result.challenged_at = inputs.challenge.issued_at;
        out.result.inputs["challenge"] = sha256(inputs.challenge.nonce).hex();
        out.result.appraiser = "test";
        if (inputs.known_host.previous) out.result.previous = inputs.known_host.previous->hex();
        out.components = std::make_shared<const std::vector<judge::HostComponent>>(parts);
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
        request.source = source;
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
    static api::Caller a_keeper() { return {api::Role::keeper, true, "karl", "p-karl"}; }
    static api::Caller a_second_keeper() { return {api::Role::keeper, true, "kim", "p-kim"}; }
    static api::Caller an_order_feed() { return {api::Role::order_feed, true, "jira", "p-jo", "dc-ops"}; }
    static api::Caller a_badge_feed() { return {api::Role::badge_feed, true, "doors", "p-bo", "onguard"}; }
    static api::Caller a_desk() { return {api::Role::desk, true, "dora", "p-dora"}; }
    static api::Caller a_reviewer() { return {api::Role::reviewer, true, "rita", "p-rita"}; }

    /// One keeper proposes it and another one approves it.
    api::Response give_directory(const nlohmann::json& directory) {
        const auto proposed = post("/v1/directory", directory, a_keeper());
        if (proposed.status != 202) return proposed;
        const std::string id = nlohmann::json::parse(proposed.body).at("proposal");
        return post("/v1/directory/proposals/" + id + "/approval", nlohmann::json::object(),
                    a_second_keeper());
    }

    /// A host, admitted in the store.
    void enrol(const std::string& host) {
        const auto digest = [&](const std::string& what) { return sha256(as_view(what + host)).hex(); };
        const store::Identity identity{
            host, digest("ek"), digest("ak"), to_bytes("ek" + host), attestation_key_public(), {}};
        const store::Enrolment enrolment{"e" + host,       digest("token"), identity,
                                         digest("secret"), now + 300,       0};
        if (!store::Enrolments(*store_).add_token({digest("token"), host, "otto", now, now + 60, 0}) ||
            !store::Enrolments(*store_).add(enrolment, now) ||
            !store::Enrolments(*store_).activate(enrolment, now)) {
            throw std::runtime_error("cannot enrol");
        }
    }

    Bytes challenge() {
        const auto answer = call(api::Verb::post, "/v1/challenge", "", {}, "");
        return must(from_base64url(nlohmann::json::parse(answer.body).at("nonce").get<std::string>(), 64));
    }
    /// A challenge is of no host.
    Bytes challenge(const std::string&) { return challenge(); }

    using Sections = std::map<std::string, Bytes, std::less<>>;
    /// All hosts of a test share one attestation key.
    static Bytes attestation_key_public() { return encode_tpm_public(ak_public(shared_key(Key::p256))); }
    /// Quoted by that key over nonce and manifest.
    static Evidence evidence(const std::string& host, const Bytes& nonce, const Sections& sections,
                             const std::function<void(tcg::Quote&)>& change = {}) {
        Evidence out{
            nonce, manifest_of(host, "00000000-0000-4000-8000-000000000001", sections), {}, {}, sections};
        sign(out, shared_key(Key::p256), change);
        return out;
    }
    static void sign(Evidence& evidence, EVP_PKEY* key, const std::function<void(tcg::Quote&)>& change = {}) {
        tcg::Quote quote;
        quote.extra_data = to_bytes(evidence_binding(evidence.nonce, evidence.manifest).view());
        quote.selection = tcg::PcrSelection::of(HashAlgorithm::sha256, kQuotedPcrs);
        quote.pcr_digest = Bytes(32);
        if (change) change(quote);
        evidence.quote = tcg::encode_quote(quote);
        evidence.signature = encode_signature(test::sign(key, evidence.quote, tcg::Scheme::ecdsa));
    }
    /// As an agent says it that remembers what was acknowledged.
    Proof proof(const std::string& host, const Evidence& evidence) {
        Proof out{.evidence = evidence, .journal_from = 0, .ima_from = {}};
        if (const auto known = store::Hosts(*store_).find(host))
            out.journal_from = known->known.journal_sequence;
        if (const auto part = evidence.sections.find("ima-log-part"); part != evidence.sections.end())
            out.ima_from = must(decode_ima_part_section(part->second)).state;
        return out;
    }
    api::Response prove(const std::string& host, const Proof& proof) {
        return call(api::Verb::post, "/v1/hosts/" + host + "/evidence",
                    std::string(as_text(encode_proof(proof))), {}, "application/cbor");
    }
    api::Response send_sections(const std::string& ticket, const Evidence& evidence) {
        return call(api::Verb::post, "/v1/evidence/" + ticket,
                    std::string(as_text(encode_evidence(evidence))), {}, "application/cbor");
    }
    /// As an agent does: the proof, with all sections beside it where they fit, and then those that are
    /// wanted.
    api::Response submit(const std::string& host, const Evidence& evidence) {
        auto first = proof(host, evidence);
        if (encode_proof(first).size() > kProofSize) first.evidence.sections.clear();
        auto answer = prove(host, first);
        if (answer.status == 202) {
            const auto wanted = nlohmann::json::parse(answer.body);
            auto rest = first.evidence;
            for (const auto& name : wanted.at("wanted")) {
                const auto section = evidence.sections.find(name.get<std::string>());
                if (section == evidence.sections.end()) return answer;
                rest.sections.insert(*section);
            }
            answer = send_sections(wanted.at("ticket"), rest);
        }
        return answer;
    }

    std::int64_t now = kStart;
    int appraisals = 0;
    Sections last_sections;
    std::function<void(const judge::Context&, AttestationResult&)> alter;  ///< of what `accept` concludes
    std::optional<std::vector<std::string>> last_unproven;  ///< KnownHost::unproven of the last appraisal
    std::string source = "192.0.2.7";                       ///< from where requests come
    std::vector<judge::HostComponent> parts;                ///< what the next evidence is said to show
    std::optional<judge::QuotedPcrs> quoted;                ///< likewise
    judge::TpmTrust tpm_trust;                              ///< nobody's TPMs, as it comes
    std::vector<Bytes> platform_roots;                      ///< makers of platforms, DER

  private:
    TempFolder folder_;
    std::unique_ptr<store::Store> store_;
    judge::PolicySet policies_{judge::Policy()};
    vendors::VendorDb vendors_;
    api::Signer signer_;
    api::Metrics metrics_;
    api::UnprovenCounter unproven_{*store_, metrics_};
    api::RefusalLog refusals_{*store_};
    api::Service service_;

  public:
    store::Store& store() { return *store_; }
    [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "assay.db"; }
    vendors::VendorDb& vendors() { return vendors_; }
    judge::PolicySet& policies() { return policies_; }
    api::Service& service() { return service_; }
};

inline nlohmann::json json_of(const api::Response& response) {
    return nlohmann::json::parse(response.body);
}

}  // namespace assay::test
