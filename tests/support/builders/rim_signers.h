#pragma once

#include <string>

#include "tests/support/certificates/certificate_builder.h"

namespace assay::test {

inline constexpr std::int64_t kRimTime = 1'790'000'000;

/// A maker's root and its signer's certificate, each with a key of its own.
struct RimSigners {
    CertificateSpec root = CertificateSpec::ca("Test Maker Root", "Test Maker Root");
    CertificateSpec signer = signer_spec("Test Maker RIM signer", "Test Maker Root");
    EVP_PKEY* root_key = shared_key(Key::p384);
    EVP_PKEY* signer_key = shared_key(Key::rsa2048);

    static CertificateSpec signer_spec(const std::string& subject, const std::string& issuer) {
        CertificateSpec spec;
        spec.subject = subject;
        spec.issuer = issuer;
        spec.extensions = {{"basicConstraints", "critical,CA:FALSE"},
                           {"keyUsage", "critical,digitalSignature"},
                           {"authorityKeyIdentifier", "keyid"}};
        return spec;
    }
    struct Made {
        tcg::Certificate root, signer;
    };
    [[nodiscard]] Made make() const {
        auto made_root = tcg::Certificate::parse(make_certificate(root, root_key, root_key, nullptr)).value();
        auto made_signer =
            tcg::Certificate::parse(make_certificate(signer, signer_key, root_key, &made_root)).value();
        return {std::move(made_root), std::move(made_signer)};
    }
};

}  // namespace assay::test
