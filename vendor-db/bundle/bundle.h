#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/digest.h"
#include "vendor-db/model/vendor_db.h"

/// Vendor data of one version in one file, and the signatures on it. docs/formats/vendor-bundle.md is the
/// page. What is decoded here is not verified yet: bundle_trust.h does that.
namespace assay::limits {

inline constexpr std::size_t kVendorBundle = 32U << 20U;  ///< one vendor bundle, bytes
inline constexpr std::size_t kVendorFiles = 20'000;       ///< files of one kind in a vendor bundle
inline constexpr std::size_t kBundleSignatures = 32;      ///< signatures of one bundle, keys of one owner

}  // namespace assay::limits

namespace assay::vendors {

inline constexpr std::string_view kBundleProduct = "assay-vendor-bundle-v1";

/// What is signed.
struct BundleContent {
    std::uint64_t version = 0;  ///< 1 to 2^63-1
    std::int64_t issued = 0;    ///< Unix time, seconds
    std::int64_t expires = 0;   ///< Unix time, seconds; after `issued`
    Sources sources;
};

struct BundleSignature {
    Digest key;       ///< SHA-256 of the signer's raw public key, 32 bytes
    Bytes signature;  ///< Ed25519, 64 bytes
};

/// The file: whoever wrote it may be anyone.
struct Bundle {
    Bytes content;  ///< encoded BundleContent, as it was signed
    std::vector<BundleSignature> signatures;

    /// SHA-256 of `content`: names the bundle, whoever has signed it.
    [[nodiscard]] Digest digest() const { return sha256(content); }
};

/// What data from this bundle is called; whoever signed it.
Edition edition_of(const BundleContent& content, const Digest& digest);

/// Sorts the files by name. `usage`, with the remedy, for a version, date or file name that the format does
/// not have.
Result<Bytes> encode_bundle_content(BundleContent content);
/// `malformed` for another product too: ask bundle_product() first where that matters.
Result<BundleContent> decode_bundle_content(ByteView bytes);
/// The product that a content names, whatever else is in it.
Result<std::string> bundle_product(ByteView content);

/// Sorts the signatures by key.
Bytes encode_bundle(Bundle bundle);
/// Two signatures with the same key decode, next to each other: it is judged, not parsed away.
Result<Bundle> decode_bundle(ByteView bytes);

}  // namespace assay::vendors
