#pragma once

#include "evidence/certificate/platform/judge_platform_certificate.h"

/// Inside evidence/certificate/platform: the parts of the judgement on platform certificates.
namespace assay::tcg::platform_judgement {

/// Index into platform_reasons().
enum Kind : std::size_t {
    malformed,  // said by whoever reads the file
    critical_extension_unknown,
    signature_algorithm_not_allowed,
    issuer_not_given,
    signature_invalid,
    issuer_may_not_sign,
    issuer_not_trusted,
    roots_not_given,
    not_yet_valid,
    expired,
    base_not_given,
    two_bases,
    given_twice,
    base_has_status,
    ek_not_given,
    holder_is_another,
    holder_digest_not_known,
    holder_names_nothing,
    components_elsewhere,
    delta_of_another_base,
    delta_of_another_platform,
    delta_older_than_base,
    delta_without_status,
    delta_adds_what_is_there,
    delta_adds_what_was_removed,
    delta_changes_what_is_not_there,
    delta_is_ambiguous,
    no_components,
    revocation_not_checked,
    quirk_pem_long_lines,
    quirk_bare_name_in_san,
    quirk_nested_specification,
    quirk_subject_directory_attributes,
    kKinds
};

void says(PlatformVerdict& verdict, Kind kind, const std::string& more = "");

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
