#include "evidence/certificate/certification.h"

#include <string>

#include "evidence/base/limits.h"
#include "evidence/tpm/attest_common.h"
#include "evidence/tpm/key/signature.h"

namespace assay::tcg {
namespace {

using Kind = EkReasonKind;

constexpr std::uint32_t kEndorsement = 0x4000'000b;  // TPM_RH_ENDORSEMENT (Part 2, 7.4)

Bytes read_name(ByteReader& in, std::string_view what) {
    const std::size_t at = in.offset();
    auto name = to_bytes(in.tpm2b(kTpm2bName, what));
    if (in.ok() && name.empty()) in.fail_at(at, ErrorCode::malformed, std::string(what) + " is empty");
    return name;
}

Certification read_certification(ByteReader& in) {
    Certification out;
    expect_attest(in, kAttestCertify, "a certification");
    read_attest_common(in, out);
    out.name = read_name(in, "name");
    out.qualified_name = read_name(in, "qualifiedName");
    return out;
}

/// The key with the scheme that verifies: the public area of an IDevID may leave it to the caller.
TpmPublic with_scheme(TpmPublic key, TpmKeyRole role, const Signature& signature) {
    if (role == TpmKeyRole::idevid && key.scheme.scheme == Scheme::null)
        key.scheme = {signature.scheme, signature.hash};
    return key;
}

using Found = VerdictOf<EkReasonKind>;

void judge_signature(const CertifyQuestion& question, const TpmPublic& signer, Found& found) {
    const auto signature = parse_signature(question.signature);
    if (!signature) return found.add(Kind::certify_scheme, describe(signature.error()));
    const auto key = VerifyKey::from(with_scheme(signer, question.role, *signature));
    if (!key) return found.add(Kind::public_malformed, describe(key.error()));
    const auto verdict = key->verify(question.attest, *signature);
    if (verdict == SignatureVerdict::valid) return;
    found.add(verdict == SignatureVerdict::invalid ? Kind::certify_signature : Kind::certify_scheme,
              std::string(to_string(verdict)));
}

}  // namespace

Result<Certification> parse_certification(ByteView attest) {
    if (attest.size() > limits::kQuote)
        return fail(ErrorCode::limit, "TPMS_ATTEST of " + std::to_string(attest.size()) + " bytes");
    return parse_exact(attest, "TPMS_ATTEST", read_certification);
}

Bytes encode_certification(const Certification& certification, std::uint32_t magic, std::uint16_t type) {
    ByteWriter out;
    write_attest_common(out, magic, type, certification);
    out.tpm2b(certification.name).tpm2b(certification.qualified_name);
    return out.take();
}

Digest certify_qualifying_data(TpmKeyRole role, ByteView challenge) {
    const std::string_view domain =
        role == TpmKeyRole::idevid ? "assay-enrol-idevid-v1" : "assay-enrol-iak-v1";
    return sha256(ByteWriter().text(domain).u8(0).bytes(challenge).view());
}

Result<Bytes> endorsement_qualified_name(ByteView public_area) {
    const auto key = TRY(parse_tpm_public(public_area));
    const auto name = TRY(compute_name(public_area));
    Hasher hasher(key.name_algorithm);
    hasher.update(ByteWriter().u32be(kEndorsement).bytes(name).view());
    return ByteWriter()
        .u16be(static_cast<std::uint16_t>(key.name_algorithm))
        .bytes(hasher.finish().view())
        .take();
}

std::vector<EkReason> judge_certifying_key(const CertifyQuestion& question) {
    Found found;
    const auto signer = parse_tpm_public(question.signer_public);
    if (!signer) {
        found.add(Kind::public_malformed, describe(signer.error()));
        return std::move(found.reasons);
    }
    if (!certificate_key_equals(question.certificate, *signer))
        found.add(Kind::key_differs, question.certificate.key_kind());
    if (question.role != TpmKeyRole::idevid) {
        for (auto& violation : restricted_signing_key_violations(*signer))
            found.add(Kind::not_restricted, std::move(violation));
    }
    return std::move(found.reasons);
}

std::vector<EkReason> judge_certification(const CertifyQuestion& question) {
    Found found{.reasons = judge_certifying_key(question), .checked = {}};
    const auto signer = parse_tpm_public(question.signer_public);
    if (!signer) return std::move(found.reasons);
    const auto certified = parse_certification(question.attest);
    if (!certified) found.add(Kind::certify_malformed, describe(certified.error()));
    judge_signature(question, *signer, found);
    if (certified) {
        const auto expected = certify_qualifying_data(question.role, question.challenge);
        if (!equal(certified->extra_data, expected.view())) found.add(Kind::certify_challenge);
        const auto name = compute_name(question.ak_public);
        if (!name || certified->name != *name) found.add(Kind::certify_name);
        const auto qualified = endorsement_qualified_name(question.signer_public);
        if (!qualified || certified->qualified_signer != *qualified) found.add(Kind::certify_signer);
    }
    return std::move(found.reasons);
}

}  // namespace assay::tcg
