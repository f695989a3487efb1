// A bundle that a host saved, appraised where there is no network: what is put there in place of the
// verifier's statement that the TPM answered for the attestation key.
#include "cli/hosts/activation.h"
#include "tests/attacks/attack.h"
#include "tests/support/appraisal/activation_builder.h"

using namespace assay;
using namespace assay::test;

namespace {

/// The host's owner has the bundle, tokens of other hosts, and keys of their own; the verifier's keys are
/// with whoever appraises.
struct Bench {
    StatementSigner verifier;
    AppraisalCase made = saved_by_host();
    ActivationStatement statement = statement_about(made.bundle.known_host);
    std::optional<std::string> token = verifier.token(statement);

    static AppraisalCase saved_by_host() {
        EvidenceBuilder builder;
        auto out = builder.build();
        out.bundle.known_host.ak_activated = false;
        return out;
    }
    Outcome appraised() {
        made.activation = cli::verify_activation(token, verifier.jwks()).value();
        return assay::test::outcome_of(made.appraise().result);
    }
    static Outcome with(const std::function<void(Bench&)>& attack) {
        Bench bench;
        attack(bench);
        return bench.appraised();
    }
    static Outcome honest() {
        return with([](Bench&) {});
    }
    /// What the verifier itself said, of something else.
    static Outcome genuine(const std::function<void(ActivationStatement&)>& change) {
        return with([&](Bench& bench) {
            change(bench.statement);
            bench.token = bench.verifier.token(bench.statement);
        });
    }
};

}  // namespace

ATTACK_RUN(
    "activation: of another attestation key",
    "enrols an honest key of this TPM, and shows its statement beside a software key",
    "identity.activation_mismatch", "contraindicated",
    [] {
        return Bench::genuine([](ActivationStatement& said) {
            said.ak = sha256(encode_tpm_public(ak_public(fresh_key(Key::p256).get())));
        });
    },
    Bench::honest)
ATTACK_RUN(
    "activation: of another TPM", "shows the statement about an endorsement key of another TPM",
    "identity.activation_mismatch", "contraindicated",
    [] {
        return Bench::genuine([](ActivationStatement& said) {
            said.ek = sha256(encode_tpm_public(ek_public(fresh_key(Key::p384).get())));
        });
    },
    Bench::honest)
ATTACK_RUN(
    "activation: of another host", "shows the statement of this TPM under another name",
    "identity.activation_mismatch", "contraindicated",
    [] { return Bench::genuine([](ActivationStatement& said) { said.host = "rack-8"; }); }, Bench::honest)
ATTACK_RUN(
    "activation: another key with the same number",
    "shows a key with other attributes than the activated one", "identity.activation_mismatch",
    "contraindicated",
    [] {
        return Bench::genuine([](ActivationStatement& said) {
            auto loose = ak_public(shared_key(Key::p256));
            loose.attributes =
                tcg::ObjectAttributes(loose.attributes.bits() & ~tcg::ObjectAttributes::kRestricted);
            said.ak = sha256(encode_tpm_public(loose));
        });
    },
    Bench::honest)
ATTACK_RUN(
    "activation: altered", "writes its own name into another host's statement",
    "identity.activation_unverified", "contraindicated",
    [] {
        return Bench::with([](Bench& bench) {
            bench.statement.host = "rack-8";
            bench.token = token_with(bench.verifier.token(bench.statement), "rack-8", "rack-7");
        });
    },
    Bench::honest)
ATTACK_RUN(
    "activation: signed by itself under the verifier's name",
    "signs with a key of its own under the verifier's key id", "identity.activation_unverified",
    "contraindicated",
    [] { return Bench::with([](Bench& bench) { bench.token = StatementSigner().token(bench.statement); }); },
    Bench::honest)
ATTACK_RUN(
    "activation: signed by itself", "signs with a key of its own, and says so",
    "identity.activation_unverified", "none",
    [] {
        return Bench::with([](Bench& bench) {
            StatementSigner itself;
            itself.key_id = "itself";
            bench.token = itself.token(bench.statement);
        });
    },
    Bench::honest)
ATTACK_RUN(
    "activation: a result in its place", "shows a signed result of the verifier as a statement",
    "identity.activation_unverified", "none",
    [] {
        return Bench::with([](Bench& bench) {
            bench.token = bench.verifier.signed_claims(
                R"({"eat_profile":"tag:ietf.org,2026:rats/ear#05","iat":1,"exp":2,"submods":{"rack-7":{}}})");
        });
    },
    Bench::honest)
ATTACK_RUN(
    "activation: the bundle's own word",
    "leaves the statement out and writes into the bundle that it was activated", "identity.not_activated",
    "none",
    [] {
        return Bench::with([](Bench& bench) {
            bench.token.reset();
            bench.made.bundle.known_host.ak_activated = true;
        });
    },
    Bench::honest)
ATTACK_RUN(
    "activation: expired", "shows a statement whose time is over", "identity.activation_untimely", "none",
    [] { return Bench::genuine([](ActivationStatement& said) { said.expires_at = kNow; }); }, Bench::honest)
ATTACK_RUN(
    "activation: later than the evidence", "shows evidence of before its enrolment with a statement of after",
    "identity.activation_untimely", "none",
    [] { return Bench::genuine([](ActivationStatement& said) { said.issued_at = kNow + 86'400; }); },
    Bench::honest)
