#include "agent/attest/attest.h"

#include <algorithm>
#include <ctime>

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include "agent/state/acknowledged.h"
#include "agent/state/activation.h"
#include "agent/state/seen.h"
#include "evidence/base/byte_reader.h"
#include "evidence/base/text.h"
#include "evidence/tpm/nv.h"
#include "evidence/wire/section/journal.h"
#include "evidence/wire/section/section_names.h"

namespace assay::agent {
namespace {

namespace api = verifier_api;

constexpr std::size_t kBesideBytes = 16;  // of one section in a proof: its heads, at most

/// A proof with those sections beside it that the verifier will want, the smallest first, as far as they fit.
Proof proof_of(const Evidence& whole, const Acknowledged& known, const std::optional<ImaStart>& ima) {
    Proof proof;
    auto& evidence = proof.evidence;
    evidence = {whole.nonce, whole.manifest, whole.quote, whole.signature, {}, whole.journal_proof};
    proof.journal_from = known.journal_sequence;
    if (ima && whole.sections.contains(section::kImaLogPart)) proof.ima_from = ima->state;
    std::vector<std::pair<std::size_t, std::string_view>> wanted;
    for (const auto& [name, bytes] : whole.sections) {
        const auto held = known.sections.find(name);
        if (held == known.sections.end() || held->second != sha256(bytes).hex())
            wanted.emplace_back(bytes.size(), name);
    }
    std::ranges::sort(wanted);
    auto size = encode_proof(proof).size();
    for (const auto& [bytes, name] : wanted) {
        size += bytes + name.size() + kBesideBytes;
        if (size > kProofSize) break;
        evidence.sections.insert(*whole.sections.find(name));
    }
    return proof;
}

Evidence with_sections(const Evidence& whole, const std::set<std::string, std::less<>>& names) {
    Evidence out{whole.nonce, whole.manifest, whole.quote, whole.signature, {}, whole.journal_proof};
    for (const auto& [name, bytes] : whole.sections) {
        if (names.contains(name)) out.sections.emplace(name, bytes);
    }
    return out;
}

/// What is wanted is sent; more than once where the verifier lost something meanwhile.
Result<api::Answer> answered(client::HttpsClient& client, const std::string& host, const Evidence& whole,
                             const Proof& proof, const api::Asked& asked) {
    constexpr int kTries = 3;
    auto answer = TRY(api::prove(client, host, proof, asked));
    auto names = std::set<std::string, std::less<>>();
    for (const auto& [name, bytes] : proof.evidence.sections) names.insert(name);
    for (int i = 0; i < kTries; ++i) {
        const auto* wanted = std::get_if<api::Wanted>(&answer);
        if (wanted == nullptr) break;
        names.insert(wanted->sections.begin(), wanted->sections.end());
        answer = TRY(api::send_sections(client, wanted->ticket, with_sections(whole, names), asked));
    }
    return answer;
}

/// The counter that the evidence certifies, if the verifier acknowledged all that it stands for.
std::optional<std::uint64_t> acknowledged_counter(const Evidence& evidence, std::uint64_t acknowledged) {
    const auto section = evidence.sections.find(section::kJournal);
    if (section == evidence.sections.end() || !evidence.journal_proof) return std::nullopt;
    const auto journal = decode_journal_section(section->second);
    const auto certified = tcg::parse_nv_certification(evidence.journal_proof->counter_attest);
    if (!journal || !certified || journal->head_sequence != acknowledged) return std::nullopt;
    ByteReader number(certified->contents);
    const auto counter = number.u64be("counter");
    return number.ok() ? std::optional(counter) : std::nullopt;
}

void remember(const std::filesystem::path& state, const Acknowledged& before, const Evidence& evidence,
              const api::Verdict& verdict) {
    Acknowledged now{.journal_sequence = verdict.journal_acknowledged,
                     .journal_counter = acknowledged_counter(evidence, verdict.journal_acknowledged),
                     .ima = verdict.ima,
                     .sections = {}};
    for (const auto& [name, bytes] : evidence.sections) {
        if (name != section::kClock) now.sections.emplace(name, sha256(bytes).hex());  // never twice the same
    }
    if (now == before) return;
    if (const auto saved = save_acknowledged(state, now); !saved)
        spdlog::warn("not remembered: {}", printable(describe(saved.error())));
}

}  // namespace

Result<api::Verdict> attest(client::HttpsClient& client, const Machine& machine, const std::string& host,
                            const std::filesystem::path& state, const MonitorVoice& monitor, bool whole) {
    constexpr int kTries = 4;  // a stale nonce and another place may follow each other
    const auto before = load_acknowledged(state);
    auto known = before;
    // Without a TPM make_evidence says why there is nothing to attest.
    const auto keys = machine.tpm != nullptr ? TRY(machine.tpm->identity()) : TpmIdentity();
    const bool renew = wants_activation(state, host, keys, std::time(nullptr));
    const api::Asked asked{whole || renew, load_seen(state)};
    for (int i = 0; i < kTries; ++i) {
        EvidenceRequest request;
        request.host = host;
        request.nonce = TRY(api::challenge(client));
        request.ima = known.ima;
        request.journal_rests_at = known.journal_counter;
        request.journal = [&monitor, since = known.journal_sequence] { return monitor.journal(since); };
        request.heartbeat = monitor.heartbeat;
        const auto evidence = TRY(make_evidence(machine, request));
        auto answer = TRY(answered(client, host, evidence, proof_of(evidence, known, known.ima), asked));
        if (auto* verdict = std::get_if<api::Verdict>(&answer)) {
            verdict->nonce = request.nonce;
            verdict->host = host;
            remember(state, before, evidence, *verdict);
            remember_seen(state, asked.seen, verdict->token);
            if (renew) remember_activation(state, verdict->activation, host, keys);
            return std::move(*verdict);
        }
        if (const auto* elsewhere = std::get_if<api::Elsewhere>(&answer)) {
            known.journal_sequence = elsewhere->journal_acknowledged;
            known.journal_counter.reset();
            known.ima = elsewhere->ima;
        }
    }
    return fail(
        ErrorCode::refused,
        fmt::format("the verifier does not take this TPM's proof for '{}': enrolled there, and with this "
                    "TPM? An operator sees why: assay hosts unproven --host {}",
                    printable(host), printable(host)));
}

Result<bool> is_enrolled(client::HttpsClient& client, Tpm& tpm, const std::string& host) {
    Evidence evidence;
    evidence.nonce = TRY(api::challenge(client));
    // A section that nobody holds is always wanted: so nothing is judged.
    evidence.manifest = manifest_of(host, kNoBootId, {{"enrolment-check", evidence.nonce}});
    const auto binding = evidence_binding(evidence.nonce, evidence.manifest);
    auto quote = TRY(tpm.quote(kDefaultSelection, binding.view()));
    evidence.quote = std::move(quote.quote);
    evidence.signature = std::move(quote.signature);
    const auto answer =
        TRY(api::prove(client, host, {.evidence = evidence, .journal_from = 0, .ima_from = {}}, {}));
    return !std::holds_alternative<api::NotProven>(answer);
}

}  // namespace assay::agent
