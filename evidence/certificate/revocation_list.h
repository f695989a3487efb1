#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"

struct X509_crl_st;  // X509_CRL

namespace assay::tcg {

inline constexpr std::size_t kRevocationList = 4U << 20U;  ///< one CRL, bytes
inline constexpr std::size_t kRevocationLists = 64;        ///< CRLs for one judgement

/// One X.509 certificate revocation list (RFC 5280, 5). Parsed is not trusted. Move only.
class RevocationList {
  public:
    /// DER, at most kRevocationList bytes and nothing behind it. It must say when the next one is due (RFC
    /// 5280, 5.1.2.5): one that does not could never be too old.
    static Result<RevocationList> parse(ByteView der);
    /// RFC 2253 as UTF-8. Hostile text.
    [[nodiscard]] const std::string& issuer() const { return issuer_; }
    /// When it was made, and when the next one is due: seconds since 1970-01-01 UTC.
    [[nodiscard]] std::int64_t this_update() const { return this_update_; }
    [[nodiscard]] std::int64_t next_update() const { return next_update_; }
    [[nodiscard]] const Digest& sha256() const { return sha256_; }  ///< of its DER
    [[nodiscard]] X509_crl_st* crl() const { return crl_.get(); }   ///< for the functions of this folder

  private:
    struct FreeCrl {
        void operator()(X509_crl_st* crl) const;
    };
    RevocationList() = default;

    std::unique_ptr<X509_crl_st, FreeCrl> crl_;
    std::string issuer_;
    std::int64_t this_update_ = 0, next_update_ = 0;
    Digest sha256_;
};

}  // namespace assay::tcg
