#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "evidence/tpm/quote.h"
#include "verifier/judge/appraisal/steps/appraise.h"

namespace assay::judge {

/// A quote that the enrolled attestation key signed, over this challenge's nonce, this manifest and the PCRs
/// that were asked for. Only `authenticate` makes one.
class VerifiedQuote {
  public:
    [[nodiscard]] const tcg::Quote& quote() const { return quote_; }

  private:
    friend struct Authenticator;
    explicit VerifiedQuote(tcg::Quote quote) : quote_(std::move(quote)) {}
    tcg::Quote quote_;
};

/// What step 1 came to. The findings are reported by the check quote_is_authentic_and_bound.
struct Authentication {
    std::optional<VerifiedQuote> verified;
    std::optional<tcg::Quote> unverified;      ///< as it parses, for reports; absent where it does not
    std::optional<HashAlgorithm> scheme_hash;  ///< of the quote's signature, where that parses
    std::shared_ptr<const Manifest> manifest;  ///< as it decodes: believed only where `verified` is there
    Digest binding;                            ///< of the challenge's nonce and the manifest
    std::vector<Finding> findings;
};

/// Signature, magic, type, everything consumed, nonce, time, signed PCR selection, binding of the manifest;
/// the key's attributes, that it was shown to live beside the EK, and the EK certificate's path to a pinned
/// root. Collects every finding. Key and certificate objects are kept per thread, looked up by all that they
/// depend on: results do not change.
Authentication authenticate(const Evidence& evidence, const Context& context);

}  // namespace assay::judge
