#pragma once

#include <filesystem>
#include <vector>

#include "vendor-db/bundle/bundle.h"
#include "vendor-db/bundle/bundle_signature.h"

/// Vendor data as it lies on disk: folders of TOML files, bundles, signers' public keys. Errors name the
/// file.
namespace assay::inputs {

/// A folder with vendors/*.toml and decisions/*.toml, and where the owner has them lists/*.toml and
/// firmware/*.toml.
Result<vendors::Sources> read_vendor_sources(const std::filesystem::path& folder);
/// A bundle and what is in it, whoever signed it.
struct VendorBundle {
    vendors::Bundle bundle;
    vendors::BundleContent content;
};
Result<VendorBundle> read_vendor_bundle(const std::filesystem::path& file);
/// Such a folder, or a bundle, *whoever signed it*: for questions and for appraising again, where the digest
/// says what was used.
Result<vendors::VendorDb> load_vendors(const std::filesystem::path& folder_or_bundle);
/// The file, or every *.pem in the folder, by name.
Result<std::vector<vendors::BundleKey>> read_bundle_keys(const std::filesystem::path& file_or_folder);

}  // namespace assay::inputs
