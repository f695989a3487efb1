#pragma once

#include <memory>
#include <string>
#include <vector>

#include "evidence/tcg/ek_certificate.h"
#include "evidence/tcg/signature.h"
#include "verifier/appraisal/appraise.h"
#include "verifier/appraisal/check.h"

/// Keys and certificates cost more to decode than to use, so the newest of each thread are kept, found by
/// every byte that they depend on: what comes out is what a new look would give.
namespace assay {

/// An attestation key ready to verify with, and what is wrong with it.
struct AttestationKey {
    tcg::VerifyKey verify;
    std::vector<std::string> violations;  ///< of tcg::restricted_signing_key_violations
};
/// From the TPMT_PUBLIC.
Result<std::shared_ptr<const AttestationKey>> attestation_key(ByteView public_area);

/// What the certificates shown for the EK are worth at a time.
struct EkStanding {
    bool shown = false;  ///< there is a certificate
    bool is_about_the_ek = false;
    bool trusted = false;      ///< a path to a pinned root
    std::string reason;        ///< why not, one line, printable
    std::string leaf;          ///< subject and serial number, printable
    std::string manufacturer;  ///< TCG attributes of the leaf, printable; empty if it has none
    std::string model;
};
std::shared_ptr<const EkStanding> ek_standing(const AppraisalInputs& inputs);

/// Was the key shown to live beside the EK, and does a pinned TPM maker vouch for that EK? Writes the
/// findings.
void judge_identity(const AppraisalInputs& inputs, Judge& judge);

/// SHA-256 over the SHA-256 of each root, in the order given.
Digest roots_digest(const std::vector<Bytes>& roots);

}  // namespace assay
