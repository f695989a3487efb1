#include "agent/enrol/ek_certificate_file.h"

#include <fmt/core.h>

#include "agent/devices/private_file.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/certificate/ek_certificate.h"
#include "evidence/certificate/pem.h"

namespace assay::agent {

Result<std::vector<Bytes>> read_ek_certificates(const std::filesystem::path& file, ByteView ek_public) {
    constexpr std::size_t kFile = 4 * limits::kCertificates * limits::kCertificate;
    const auto name = printable(file.string());
    const auto text = TRY(read_small_file(file, kFile));
    auto found = tcg::pem_or_der(std::as_bytes(std::span(text)), "CERTIFICATE");
    if (!found) return fail(ErrorCode::usage, fmt::format("{}: {}", name, describe(found.error())));
    if (found->size() > limits::kCertificates) {
        return fail(ErrorCode::usage,
                    fmt::format("{}: {} certificates; at most {} are sent: keep the EK's and "
                                "those of its path",
                                name, found->size(), limits::kCertificates));
    }
    const auto ek = TRY(tcg::parse_tpm_public(ek_public));
    for (std::size_t i = 0; i < found->size(); ++i) {
        const auto certificate = tcg::Certificate::parse((*found)[i]);
        if (!certificate)
            return fail(ErrorCode::usage, fmt::format("{}: {}", name, describe(certificate.error())));
        if (i == 0 && !tcg::certificate_key_equals(*certificate, ek)) {
            return fail(
                ErrorCode::usage,
                fmt::format("{}: its first certificate is about a key ({}) that is not this TPM's "
                            "endorsement key, an {} key: fetch that one's certificate",
                            name, certificate->key_kind(), ek.type() == tcg::KeyType::rsa ? "RSA" : "ECC"));
        }
        (*found)[i] = certificate->der();
    }
    return std::move(*found);
}

}  // namespace assay::agent
