#include "verifier/appraisal/conclude.h"

#include <exception>

#include "verifier/appraisal/identity.h"

namespace assay {
namespace {

CheckOutcome run(const Examined& examined, const NamedCheck& named, bool required,
                 std::vector<Finding>& findings) {
    Judge judge(findings, &examined.inputs.policy.tiers);
    try {
        named.check->judge(examined, judge);
    } catch (const std::exception& error) {
        judge.finds(findings::appraisal_internal_error, Tier::contraindicated, Basis::self_reported,
                    {.subject = "check " + std::string(named.name),
                     .expected = "a conclusion",
                     .actual = shown(error.what()),
                     .evidence = "this appraisal"});
    }
    auto tier = judge.tier();
    // What nobody but the host says cannot be affirmed.
    if (tier == Tier::affirming && judge.basis() == Basis::self_reported) tier = Tier::none;
    return {std::string(named.name),          named.check->claim, tier, judge.basis(),
            required || judge.is_insisting(), judge.summary()};
}

}  // namespace

Judgement run_checks(const Examined& examined, std::span<const NamedCheck> checks) {
    const auto& policy = examined.inputs.policy;
    Judgement judgement;
    for (const auto& named : checks) {
        const std::string name(named.name);
        if (policy.disabled_checks.contains(name) && named.name != kIndispensableCheck) {
            judgement.outcomes.push_back({name, named.check->claim, Tier::none, Basis::self_reported, false,
                                          "switched off by the policy"});
            continue;
        }
        const bool required = policy.required_checks.contains(name) || named.name == kIndispensableCheck;
        judgement.outcomes.push_back(run(examined, named, required, judgement.findings));
    }
    return judgement;
}

void conclude(const Judgement& judgement, AttestationResult& result) {
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
    result.checks = judgement.outcomes;
    result.findings = judgement.findings;
}

std::map<std::string, std::string> input_digests(const AppraisalInputs& inputs,
                                                 const NamedSections& sections) {
    Hasher evidence(HashAlgorithm::sha256);
    evidence.update(kEvidenceDomain);
    const auto part = [&](ByteView bytes) { evidence.update(sha256(bytes).view()); };
    part(inputs.evidence.nonce);
    part(inputs.evidence.manifest);
    part(inputs.evidence.quote);
    part(inputs.evidence.signature);
    for (const auto& [name, entry] : sections.entries()) {
        if (!entry.actual) continue;
        part(as_view(name));
        evidence.update(entry.actual->view());
    }
    Hasher sessions(HashAlgorithm::sha256);
    for (const auto& session : inputs.sessions) sessions.update(sha256(encode_work_session(session)).view());
    return {{"evidence", evidence.finish().hex()},
            {"challenge", sha256(encode_challenge(inputs.challenge)).hex()},
            {"known_host", sha256(encode_known_host(inputs.known_host)).hex()},
            {"sessions", sessions.finish().hex()},
            {"policy", inputs.policy.digest.hex()},
            {"vendors", inputs.vendors.digest().hex()},
            {"roots", inputs.tpm_trust.digest().hex()}};
}

}  // namespace assay
