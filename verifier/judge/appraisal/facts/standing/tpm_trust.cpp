#include "verifier/judge/appraisal/facts/standing/tpm_trust.h"

namespace assay::judge {
namespace {

Digest digest_of(const std::vector<tcg::Certificate>& roots, const std::vector<tcg::RevocationList>& lists,
                 const std::vector<tcg::RootMakers>& makers) {
    Hasher hasher(HashAlgorithm::sha256);
    for (const auto& root : roots) hasher.update(root.sha256().view());
    for (const auto& list : lists) hasher.update(list.sha256().view());
    for (const auto& pin : makers) {
        std::string text = "makers " + pin.root.hex() + "\n";
        for (const auto& each : pin.manufacturers) text += each + "\n";
        hasher.update(sha256(as_view(text)).view());
    }
    return hasher.finish();
}

}  // namespace

TpmTrust::TpmTrust(std::vector<tcg::Certificate> roots, std::vector<tcg::RevocationList> revocation_lists,
                   std::vector<tcg::RootMakers> makers)
    : roots_(std::move(roots)),
      lists_(std::move(revocation_lists)),
      makers_(std::move(makers)),
      digest_(digest_of(roots_, lists_, makers_)) {}

}  // namespace assay::judge
