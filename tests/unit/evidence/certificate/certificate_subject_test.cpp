#include <catch2/catch.hpp>

#include "evidence/certificate/certificate_key.h"
#include "tests/support/certificates/ek_path_builder.h"

namespace {

using namespace assay;
using namespace assay::test;

// By OpenSSL's own reader, which decodes the key too.
std::optional<std::string> subject_by_openssl(ByteView der) {
    const auto* next = as_uchar(der);
    const CHandle<X509, X509_free> certificate(d2i_X509(nullptr, &next, static_cast<long>(der.size())));
    if (!certificate) return std::nullopt;
    return tcg::certificate_name(X509_get_subject_name(certificate.get()));
}

}  // namespace

TEST_CASE("a certificate's subject is named without its key being decoded") {
    const auto path = EkPathBuilder().make();
    CHECK(tcg::certificate_subject_name(path.intermediate.der()) == "CN=Test TPM CA");
    CHECK(tcg::certificate_subject_name(path.leaf.der()) == "");
    CHECK_FALSE(tcg::certificate_subject_name({}));
}

TEST_CASE(
    "what has a subject is what OpenSSL's own reader takes for a certificate, whatever octet is spoiled") {
    const auto path = EkPathBuilder().make();
    for (const auto* whole : {&path.intermediate.der(), &path.leaf.der()}) {
        std::size_t refused = 0;
        for (std::size_t at = 0; at < whole->size(); ++at) {
            for (const unsigned bits : {0x01U, 0x20U, 0x80U, 0xffU}) {
                auto spoiled = *whole;
                spoiled[at] ^= static_cast<std::byte>(bits);
                const auto expected = subject_by_openssl(spoiled);
                INFO(at << " " << bits);
                CHECK(tcg::certificate_subject_name(spoiled) == expected);
                if (!expected) ++refused;
            }
            const auto cut = ByteView(*whole).first(at);
            CHECK(tcg::certificate_subject_name(cut) == subject_by_openssl(cut));
        }
        CHECK(refused > 100);
    }
}
