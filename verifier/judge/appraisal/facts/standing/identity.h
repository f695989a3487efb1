#pragma once

#include <memory>
#include <string>
#include <vector>

#include "evidence/certificate/ek_certificate.h"
#include "evidence/tpm/key/signature.h"
#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/steps/appraise.h"

/// Keys and certificates cost more to decode than to use, so the newest of each thread are kept, found by
/// every byte that they depend on: what comes out is what a new look would give.
namespace assay::judge {

/// An attestation key ready to verify with, and what is wrong with it.
struct AttestationKey {
    tcg::VerifyKey verify;
    std::vector<std::string> violations;  ///< of tcg::restricted_signing_key_violations
};
/// From the TPMT_PUBLIC.
Result<std::shared_ptr<const AttestationKey>> attestation_key(ByteView public_area);

/// Whether the key made this signature over `message`. Of what this thread asked last, the answer is kept:
/// evidence is proven, and then authenticated once more for those who have it from elsewhere.
tcg::SignatureVerdict verdict_on(const std::shared_ptr<const AttestationKey>& key, ByteView message,
                                 const tcg::Signature& signature);

/// What the certificates shown for the EK, or for the IAK, are worth at a time.
struct EkStanding {
    bool shown = false;            ///< there is a certificate
    bool is_about_the_ek = false;  ///< not asked of an IAK's, which was compared at enrolment
    bool trusted = false;          ///< a path to a pinned root
    bool revoked = false;          ///< the certificate, or a CA's above it
    bool unknown_ca = false;   ///< not trusted, and for no other reason than that no pinned root is above it
    std::string reason;        ///< why not, one line, printable
    std::string leaf;          ///< subject and serial number, printable
    std::string manufacturer;  ///< TCG attributes of the leaf, printable; empty if it has none
    std::string model;
};
/// What a TPM shows for its EK.
struct ShownEk {
    const Bytes& ek_public;                  ///< TPMT_PUBLIC
    const std::vector<Bytes>& certificates;  ///< DER, the EK's first
};
/// A look that nothing is kept of: for who is not known yet.
EkStanding ek_standing_now(const ShownEk& shown_ek, const TpmTrust& trust, std::int64_t now);
std::shared_ptr<const EkStanding> ek_standing(const Context& inputs);
/// Of the IAK that certified the AK at enrolment.
std::shared_ptr<const EkStanding> iak_standing(const Context& inputs);

/// Was the key shown to live beside the EK, and does a pinned root vouch for that TPM: for the EK, or for the
/// IAK that certified the AK? Writes the findings.
void judge_identity(const Context& inputs, Judge& judge);

}  // namespace assay::judge
