#pragma once

#include "verifier/judge/rim/rim.h"

namespace assay::rim {

/// A concise reference integrity manifest (draft-ietf-rats-corim): signed as COSE_Sign1 (tags 18, 500, 502),
/// or unsigned (tags 500, 501) and then only with `trust.allow_unsigned`. The signature comes first
/// (cose_sign1.h), then the manifest's and the signer's validity at `trust.at_unix_time`, then the profile:
/// one that is not in `trust.profiles` makes the rest mean what is not known here. CoMIDs (tag 506) give the
/// values of their reference triples; CoSWIDs (505), other tags and other triples are named in `not_used`.
/// Offsets in errors are from the start of `bytes`.
Result<Rim> read_corim(ByteView bytes, const RimTrust& trust);

/// The same, and neither signature nor validity nor profile is asked about; a bare map without tags is read
/// too. For manifests that were judged before.
Result<Rim> read_corim_unverified(ByteView bytes);

}  // namespace assay::rim
