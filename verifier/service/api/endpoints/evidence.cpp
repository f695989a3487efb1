#include <algorithm>
#include <iterator>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "evidence/base/hex.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/ima/ima_progress.h"
#include "verifier/judge/appraisal/policy/effective_policy.h"
#include "verifier/service/api/attest/attestation_answer.h"
#include "verifier/service/api/attest/proven_evidence.h"
#include "verifier/service/api/attest/ticket.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/enrol/activation.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/hosts/hosts.h"

/// The main path: proof, then the sections that are wanted, then a stored and signed result.
namespace assay::api {
namespace {

constexpr std::size_t kBesideSections = 64U
                                        << 10U;  // of a body with sections: the proof and the names, bytes

/// The same for every reason and every host, whether there is one of that name or not.
Response said_to_strangers() {
    return problem(403, "refused", "the evidence is not proven");
}

Result<Response> not_proven(Service& service, const std::string& host, const Request& request,
                            judge::Unproven reason) {
    const bool is_known = TRY(store::Hosts(service.store).attestation_key(host)).has_value();
    service.unproven.count(host, is_known, request.source, reason, service.now());
    return said_to_strangers();
}

struct Asked {
    bool whole = false;                ///< "?result=whole": the result also where nothing but the time is new
    std::optional<ShownBefore> shown;  ///< "?seen=ACT.HEAD&last=RESULT"
};

Result<Asked> asked_by(const Request& request) {
    constexpr std::size_t kSeen = 64;
    Query query(request);
    const auto result = query.text("result", 8);
    const auto seen = query.text("seen", kSeen);
    const auto last = query.text("last", kSha256Digits);
    TRY_VOID(query.finish());
    if (result && *result != "whole")
        return fail(ErrorCode::malformed, "query 'result': expected whole, or nothing");
    if (seen.has_value() != last.has_value())
        return fail(ErrorCode::malformed, "query 'seen' and 'last': expected both, or neither");
    Asked out{.whole = result.has_value(), .shown = {}};
    if (!seen) return out;
    if (last->size() != kSha256Digits || !from_hex(*last, kSha256Digits))
        return fail(ErrorCode::malformed, "query 'last': expected the id of a result");
    const auto acts = TRY(with_context(act_head_from(*seen), "query 'seen'"));
    out.shown = ShownBefore{acts, *last};
    return out;
}

/// Where the host's lists must go on from, if not from where its proof says.
std::optional<Response> other_place(const Service& service, const Proof& proof, const judge::Proven& proven,
                                    const store::Host& host) {
    const judge::EffectivePolicy policy(service.policies.of(host.labels), service.vendors, service.now());
    const bool journal_fits = proven.manifest->find(section::kJournal) == nullptr ||
                              proof.journal_from == host.known.journal_sequence;
    const bool ima_fits = proven.manifest->find(section::kImaLogPart) == nullptr ||
                          (proof.ima_from && ima_part_continues(*proof.ima_from, *proven.manifest,
                                                                proven.quote, host.known, policy.get()));
    if (journal_fits && ima_fits) return std::nullopt;
    nlohmann::json place{{"journal_acknowledged", host.known.journal_sequence}};
    // A list that did not fit is wanted whole.
    place["ima"] = ima_fits ? ima_json(ima_start(host.known.ima, policy.get())) : nlohmann::json();
    return problem(409, "elsewhere", "journal or IMA list: expected to go on from another place", place);
}

Result<Response> ask_for(const std::vector<ManifestEntry>& wanted, const ProvenEvidence& proven,
                         Service& service) {
    auto names = nlohmann::json::array();
    std::uint64_t bytes = kBesideSections;
    for (const auto& entry : wanted) {
        names.push_back(entry.name);
        bytes += entry.length;
    }
    if (bytes > limits::kEvidenceBody)
        return fail(ErrorCode::limit,
                    fmt::format("sections: expected at most {} bytes of those to be sent, got "
                                "{} in the manifest",
                                limits::kEvidenceBody, bytes));
    const Ticket ticket{.host = proven.proven.manifest->host,
                        .nonce = proven.evidence.nonce,
                        .manifest = sha256(proven.evidence.manifest),
                        .expires_at = service.now() + kTicketLifetime_s,
                        .bytes = static_cast<std::uint32_t>(bytes)};
    auto sealed = TRY(make_ticket(service.nonce_key, ticket));
    const nlohmann::json answer{{"wanted", std::move(names)}, {"ticket", std::move(sealed)}};
    return json_response(answer.dump(), 202);
}

Result<Response> answer(Service& service, const Request& request, ProvenEvidence proven, store::Host host,
                        std::shared_ptr<const store::RememberedHost> remembered = {}) {
    const auto asked = TRY(asked_by(request));
    const auto name = host.known.name;
    auto outcome = attest(service, std::move(proven), std::move(host), std::move(remembered), asked.shown);
    if (!outcome && outcome.error().refused == store::Refused::nonce_used)
        return not_proven(service, name, request, judge::Unproven::replayed);
    if (!outcome) return std::unexpected(outcome.error());
    const auto& attestation = outcome->attestation;
    const auto& result = attestation.result;
    service.metrics.attestation(result.tier);
    spdlog::info("host={} tier={} findings={} result={}", result.host, to_string(result.tier),
                 result.findings.size(), attestation.result_id);
    const bool with_result = asked.whole || concludes_anew(attestation);
    // The key has just proven itself, and the host has network: what it keeps for the time without is
    // renewed.
    if (with_result && attestation.known_before.ak_activated)
        outcome->activation = TRY(signed_activation(service, attestation.known_before));
    return json_response(attestation_answer(*outcome, with_result));
}

/// What is in memory decides nothing but that a report is steady: all is here that the manifest names, and
/// goes on from where it should. That it still stands, and that the nonce is new, the store sees to as it
/// takes the result.
Result<bool> is_steady(Service& service, const Proof& proof, ProvenEvidence& proven,
                       const store::RememberedHost& remembered) {
    if (other_place(service, proof, proven.proven, remembered.host)) return false;
    return TRY(find_held_sections(service, proven, remembered.held)).empty();
}

/// From what the store has; an answer that asks for something, or refuses, is for a nonce that is new.
Result<Response> answer_anew(Service& service, const Request& request, ProvenEvidence proven,
                             const Proof* proof) {
    const auto& name = proven.proven.manifest->host;
    if (TRY(store::Attestations(service.store).nonce_used(proven.evidence.nonce)))
        return not_proven(service, name, request, judge::Unproven::replayed);
    TRY_VOID(check_sections(proven.evidence, *proven.proven.manifest));
    auto host = TRY(store::Hosts(service.store).find(name));
    if (proof != nullptr) {
        if (auto elsewhere = other_place(service, *proof, proven.proven, host)) return *std::move(elsewhere);
    }
    const auto wanted =
        TRY(find_held_sections(service, proven, TRY(store::Attestations(service.store).held_sections(name))));
    if (!wanted.empty()) return ask_for(wanted, proven, service);
    return answer(service, request, std::move(proven), std::move(host));
}

Result<Response> take_proof(const Request& request, Service& service) {
    const auto& name = request.parameters.at("host");
    TRY_VOID(asked_by(request));
    auto proof = decode_proof(as_view(request.body));
    if (!proof) return not_proven(service, name, request, judge::Unproven::malformed);
    const auto remembered = store::Hosts(service.store).remembered(name);
    auto proven = TRY(proven_evidence(service, name, std::move(proof->evidence), remembered.get()));
    if (!proven) return not_proven(service, name, request, proven.error());
    // Where the TPM was exchanged, another key has proven this than the one that is remembered.
    if (remembered && remembered->host.identity.ak_public == proven->ak_public &&
        check_sections(proven->evidence, *proven->proven.manifest) &&
        TRY(is_steady(service, *proof, *proven, *remembered)))
        return answer(service, request, *std::move(proven), remembered->host, remembered);
    return answer_anew(service, request, *std::move(proven), &*proof);
}

/// So many bytes as the ticket says, and none without one.
std::expected<std::size_t, Response> admit_sections(const Parameters& parameters, const Request& request,
                                                    Service& service) {
    const auto now = service.now();
    if (const auto ticket = read_ticket(service.nonce_key, parameters.at("ticket"), now))
        return ticket->bytes;
    service.unproven.count("", false, request.source, judge::Unproven::nonce, now);
    return std::unexpected(said_to_strangers());
}

Result<Response> take_sections(const Request& request, Service& service) {
    TRY_VOID(asked_by(request));
    const auto ticket = read_ticket(service.nonce_key, request.parameters.at("ticket"), service.now());
    if (!ticket) return not_proven(service, "", request, judge::Unproven::nonce);
    auto evidence = decode_evidence(as_view(request.body));
    if (!evidence || evidence->nonce != ticket->nonce || sha256(evidence->manifest) != ticket->manifest)
        return not_proven(service, ticket->host, request, judge::Unproven::malformed);
    auto proven = TRY(proven_evidence(service, ticket->host, *std::move(evidence), nullptr));
    if (!proven) return not_proven(service, ticket->host, request, proven.error());
    return answer_anew(service, request, *std::move(proven), nullptr);
}

}  // namespace

Endpoint submit_proof() {
    return {
        .verb = Verb::post,
        .path = "/v1/hosts/{host}/evidence",
        .role = Role::agent,
        .summary =
            "A proof for a challenge; the answer is the signed result, or which sections are still to come",
        .handler = take_proof,
        .accepts = "application/cbor",
        .body_limit = kProofSize};
}

Endpoint submit_sections() {
    return {.verb = Verb::post,
            .path = "/v1/evidence/{ticket}",
            .role = Role::agent,
            .summary = "The sections that a proof's answer wants; the answer is the signed result",
            .handler = take_sections,
            .accepts = "application/cbor",
            .body_limit = limits::kEvidenceBody,
            .admit = admit_sections};
}

}  // namespace assay::api
