#include <openssl/asn1t.h>
#include <openssl/x509.h>

#include "evidence/certificate/certificate_key.h"

// OpenSSL's own reader of a certificate decodes the key at once, by providers: nine tenths of its time. These
// templates are X509's (RFC 5280, 4.1) and accept what that accepts, but they leave the key as bits.
namespace assay::tcg {
namespace {

struct KeyAsBits {
    X509_ALGOR* algorithm;
    ASN1_BIT_STRING* bits;
};
ASN1_SEQUENCE(KeyAsBits) =
    {
        ASN1_SIMPLE(KeyAsBits, algorithm, X509_ALGOR),
        ASN1_SIMPLE(KeyAsBits, bits, ASN1_BIT_STRING),
} static_ASN1_SEQUENCE_END(KeyAsBits)

        struct SignedPart {
    ASN1_INTEGER* version;
    ASN1_INTEGER* serial;
    X509_ALGOR* algorithm;
    X509_NAME* issuer;
    X509_VAL* validity;
    X509_NAME* subject;
    KeyAsBits* key;
    ASN1_BIT_STRING* issuer_id;
    ASN1_BIT_STRING* subject_id;
    STACK_OF(X509_EXTENSION) * extensions;
};
ASN1_SEQUENCE(SignedPart) =
    {
        ASN1_EXP_OPT(SignedPart, version, ASN1_INTEGER, 0),
        ASN1_SIMPLE(SignedPart, serial, ASN1_INTEGER),
        ASN1_SIMPLE(SignedPart, algorithm, X509_ALGOR),
        ASN1_SIMPLE(SignedPart, issuer, X509_NAME),
        ASN1_SIMPLE(SignedPart, validity, X509_VAL),
        ASN1_SIMPLE(SignedPart, subject, X509_NAME),
        ASN1_SIMPLE(SignedPart, key, KeyAsBits),
        ASN1_IMP_OPT(SignedPart, issuer_id, ASN1_BIT_STRING, 1),
        ASN1_IMP_OPT(SignedPart, subject_id, ASN1_BIT_STRING, 2),
        ASN1_EXP_SEQUENCE_OF_OPT(SignedPart, extensions, X509_EXTENSION, 3),
} static_ASN1_SEQUENCE_END(SignedPart)

        struct SignedWhole {
    SignedPart* part;
    X509_ALGOR* algorithm;
    ASN1_BIT_STRING* signature;
};
ASN1_SEQUENCE(SignedWhole) =
    {
        ASN1_SIMPLE(SignedWhole, part, SignedPart),
        ASN1_SIMPLE(SignedWhole, algorithm, X509_ALGOR),
        ASN1_SIMPLE(SignedWhole, signature, ASN1_BIT_STRING),
} static_ASN1_SEQUENCE_END(SignedWhole)

        void free_certificate(ASN1_VALUE * certificate) {
    ASN1_item_free(certificate, ASN1_ITEM_rptr(SignedWhole));
}

}  // namespace

std::optional<std::string> certificate_subject_name(ByteView der) {
    const auto* next = as_uchar(der);
    const CHandle<ASN1_VALUE, free_certificate> certificate(
        ASN1_item_d2i(nullptr, &next, static_cast<long>(der.size()), ASN1_ITEM_rptr(SignedWhole)));
    if (!certificate) {
        openssl_error();
        return std::nullopt;
    }
    return certificate_name(reinterpret_cast<const SignedWhole*>(certificate.get())->part->subject);
}

}  // namespace assay::tcg
