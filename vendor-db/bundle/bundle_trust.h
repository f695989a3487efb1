#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/base/verdict.h"
#include "vendor-db/bundle/bundle_signature.h"

/// Whether a vendor bundle may be loaded. docs/formats/vendor-bundle.md, "What a reader that decides must see
/// to".
namespace assay::vendors {

/// What the owner configured.
class BundleTrust {
  public:
    /// `usage` where `signatures` is 0 or more than there are keys, where there are too many keys, and where
    /// a key is there twice, whatever its files are called: one signer would be counted for two.
    static Result<BundleTrust> of(std::vector<BundleKey> keys, std::vector<BundleKey> retired,
                                  std::size_t signatures);
    [[nodiscard]] const std::vector<BundleKey>& keys() const { return keys_; }
    [[nodiscard]] const std::vector<BundleKey>& retired() const { return retired_; }
    /// How many distinct keys must have signed.
    [[nodiscard]] std::size_t signatures() const { return signatures_; }

  private:
    std::vector<BundleKey> keys_, retired_;
    std::size_t signatures_ = 0;
};

/// The bundle with the highest version that was ever loaded here.
struct LastBundle {
    std::uint64_t version = 0;
    Digest digest;
};

/// A bundle that passed; made by judge_bundle() alone.
class VerifiedBundle {
  public:
    [[nodiscard]] const BundleContent& content() const { return content_; }
    [[nodiscard]] const Digest& digest() const { return digest_; }
    /// The data. Errors as load() has them: signers answer for what the files say, not that they can be read.
    [[nodiscard]] Result<VendorDb> load() const { return vendors::load(content_.sources, edition()); }
    [[nodiscard]] Edition edition() const { return edition_of(content_, digest_); }

  private:
    friend Result<struct BundleJudgement> judge_bundle(ByteView, const BundleTrust&, std::int64_t,
                                                       const std::optional<LastBundle>&);
    VerifiedBundle(BundleContent content, const Digest& digest)
        : content_(std::move(content)), digest_(digest) {}
    BundleContent content_;
    Digest digest_;
};

/// A remark is about a signature that does not count.
enum class BundleReason : std::uint8_t {
#define REASON(name, id, effect, sentence) name,
#include "vendor-db/bundle/bundle_reasons.inc"
#undef REASON
};
inline constexpr std::array kBundleReasons{
#define REASON(name, id, effect, sentence) ReasonRow{id, Effect::effect, sentence},
#include "vendor-db/bundle/bundle_reasons.inc"
#undef REASON
};
constexpr const auto& reason_rows(BundleReason /*kind*/) {
    return kBundleReasons;
}

struct BundleJudgement : VerdictOf<BundleReason> {
    std::optional<VerifiedBundle> bundle;  ///< where it is trusted
};

/// `now`: Unix time, seconds. `last`: none where no bundle was ever loaded. An Error for bytes that are no
/// bundle, and for a content that is rightly signed and does not decode.
Result<BundleJudgement> judge_bundle(ByteView file, const BundleTrust& trust, std::int64_t now,
                                     const std::optional<LastBundle>& last);

}  // namespace assay::vendors
