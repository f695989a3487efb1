#include "verifier/api/identity.h"

#include <fmt/ranges.h>

#include "evidence/base/byte_writer.h"
#include "evidence/base/text.h"
#include "evidence/tcg/credential.h"
#include "evidence/tcg/ek_certificate.h"

namespace assay::api {
namespace {

void padded(ByteWriter& out, const Bytes& number, std::size_t size) {
    for (std::size_t i = number.size(); i < size; ++i) out.u8(0);
    out.bytes(number);
}

}  // namespace

std::string key_digest(const tcg::TpmPublic& key) {
    ByteWriter out;
    if (const auto* rsa = std::get_if<tcg::RsaPublic>(&key.key)) {
        out.text("rsa").u8(0).u32be(rsa->exponent).bytes(rsa->modulus);
    } else {
        const auto& ecc = std::get<tcg::EccPublic>(key.key);
        const auto size = tcg::coordinate_size(ecc.curve);
        out.text("ecc").u8(0).u16be(static_cast<std::uint16_t>(ecc.curve));
        padded(out, ecc.x, size);
        padded(out, ecc.y, size);
    }
    return sha256(out.view()).hex();
}

Result<Applicant> examine_applicant(std::string host, Bytes ek_public, std::vector<Bytes> ek_certificates,
                                    Bytes ak_public) {
    auto ek = TRY(with_context(tcg::parse_tpm_public(ek_public), "ek_public"));
    const auto ak = TRY(with_context(tcg::parse_tpm_public(ak_public), "ak_public"));
    std::vector<std::string> reasons;
    for (auto& violation : tcg::ek_template_violations(ek)) reasons.push_back("EK: " + std::move(violation));
    for (auto& violation : tcg::restricted_signing_key_violations(ak)) {
        reasons.push_back("AK: " + std::move(violation));
    }
    if (!ek_certificates.empty()) {
        const auto leaf = tcg::Certificate::parse(ek_certificates.front());
        if (leaf && !tcg::certificate_key_equals(*leaf, ek)) {
            reasons.emplace_back("EK: the first EK certificate is about another key");
        }
    }
    if (!reasons.empty()) {
        return fail(ErrorCode::refused, printable(fmt::format("identity: {}", fmt::join(reasons, "; "))));
    }
    Applicant applicant;
    applicant.ak_name = TRY(tcg::compute_name(ak_public));
    applicant.identity = {std::move(host),      key_digest(ek),       key_digest(ak),
                          std::move(ek_public), std::move(ak_public), std::move(ek_certificates)};
    applicant.ek = std::move(ek);
    return applicant;
}

}  // namespace assay::api
