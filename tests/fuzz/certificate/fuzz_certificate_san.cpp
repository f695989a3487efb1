// The directoryName of an EK certificate's SAN: the input is the name's DER, set into a certificate that is
// otherwise good. What is read is one TPM, or none with the reason.
#include <cstdint>
#include <cstdlib>

#include "tests/support/certificates/certificate_builder.h"

using namespace assay;

namespace {

/// A SubjectAltName with `name` as its directoryName, in hexadecimal as OpenSSL's configuration takes it.
std::string san_of(std::span<const std::uint8_t> name) {
    const auto wrap = [](std::uint8_t tag, const std::string& content) {
        std::string out(1, static_cast<char>(tag));
        out += "\x82";
        out += static_cast<char>(content.size() >> 8U);
        out += static_cast<char>(content.size() & 0xffU);
        return out + content;
    };
    const std::string content(reinterpret_cast<const char*>(name.data()), name.size());
    return wrap(0x30, wrap(0xa4, content));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4096) return 0;
    static const auto kKey = test::fresh_key(test::Key::p256);
    const auto san = san_of({data, size});
    const CHandle<X509, X509_free> made(X509_new());
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_TIME_set(X509_getm_notBefore(made.get()), 1'700'000'000);
    ASN1_TIME_set(X509_getm_notAfter(made.get()), 2'000'000'000);
    X509_set_pubkey(made.get(), kKey.get());
    const CHandle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> value(ASN1_OCTET_STRING_new());
    ASN1_OCTET_STRING_set(value.get(), as_uchar(as_view(san)), static_cast<int>(san.size()));
    const CHandle<X509_EXTENSION, X509_EXTENSION_free> extension(
        X509_EXTENSION_create_by_NID(nullptr, NID_subject_alt_name, 1, value.get()));
    X509_add_ext(made.get(), extension.get(), -1);
    if (X509_sign(made.get(), kKey.get(), EVP_sha256()) <= 0) std::abort();
    unsigned char* der = nullptr;
    const int length = i2d_X509(made.get(), &der);
    const Bytes bytes = to_bytes(std::as_bytes(std::span(der, static_cast<std::size_t>(length))));
    OPENSSL_free(der);
    const auto certificate = tcg::Certificate::parse(bytes);
    if (!certificate) return 0;
    if (certificate->tpm() && !certificate->ambiguity().empty()) std::abort();
    if (verify_ek_certificate(*certificate, {}, {}, 1'790'000'000).trusted()) std::abort();
    return 0;
}
