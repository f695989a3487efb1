#include "verifier/judge/appraisal/facts/standing/activation.h"

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay::judge {
namespace {

using Shown = ShownActivation::Standing;

constexpr const char* kInBundle = "bundle: activation";
constexpr const char* kActivated = "attestation key";

/// What a statement says, against what is known of the host. Each is the first thing that is wrong.
struct Mismatch {
    std::string expected, actual;
};
std::optional<Mismatch> mismatch_of(const ActivationStatement& said, const KnownHost& known) {
    if (said.host != known.name)
        return Mismatch{fmt::format("a statement about host {}", shown(known.name)),
                        fmt::format("one about host {}", shown(said.host))};
    const auto ak = sha256(known.ak_public);
    if (said.ak != ak)
        return Mismatch{fmt::format("a statement about the attestation key {}", ak.hex()),
                        fmt::format("one about the attestation key {}", said.ak.hex())};
    const auto ek = sha256(known.ek_public);
    if (said.ek != ek)
        return Mismatch{fmt::format("a statement about the endorsement key {}", ek.hex()),
                        fmt::format("one about the endorsement key {}", said.ek.hex())};
    return std::nullopt;
}

/// Nothing where it speaks for `now`.
std::optional<Mismatch> untimely(const ActivationStatement& said, std::int64_t now) {
    if (said.issued_at > now + kActivationSkew_s)
        return Mismatch{fmt::format("a statement from before {}, the time of the evidence", utc_text(now)),
                        fmt::format("one issued at {}", utc_text(said.issued_at))};
    if (now >= said.expires_at)
        return Mismatch{fmt::format("a statement that holds at {}", utc_text(now)),
                        fmt::format("one that expired at {}", utc_text(said.expires_at))};
    return std::nullopt;
}

void report_missing(Judge& judge, std::string expected) {
    judge.report(
        findings::identity_not_activated, Tier::none, Basis::self_reported,
        {.subject = kActivated, .expected = std::move(expected), .actual = "none", .evidence = "enrolment"});
}

void report_unverified(const ShownActivation& activation, Judge& judge) {
    // Whoever altered it hides something; with the wrong file of keys nothing can be told.
    const auto tier = activation.standing == Shown::altered ? Tier::contraindicated : Tier::none;
    judge.report(findings::identity_activation_unverified, tier, Basis::self_reported,
                 {.subject = kActivated,
                  .expected = "a statement of activation that one of the verifier's keys signed",
                  .actual = shown(activation.reason),
                  .evidence = kInBundle});
}

void judge_statement(const ActivationStatement& said, const Context& inputs, Judge& judge) {
    if (auto wrong = mismatch_of(said, inputs.known_host)) {
        judge.report(findings::identity_activation_mismatch, Tier::contraindicated, Basis::self_reported,
                     {.subject = kActivated,
                      .expected = std::move(wrong->expected),
                      .actual = std::move(wrong->actual),
                      .evidence = kInBundle});
    }
    if (auto wrong = untimely(said, inputs.now)) {
        judge.report(findings::identity_activation_untimely, Tier::none, Basis::self_reported,
                     {.subject = kActivated,
                      .expected = std::move(wrong->expected),
                      .actual = std::move(wrong->actual),
                      .evidence = kInBundle});
    }
}

}  // namespace

void judge_activation(const Context& inputs, Judge& judge) {
    const auto* activation = inputs.activation;
    if (activation == nullptr) {
        if (!inputs.known_host.ak_activated)
            report_missing(judge, "an answered credential of the endorsement key");
        return;
    }
    if (activation->standing == Shown::missing)
        return report_missing(judge,
                              "the verifier's statement that the endorsement key's TPM answered for it");
    if (activation->standing != Shown::authentic || !activation->statement)
        return report_unverified(*activation, judge);
    judge_statement(*activation->statement, inputs, judge);
}

std::string activation_words(const Context& inputs) {
    const auto* activation = inputs.activation;
    if (activation == nullptr || activation->standing != Shown::authentic || !activation->statement)
        return {};
    const auto& said = *activation->statement;
    if (mismatch_of(said, inputs.known_host) || untimely(said, inputs.now)) return {};
    return fmt::format(
        "activated at {} by the word of verifier key {}; whether that was revoked since is not known",
        utc_text(said.activated_at), shown(activation->key_id));
}

}  // namespace assay::judge
