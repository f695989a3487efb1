#pragma once

#include <vector>

#include "evidence/certificate/ek_certificate.h"

namespace assay::judge {

/// Whose TPMs the owner believes: the pinned roots, what their makers have revoked, and whose TPMs a root
/// stands for. Made once and then only read, by any number of threads; parsed once for all appraisals. Move
/// only.
class TpmTrust {
  public:
    TpmTrust() : TpmTrust(std::vector<tcg::Certificate>()) {}
    /// `revocation_lists`: a path none of whose issuers has a list here is not asked about revocation; else
    /// each certificate below its root needs one. `makers`: roots that are not named stand for anybody's
    /// TPMs.
    explicit TpmTrust(std::vector<tcg::Certificate> roots,
                      std::vector<tcg::RevocationList> revocation_lists = {},
                      std::vector<tcg::RootMakers> makers = {});

    [[nodiscard]] const std::vector<tcg::Certificate>& roots() const { return roots_; }
    [[nodiscard]] const std::vector<tcg::RevocationList>& revocation_lists() const { return lists_; }
    [[nodiscard]] const std::vector<tcg::RootMakers>& makers() const { return makers_; }
    /// SHA-256 over the SHA-256 of each root, of each list and of each root's makers, in the order given.
    [[nodiscard]] const Digest& digest() const { return digest_; }

  private:
    std::vector<tcg::Certificate> roots_;
    std::vector<tcg::RevocationList> lists_;
    std::vector<tcg::RootMakers> makers_;
    Digest digest_;
};

}  // namespace assay::judge
