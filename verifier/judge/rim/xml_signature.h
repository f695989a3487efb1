#pragma once

#include <cstdint>
#include <optional>

#include "verifier/judge/rim/rim.h"
#include "verifier/judge/rim/xml_document.h"

namespace assay::rim {

inline constexpr std::string_view kDsig = "http://www.w3.org/2000/09/xmldsig#";

/// What a valid signature says. It covers the whole document but the Signature element itself: nothing may be
/// read from there.
struct XmlSignature {
    RimSigner signer;
    std::optional<std::int64_t> signed_at;  ///< RFC 3339 time stamp in the signature, where signed too
};

/// Verifies the one enveloped signature (XML Signature 1.1) of `document` by xmlsec1. Only this form passes:
/// one Signature in the whole document, a child of the root; one reference to the document (URI=""),
/// enveloped, and beside it at most references to what stands in the Signature's own Object; canonical
/// XML 1.0, 1.1 or exclusive, without comments; SHA-256, -384 or -512; RSA (PKCS #1 v1.5) or ECDSA. The key
/// comes from a certificate that is trusted (signer_path.h), in the signature or given: a bare KeyValue says
/// nothing. `not_found` where there is no signature; `refused` with line and reason for another form, a
/// document that was changed, a signature by no key that is at hand, and a signer who is not trusted.
Result<XmlSignature> verify_xml_signature(const xml::Document& document, const RimTrust& trust);

/// Starts xmlsec1 with OpenSSL, once a process: no input from files or the network. verify_xml_signature does
/// it.
Result<> start_xmlsec();

/// The form alone: the Signature element, or the error that verify_xml_signature would give.
Result<xmlNode*> signature_of(const xml::Document& document);

}  // namespace assay::rim
