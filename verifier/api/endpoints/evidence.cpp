#include <algorithm>
#include <iterator>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "evidence/base/hex.h"
#include "evidence/wire/section_names.h"
#include "verifier/api/device_grants.h"
#include "verifier/api/device_news.h"
#include "verifier/api/ear.h"
#include "verifier/api/endpoint.h"
#include "verifier/api/nonce.h"
#include "verifier/api/site.h"
#include "verifier/appraisal/effective_policy.h"
#include "verifier/appraisal/ima_progress.h"

/// The main path: evidence in, a stored and signed result out.
namespace assay::api {
namespace {

constexpr int kUnprocessable = 422;
constexpr int kTries = 4;                                        // against other submissions of the same host
constexpr std::size_t kAllSections = 2 * limits::kEvidenceBody;  // sent and held together, bytes

/// Fills in what the manifest names and the host holds; the names of what is in neither place.
Result<std::vector<std::string>> fill_held_sections(Service& service, const std::string& host,
                                                    Evidence& evidence) {
    std::vector<std::string> missing;
    const auto manifest = decode_manifest(evidence.manifest);
    if (!manifest) return missing;  // the appraisal says what is wrong with it
    std::size_t total = 0;
    for (const auto& [name, bytes] : evidence.sections) total += bytes.size();
    for (const auto& entry : manifest->entries) {
        if (evidence.sections.contains(entry.name)) continue;
        auto held = service.store.held_section(host, entry.digest.hex());
        if (!held && held.error().code != ErrorCode::not_found) return std::unexpected(held.error());
        if (!held) {
            missing.push_back(entry.name);
            continue;
        }
        total += held->size();
        if (total > kAllSections) return fail(ErrorCode::limit, "the sections together are too large");
        evidence.sections.emplace(entry.name, *std::move(held));
    }
    return missing;
}

Response missing_sections(const std::vector<std::string>& missing) {
    auto response = problem(kUnprocessable, "not_found", "sections are neither sent nor held: send them");
    auto body = nlohmann::json::parse(response.body);
    body["missing"] = missing;
    response.body = body.dump();
    return response;
}

struct Stored {
    store::Attestation attestation;
    std::vector<std::string> grants;  ///< tokens for the host's gate
};

/// One appraisal against what is known now, and its storing. `conflict` beginning "revision": once more;
/// `not_found` beginning "ima-log": the whole list is wanted.
Result<Stored> appraise_and_store(Service& service, const std::string& host, const Evidence& evidence,
                                  const Challenge& challenge) {
    store::Attestation attestation;
    const auto known = TRY(service.store.host(host));
    const auto& policy = service.policies.of(known.labels);
    const auto now = std::max(service.now(), challenge.issued_at);
    if (!ima_goes_on(evidence, known.known, EffectivePolicy(policy, service.vendors, now).get()))
        return fail(ErrorCode::not_found, "ima-log: the part does not go on from what is known");
    attestation.evidence = evidence;
    attestation.challenge = challenge;
    attestation.known_before = known.known;
    attestation.revision_before = known.revision;
    // Only where a decision excepts parts that were there before: else they would be kept for nothing.
    const auto excepts = [](const vendors::Ruling& ruling) { return ruling.grandfather.has_value(); };
    if (std::ranges::any_of(service.vendors.rulings(), excepts)) {
        auto& before = attestation.known_before;
        before.seen = TRY(service.store.seen_components(host));
        // What is not all, or what a bundle cannot hold, excepts nothing.
        constexpr std::size_t kAllThatWereAskedFor = 1000;
        if (before.seen->size() >= kAllThatWereAskedFor || !decode_known_host(encode_known_host(before)))
            before.seen.reset();
    }
    attestation.events = site::events_of(evidence, known, service.vendors, challenge.issued_at, now);
    std::ranges::move(TRY(site::statements_of(service, evidence, known, challenge.issued_at, now)),
                      std::back_inserter(attestation.events));
    attestation.known_before.judged = TRY(site::judged_now(service, host, attestation.events));
    auto devices = TRY(devices_of(service, evidence, known, challenge.issued_at, now));
    attestation.devices = std::move(devices.news);
    attestation.known_before.elsewhere = std::move(devices.elsewhere);
    attestation.nonce_expires_at = challenge.expires_at;
    attestation.sessions = TRY(service.store.sessions({.host = host}));
    std::ranges::sort(attestation.sessions, {},
                      [](const WorkSession& s) { return std::pair(s.opened_at, s.id); });

    auto appraisal = service.appraise(
        {.evidence = attestation.evidence,
         .challenge = attestation.challenge,
         .known_host = attestation.known_before,
         .sessions = attestation.sessions,
         .vendors = service.vendors,
         .tpm_trust = service.tpm_trust,
         .policy = policy,
         // Another copy of the verifier, whose clock is ahead, may have issued the challenge.
         .now = now});
    if (devices.unread &&
        (appraisal.result.tier == Tier::affirming || appraisal.result.tier == Tier::warning)) {
        return fail(ErrorCode::internal,
                    "the evidence was read in one place and not in another; attest again");
    }
    attestation.result = std::move(appraisal.result);
    attestation.next = std::move(appraisal.next);
    attestation.components = std::move(appraisal.components);
    attestation.quoted = appraisal.quoted;
    attestation.result_json = encode_attestation_result(attestation.result);
    attestation.result_id = attestation_result_id(attestation.result);
    const auto payload = TRY(ear_payload(attestation.result, policy.digest, service.build));
    // Signed before the commit, so that result and signature are stored together; it leaves only after the
    // commit.
    attestation.jwt = TRY(service.signer.sign(payload));
    std::vector<std::string> grants;
    if (attestation.next.authentic) grants = TRY(device_grants(service, known, evidence));
    TRY_VOID(service.store.add_attestation(attestation));
    return Stored{std::move(attestation), std::move(grants)};
}

Result<Response> submit(const Request& request, Service& service) {
    const auto& host = request.parameters.at("host");
    const auto& policy = service.policies.of(TRY(service.store.contact(host)).labels);
    auto evidence = TRY(decode_evidence(as_view(request.body)));

    const auto lifetime = policy.challenge_lifetime_s;
    const auto issued_at = TRY(check_nonce(service.nonce_key, host, evidence.nonce, service.now(), lifetime));
    if (TRY(service.store.nonce_used(evidence.nonce))) {
        return fail(ErrorCode::conflict, "nonce: it was used already; ask for a challenge");
    }
    const Challenge challenge{evidence.nonce, policy.pcr_selection, issued_at, issued_at + lifetime};

    const auto missing = TRY(fill_held_sections(service, host, evidence));
    if (!missing.empty()) return missing_sections(missing);

    auto stored = appraise_and_store(service, host, evidence, challenge);
    for (int i = 1; i < kTries && !stored && stored.error().context.starts_with("revision"); ++i) {
        stored = appraise_and_store(service, host, evidence, challenge);
    }
    // A restart, another report in between, a new policy: the agent sends the whole list with the next
    // challenge.
    if (!stored && stored.error().context.starts_with("ima-log"))
        return missing_sections({std::string(section::kImaLog)});
    if (!stored) return std::unexpected(stored.error());

    // What the host delivered before, and is settled, may stand under a session that came only now.
    if (stored->attestation.next.authentic)
        TRY_VOID(site::rejudge_under(service, host, stored->attestation.events));

    const auto& [attestation, grants] = *stored;
    const auto& result = attestation.result;
    service.metrics.attestation(result.tier);
    spdlog::info("host={} tier={} findings={} result={}", host, to_string(result.tier),
                 result.findings.size(), attestation.result_id);
    const auto acknowledged = attestation.next.authentic ? attestation.next.journal_sequence
                                                         : attestation.known_before.journal_sequence;
    // The canonical result goes in as its own bytes: what was hashed is what is read.
    return json_response(fmt::format(
        R"({{"result_id":"{}","tier":"{}","journal_acknowledged":{},"jwt":"{}","grants":{},"result":{}}})",
        attestation.result_id, to_string(result.tier), acknowledged, attestation.jwt,
        nlohmann::json(grants).dump(), attestation.result_json));
}

}  // namespace

Endpoint submit_evidence() {
    return {.verb = Verb::post,
            .path = "/v1/hosts/{host}/evidence",
            .role = Role::agent,
            .summary = "Evidence for a challenge; the answer is the signed attestation result",
            .handler = submit,
            .accepts = "application/cbor",
            .body_limit = limits::kEvidenceBody};
}

}  // namespace assay::api
