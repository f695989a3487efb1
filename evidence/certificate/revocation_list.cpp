#include "evidence/certificate/revocation_list.h"

#include <openssl/x509.h>

#include "evidence/certificate/certificate_key.h"

namespace assay::tcg {

void RevocationList::FreeCrl::operator()(X509_crl_st* crl) const {
    X509_CRL_free(crl);
}

Result<RevocationList> RevocationList::parse(ByteView der) {
    if (der.size() > kRevocationList)
        return fail(ErrorCode::limit, "revocation list of " + std::to_string(der.size()) + " bytes");
    RevocationList made;
    const unsigned char* next = as_uchar(der);
    made.crl_.reset(d2i_X509_CRL(nullptr, &next, static_cast<long>(der.size())));
    if (!made.crl_) return fail(ErrorCode::malformed, "revocation list: " + openssl_error());
    if (next != as_uchar(der) + der.size()) {
        return fail(ErrorCode::malformed, "revocation list: bytes left over",
                    static_cast<std::size_t>(next - as_uchar(der)));
    }
    made.issuer_ = certificate_name(X509_CRL_get_issuer(made.crl_.get()));
    made.sha256_ = assay::sha256(der);
    const auto* next_update = X509_CRL_get0_nextUpdate(made.crl_.get());
    if (next_update == nullptr)
        return fail(ErrorCode::malformed,
                    "revocation list: no nextUpdate, so nobody knows when it is too old");
    made.this_update_ =
        TRY(unix_time_of(X509_CRL_get0_lastUpdate(made.crl_.get()), "revocation list: thisUpdate"));
    made.next_update_ = TRY(unix_time_of(next_update, "revocation list: nextUpdate"));
    return made;
}

}  // namespace assay::tcg
