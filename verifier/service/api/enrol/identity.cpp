#include "verifier/service/api/enrol/identity.h"

#include <algorithm>
#include <span>

#include <fmt/ranges.h>

#include "evidence/base/text.h"
#include "evidence/certificate/ek_certificate.h"
#include "evidence/tpm/key/credential.h"
#include "evidence/tpm/key/key_digest.h"
#include "evidence/tpm/key/public_key_info.h"

namespace assay::api {

std::vector<std::string> tpm_digests(const tcg::TpmPublic& ek, const std::vector<Bytes>& certificates) {
    std::vector<std::string> digests{tcg::key_digest(ek)};
    if (const auto info = tcg::subject_public_key_info(ek)) digests.push_back(sha256(*info).hex());
    for (const auto& shown : certificates) {
        const auto certificate = tcg::Certificate::parse(shown);
        if (certificate && tcg::certificate_key_equals(*certificate, ek))
            digests.push_back(certificate->sha256().hex());
    }
    return digests;
}

namespace {

/// A purchase list may name a TPM by the certificate of its IAK or IDevID too.
void add_certificate_digests(const store::DeviceKey& key, std::vector<std::string>& digests) {
    if (key.certificates.empty()) return;
    if (const auto certificate = tcg::Certificate::parse(key.certificates.front()))
        digests.push_back(certificate->sha256().hex());
}

}  // namespace

bool has_tpm_digest(const store::Identity& enrolled, const std::string& tpm_digest) {
    if (std::ranges::find(enrolled.other_eks, tpm_digest) != enrolled.other_eks.end()) return true;
    if (enrolled.ek_digest == tpm_digest) return true;
    const auto ek = tcg::parse_tpm_public(enrolled.ek_public);
    if (!ek) return false;
    auto digests = tpm_digests(*ek, enrolled.ek_certificates);
    add_certificate_digests(enrolled.iak, digests);
    add_certificate_digests(enrolled.idevid, digests);
    return std::ranges::find(digests, tpm_digest) != digests.end();
}

namespace {

/// Reads one EK of the claim into `applicant`; what is wrong with it goes to `reasons`.
Result<std::string> examine_ek(const Bytes& ek_public, std::string_view what,
                               const std::vector<Bytes>& certificates, Applicant& applicant,
                               std::vector<std::string>& reasons) {
    auto key = TRY(with_context(tcg::parse_tpm_public(ek_public), what));
    for (const auto& violation : tcg::ek_template_violations(key))
        reasons.push_back(fmt::format("{}: {}", what, violation));
    auto digest = tcg::key_digest(key);
    for (auto& each : tpm_digests(key, certificates)) applicant.digests.push_back(std::move(each));
    applicant.eks.push_back(std::move(key));
    return digest;
}

/// Certificates that do not parse are judged in the appraisal; one that is about another key is refused now.
bool is_about_another(const Bytes& shown, std::span<const tcg::TpmPublic> keys) {
    const auto certificate = tcg::Certificate::parse(shown);
    return certificate && std::ranges::none_of(keys, [&](const tcg::TpmPublic& key) {
               return tcg::certificate_key_equals(*certificate, key);
           });
}

}  // namespace

Result<Applicant> examine_applicant(std::string host, Claim claim) {
    const auto ak = TRY(with_context(tcg::parse_tpm_public(claim.ak_public), "ak_public"));
    Applicant applicant;
    std::vector<std::string> reasons;
    auto ek_digest = TRY(examine_ek(claim.ek_public, "EK", claim.ek_certificates, applicant, reasons));
    if (!claim.ek_certificates.empty() && is_about_another(claim.ek_certificates.front(), applicant.eks))
        reasons.emplace_back("EK: the first EK certificate is about another key");
    std::vector<std::string> others;
    for (const auto& other : claim.other_eks) {
        auto digest = TRY(examine_ek(other, "other EK", claim.other_certificates, applicant, reasons));
        if (digest == ek_digest || std::ranges::find(others, digest) != others.end())
            reasons.emplace_back("other EK: it is shown twice");
        others.push_back(std::move(digest));
    }
    for (const auto& certificate : claim.other_certificates) {
        if (is_about_another(certificate, std::span(applicant.eks).subspan(1)))
            reasons.emplace_back("other EK: a certificate is about another key");
    }
    for (auto& violation : tcg::restricted_signing_key_violations(ak)) {
        reasons.push_back("AK: " + std::move(violation));
    }
    if (!reasons.empty()) {
        return fail(ErrorCode::refused, printable(fmt::format("identity: {}", fmt::join(reasons, "; "))));
    }
    applicant.other_certificates = std::move(claim.other_certificates);
    add_certificate_digests(claim.iak, applicant.digests);
    add_certificate_digests(claim.idevid, applicant.digests);
    applicant.ak_name = TRY(tcg::compute_name(claim.ak_public));
    applicant.identity = {std::move(host),
                          std::move(ek_digest),
                          tcg::key_digest(ak),
                          std::move(claim.ek_public),
                          std::move(claim.ak_public),
                          std::move(claim.ek_certificates),
                          std::move(others),
                          std::move(claim.iak),
                          std::move(claim.idevid)};
    return applicant;
}

}  // namespace assay::api
