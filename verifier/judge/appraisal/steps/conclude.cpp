#include "verifier/judge/appraisal/steps/conclude.h"

#include <exception>

#include <fmt/core.h>

#include "verifier/judge/appraisal/facts/standing/identity.h"

namespace assay::judge {
namespace {

CheckOutcome run(const Examined& examined, const NamedCheck& named, bool required, CappedFindings& findings) {
    Judge judge(findings, &examined.inputs.policy.tiers);
    try {
        named.check->judge(examined, judge);
    } catch (const std::exception& error) {
        judge.report(findings::appraisal_internal_error, Tier::contraindicated, Basis::self_reported,
                     {.subject = "check " + std::string(named.name),
                      .expected = "a conclusion",
                      .actual = shown(error.what()),
                      .evidence = "this appraisal"});
    }
    auto tier = judge.tier();
    // What nobody but the host says cannot be affirmed.
    if (tier == Tier::affirming && judge.basis() == Basis::self_reported) tier = Tier::none;
    return {std::string(named.name),         named.check->claim, tier, judge.basis(),
            required || judge.is_required(), judge.summary()};
}

constexpr std::size_t kToCome = 4096;  // boot_id and the digests of the inputs, bytes

bool is_bounded(const AttestationResult& result) {
    constexpr std::size_t kBound = limits::kAttestationResult - kToCome;
    std::size_t at_most = 1024 + (6 * result.host.size());  // names of members and claims
    for (const auto& finding : result.findings) at_most += encoded_size_at_most(finding);
    for (const auto& check : result.checks)
        at_most += 256 + (6 * (check.check.size() + check.summary.size()));
    return at_most <= kBound || encode_attestation_result(result).size() <= kBound;
}

// What cannot be told is not affirmed. Without an outcome of a check nothing is taken over as known, either.
void refuse_to_tell(AttestationResult& result) {
    const auto count = result.findings.size();
    result.checks.clear();
    result.findings.clear();
    Judge judge(result.findings);
    judge.report(findings::appraisal_internal_error, Tier::contraindicated, Basis::self_reported,
                 {.subject = "appraisal",
                  .expected = fmt::format("a result of at most {} bytes", limits::kAttestationResult),
                  .actual = fmt::format("a larger one, of {} findings", count),
                  .evidence = "this appraisal"});
    result.tier = Tier::contraindicated;
    result.claims = {{TrustClaim::instance_identity, Tier::contraindicated}};
}

}  // namespace

Judgement run_checks(const Examined& examined, std::span<const NamedCheck> checks) {
    const auto& policy = examined.inputs.policy;
    Judgement judgement;
    judgement.outcomes.reserve(checks.size());
    CappedFindings found;
    for (const auto& named : checks) {
        const std::string name(named.name);
        if (policy.disabled_checks.contains(name) && named.name != kIndispensableCheck) {
            judgement.outcomes.push_back({name, named.check->claim, Tier::none, Basis::self_reported, false,
                                          "switched off by the policy"});
            continue;
        }
        const bool required = policy.required_checks.contains(name) || named.name == kIndispensableCheck;
        judgement.outcomes.push_back(run(examined, named, required, found));
    }
    judgement.findings = found.list();
    return judgement;
}

void conclude(Judgement judgement, AttestationResult& result) {
    std::optional<Tier> overall;
    for (const auto& outcome : judgement.outcomes) {
        result.claims.try_emplace(outcome.claim, Tier::none);
    }
    std::map<TrustClaim, Tier> settled;
    for (const auto& outcome : judgement.outcomes) {
        // An optional check without data says nothing either way.
        if (outcome.tier == Tier::none && !outcome.required) continue;
        const auto [claim, first] = settled.try_emplace(outcome.claim, outcome.tier);
        if (!first) claim->second = worst(claim->second, outcome.tier);
        overall = overall ? worst(*overall, outcome.tier) : outcome.tier;
    }
    for (const auto& [claim, tier] : settled) result.claims[claim] = tier;
    result.tier = overall.value_or(Tier::none);
    result.checks = std::move(judgement.outcomes);
    result.findings = std::move(judgement.findings);
    if (!is_bounded(result)) refuse_to_tell(result);
}

std::map<std::string, std::string> input_digests(const Context& context, const OpenedEvidence& opened) {
    Hasher sessions(HashAlgorithm::sha256);
    for (const auto& session : context.sessions) sessions.update(sha256(encode_work_session(session)).view());
    std::map<std::string, std::string> out{
        {"evidence", opened.digest().hex()},
        {"challenge", sha256(encode_challenge(context.challenge)).hex()},
        {"known_host", sha256(encode_known_host(context.known_host)).hex()},
        {"sessions", sessions.finish().hex()},
        {"policy", context.policy.digest.hex()},
        {"vendors", context.vendors.digest().hex()},
        {"roots", context.tpm_trust.digest().hex()}};
    if (const auto* activation = context.activation) {
        out["verifier_keys"] = activation->keys.hex();
        if (activation->token) out["activation"] = activation->token->hex();
    }
    return out;
}

}  // namespace assay::judge
