#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::tcg {

/// What the entries of a list are, by its SignatureType GUID. (UEFI 2.10, 32.4.1)
enum class SignatureKind : std::uint8_t {
    x509,         ///< a DER certificate
    sha1,         ///< the hash of an image
    sha256,       ///< the hash of an image
    sha384,       ///< the hash of an image
    sha512,       ///< the hash of an image
    x509_sha256,  ///< the hash of a certificate to be revoked, and 16 bytes of time
    x509_sha384,  ///< likewise
    x509_sha512,  ///< likewise
    rsa2048,      ///< a key's modulus
    other,        ///< a GUID outside this table
};
std::string_view to_string(SignatureKind kind);  ///< "x509", "sha256", "x509-sha256", ...

/// EFI_SIGNATURE_DATA: borrowed from the parsed bytes. Nobody but the variable's writer says who the owner
/// is.
struct EfiSignature {
    ByteView owner;  ///< GUID as stored, 16 bytes; empty where the data had none
    ByteView data;   ///< certificate or hash
};

/// EFI_SIGNATURE_LIST without its header.
struct EfiSignatureList {
    ByteView type;  ///< GUID as stored, 16 bytes
    SignatureKind kind = SignatureKind::other;
    std::vector<EfiSignature> signatures;
};

/// The content of PK, KEK, db, dbx, MokList and the like: lists one behind the other; none is allowed. Sizes
/// little-endian, in bytes. Errors carry the offset: `truncated` for a list that reaches behind the end,
/// `malformed` for a list smaller than its header, an entry size below 17 or not that of its type, and bytes
/// that are no whole entry; `limit` above 65,536 entries.
Result<std::vector<EfiSignatureList>> parse_signature_lists(ByteView data);

/// What EV_EFI_VARIABLE_AUTHORITY has of db: one EFI_SIGNATURE_DATA; or, as shim logs its built-in key, a
/// certificate alone, whose owner is then empty. `truncated` below 17 bytes.
Result<EfiSignature> parse_authority(ByteView data);

/// The whole of `data` has the outer form of a DER certificate: a SEQUENCE of its length.
bool has_certificate_form(ByteView data);

/// "CN=..., O=..." of a DER certificate, printable and at most 200 bytes; empty for what is no certificate.
std::optional<std::string> certificate_subject(ByteView data);

}  // namespace assay::tcg
