#include "verifier/service/api/enrol/device_keys.h"

#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "evidence/base/text.h"
#include "evidence/certificate/certification.h"
#include "evidence/certificate/iak_certificate.h"
#include "verifier/service/api/enrol/certificates.h"

namespace assay::api {
namespace {

using Role = tcg::TpmKeyRole;
using Reason = tcg::EkReasonKind;

/// What stands against a key, as a refusal says it.
class Against {
  public:
    void add(Role role, const tcg::EkReason& reason) {
        if (reason.effect() == Effect::remark) return;
        texts_.push_back(fmt::format("{}: {}", tcg::reason_id(role, reason.kind), reason.text()));
    }
    [[nodiscard]] Result<> result(const std::string& host) const {
        if (texts_.empty()) return {};
        auto text = printable(fmt::format("identity: {}", fmt::join(texts_, "; ")));
        spdlog::warn("enrolment refused: host={} {}", printable(host), text);
        return fail(
            ErrorCode::refused,
            text +
                "; where only the root of the device's maker is not pinned, have the verifier's owner "
                "pin it, or set device_identity = false in the agent's configuration to enrol by the "
                "EK alone");
    }

  private:
    std::vector<std::string> texts_;
};

void examine(Role role, const store::DeviceKey& key, const Service& service, Against& against) {
    if (!key.shown()) return;
    const auto chain = parse_certificates(key.certificates);
    if (!chain || chain->empty()) {
        const auto why = chain ? std::string("no certificate") : describe(chain.error());
        return against.add(role, {Reason::malformed, why});
    }
    const auto verdict =
        tcg::verify_iak_certificate({.leaf = chain->front(),
                                     .intermediates = std::span(*chain).subspan(1),
                                     .pinned_roots = service.tpm_trust.roots(),
                                     .at_unix_time = service.now(),
                                     .revocation_lists = service.tpm_trust.revocation_lists(),
                                     .lists_of_many_makers = true,
                                     .role = role});
    for (const auto& reason : verdict.reasons) against.add(role, reason);
    const tcg::CertifyQuestion question{.role = role,
                                        .certificate = chain->front(),
                                        .signer_public = key.public_area,
                                        .ak_public = {},
                                        .challenge = {},
                                        .attest = {},
                                        .signature = {}};
    for (const auto& reason : tcg::judge_certifying_key(question)) against.add(role, reason);
}

void check(Role role, const store::DeviceKey& key, const store::Identity& identity, ByteView challenge,
           const KeyProof& proof, Against& against) {
    if (!key.shown()) {
        if (proof.shown()) against.add(role, {Reason::certify_malformed, "its certificate was not shown"});
        return;
    }
    if (!proof.shown()) return against.add(role, {Reason::certify_missing, ""});
    const auto chain = parse_certificates(key.certificates);
    if (!chain || chain->empty()) return against.add(role, {Reason::malformed, "as it was stored"});
    const tcg::CertifyQuestion question{.role = role,
                                        .certificate = chain->front(),
                                        .signer_public = key.public_area,
                                        .ak_public = identity.ak_public,
                                        .challenge = challenge,
                                        .attest = proof.attest,
                                        .signature = proof.signature};
    for (const auto& reason : tcg::judge_certification(question)) against.add(role, reason);
}

}  // namespace

Result<> examine_device_keys(const Service& service, const store::Identity& identity) {
    Against against;
    examine(Role::iak, identity.iak, service, against);
    examine(Role::idevid, identity.idevid, service, against);
    return against.result(identity.host);
}

Result<> check_device_proofs(const store::Identity& identity, ByteView challenge, const KeyProofs& proofs) {
    Against against;
    check(Role::iak, identity.iak, identity, challenge, proofs.iak, against);
    check(Role::idevid, identity.idevid, identity, challenge, proofs.idevid, against);
    return against.result(identity.host);
}

}  // namespace assay::api
