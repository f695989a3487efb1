#pragma once

#include <string>
#include <string_view>

#include <openssl/x509v3.h>

#include "evidence/base/c_handle.h"
#include "evidence/base/result.h"
#include "evidence/tpm/key/openssl_key.h"

/// Inside evidence/certificate: the extensions of a certificate, decoded by OpenSSL.
namespace assay::tcg {

using GeneralNames = CHandle<GENERAL_NAMES, GENERAL_NAMES_free>;

/// The extension decoded, null where it is absent; twice or undecodable is an error.
template <typename Owned>
Result<Owned> extension(const X509* certificate, int nid, std::string_view what) {
    int critical = -1;
    Owned value(static_cast<typename Owned::pointer>(X509_get_ext_d2i(certificate, nid, &critical, nullptr)));
    if (!value && critical != -1) {
        openssl_error();
        return fail(ErrorCode::malformed,
                    std::string(what) + (critical == -2 ? " is there twice" : " is malformed"));
    }
    return value;
}

/// `object` is this object identifier, in dotted decimals.
bool has_oid(const ASN1_OBJECT* object, std::string_view oid);
/// The extended key usage is there and has `oid`.
Result<bool> has_key_usage(const X509* certificate, std::string_view oid);
/// The certificate policies are there and have `oid`.
Result<bool> has_policy(const X509* certificate, std::string_view oid);

}  // namespace assay::tcg
