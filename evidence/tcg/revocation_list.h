#pragma once

#include <memory>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

struct X509_crl_st;  // X509_CRL

namespace assay::tcg {

inline constexpr std::size_t kRevocationList = 4U << 20U;  ///< one CRL, bytes
inline constexpr std::size_t kRevocationLists = 64;        ///< CRLs for one judgement

/// One X.509 certificate revocation list (RFC 5280, 5). Parsed is not trusted. Move only.
class RevocationList {
  public:
    /// DER, at most kRevocationList bytes and nothing behind it.
    static Result<RevocationList> parse(ByteView der);
    /// RFC 2253 as UTF-8. Hostile text.
    [[nodiscard]] const std::string& issuer() const { return issuer_; }
    [[nodiscard]] X509_crl_st* crl() const { return crl_.get(); }  ///< for the functions of this folder

  private:
    struct FreeCrl {
        void operator()(X509_crl_st* crl) const;
    };
    RevocationList() = default;

    std::unique_ptr<X509_crl_st, FreeCrl> crl_;
    std::string issuer_;
};

}  // namespace assay::tcg
