#pragma once

#include "evidence/certificate/platform/judge_platform_certificate.h"

/// Inside evidence/certificate/platform: the parts of the judgement on platform certificates.
namespace assay::tcg::platform_judgement {

using enum PlatformReasonKind;

/// "delta 1f": type and serial of a certificate.
std::string name_of(const PlatformCertificate& certificate);

/// Algorithm, signature over acinfo, issuer and its path to a root.
void judge_signature(const PlatformCertificate& certificate, const PlatformQuestion& question,
                     PlatformVerdict& verdict);

/// The base's components into verdict.components, then each delta's changes in the order of their dates.
void apply_deltas(const PlatformCertificate& base, std::vector<const PlatformCertificate*> deltas,
                  PlatformVerdict& verdict);

bool same_name(ByteView a, ByteView b);  ///< DER Names, compared as RFC 5280, 7.1 says
bool same_name(const IssuerSerial& a, const IssuerSerial& b);

}  // namespace assay::tcg::platform_judgement
