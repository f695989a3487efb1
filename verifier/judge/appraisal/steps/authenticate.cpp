#include "verifier/judge/appraisal/steps/authenticate.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/tpm/judge_quote.h"
#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/facts/standing/identity.h"
#include "verifier/judge/appraisal/steps/prove.h"

namespace assay::judge {

struct Authenticator {
    const Evidence& evidence;
    const Context& in;
    Authentication out;
    Judge judge{out.findings};
    Result<tcg::Signature> signature = tcg::parse_signature(evidence.signature);
    Result<std::shared_ptr<const AttestationKey>> key = attestation_key(in.known_host.ak_public);
    std::shared_ptr<const BoundManifest> proof =
        manifest_of_last_proof(in.challenge.nonce, evidence.manifest);
    Digest binding = proof ? proof->binding : evidence_binding(in.challenge.nonce, evidence.manifest);
    tcg::JudgedQuote judged = judged_quote();
    bool authentic = true;  // nothing so far says that the quote is not this host's answer to this challenge

    [[nodiscard]] tcg::JudgedQuote judged_quote() const {
        tcg::QuoteQuestion question{.attest = evidence.quote,
                                    .signature = signature ? &*signature : nullptr,
                                    .extra_data = binding.view()};
        if (key) {
            question.verify = [this](ByteView attest, const tcg::Signature& made) {
                return verdict_on(*key, attest, made);
            };
        }
        return tcg::judge_quote(question);
    }

    void refuses(const FindingKind& kind, Details details) {
        authentic = false;
        judge.report(kind, Tier::contraindicated, Basis::self_reported, std::move(details));
    }

    void structure() {
        if (judged.fault) {
            refuses(findings::quote_structure, {.subject = "quote",
                                                .expected = "TPMS_ATTEST of type TPM_ST_ATTEST_QUOTE",
                                                .actual = describe(*judged.fault),
                                                .evidence = "quote"});
        } else {
            out.unverified = std::move(judged.reading.fields);
        }
        out.binding = binding;
        if (proof) {
            out.manifest = {proof, &proof->manifest};
        } else if (auto manifest = decode_manifest(evidence.manifest)) {
            out.manifest = std::make_shared<const Manifest>(*std::move(manifest));
        } else {
            refuses(findings::manifest_structure, {.subject = "manifest",
                                                   .expected = "a manifest in deterministic CBOR",
                                                   .actual = describe(manifest.error()),
                                                   .evidence = "manifest"});
        }
    }

    void key_and_signature() {
        if (signature) {
            out.scheme_hash = signature->hash;
        } else {
            refuses(findings::quote_structure, {.subject = "signature of the quote",
                                                .expected = "TPMT_SIGNATURE",
                                                .actual = describe(signature.error()),
                                                .evidence = "signature"});
        }
        if (!key) {
            refuses(findings::identity_ak, {.subject = "attestation key",
                                            .expected = "a public area that can be used",
                                            .actual = describe(key.error()),
                                            .evidence = "enrolment: ak_public"});
            return;
        }
        if (!(*key)->violations.empty()) {
            refuses(findings::identity_ak, {.subject = "attestation key",
                                            .expected = "a restricted signing key made in the TPM",
                                            .actual = fmt::format("{}", fmt::join((*key)->violations, "; ")),
                                            .evidence = "enrolment: ak_public"});
        }
        if (judged.signature && *judged.signature != tcg::SignatureVerdict::valid) {
            refuses(findings::quote_signature, {.subject = "signature of the quote",
                                                .expected = "valid under the enrolled attestation key",
                                                .actual = std::string(tcg::to_string(*judged.signature)),
                                                .evidence = "signature"});
        }
    }

    void freshness() {
        if (evidence.nonce != in.challenge.nonce || in.challenge.nonce.size() != kNonceSize) {
            refuses(findings::quote_nonce, {.subject = "nonce",
                                            .expected = to_hex(in.challenge.nonce),
                                            .actual = to_hex(evidence.nonce),
                                            .evidence = "evidence: nonce"});
        }
        if (in.now > in.challenge.expires_at || in.now < in.challenge.issued_at) {
            refuses(findings::quote_expired,
                    {.subject = "challenge",
                     .expected = fmt::format("judged from {} to {}", utc_text(in.challenge.issued_at),
                                             utc_text(in.challenge.expires_at)),
                     .actual = fmt::format("judged at {}", utc_text(in.now)),
                     .evidence = "challenge"});
        }
        if (out.unverified && !judged.over_extra_data) {
            refuses(findings::quote_manifest, {.subject = "binding of nonce and manifest",
                                               .expected = binding.hex(),
                                               .actual = to_hex(out.unverified->extra_data),
                                               .evidence = "quote: extraData"});
        }
    }

    void selection() {
        if (!out.unverified) return;
        const auto asked = tcg::pcr_selection_from_text(in.challenge.selection);
        const auto wanted = in.policy.pcr_selection == in.challenge.selection
                                ? asked
                                : tcg::pcr_selection_from_text(in.policy.pcr_selection);
        const auto& signed_selection = out.unverified->selection;
        const bool as_asked = asked && signed_selection == *asked && !signed_selection.selects_nothing();
        if (!as_asked || !wanted || !signed_selection.covers(*wanted)) {
            refuses(findings::quote_selection, {.subject = "PCR selection",
                                                .expected = as_asked ? in.policy.pcr_selection + " (policy)"
                                                                     : shown(in.challenge.selection),
                                                .actual = to_text(signed_selection),
                                                .evidence = "quote: pcrSelect"});
        }
    }

    void host() {
        if (!out.manifest || out.manifest->host == in.known_host.name) return;
        refuses(findings::manifest_host, {.subject = "host name",
                                          .expected = shown(in.known_host.name),
                                          .actual = shown(out.manifest->host),
                                          .evidence = "manifest: host"});
    }

    Authentication run() {
        structure();
        key_and_signature();
        freshness();
        selection();
        host();
        if (authentic && out.unverified && out.manifest) out.verified = VerifiedQuote(*out.unverified);
        judge_identity(in, judge);
        return std::move(out);
    }
};

Authentication authenticate(const Evidence& evidence, const Context& context) {
    return Authenticator{.evidence = evidence, .in = context, .out = {}}.run();
}

}  // namespace assay::judge
