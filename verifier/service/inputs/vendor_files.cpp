#include "verifier/service/inputs/vendor_files.h"

#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "verifier/service/inputs/inputs.h"

namespace assay::inputs {
namespace {

Result<std::vector<vendors::SourceFile>> sources_of(const std::filesystem::path& folder) {
    std::vector<vendors::SourceFile> sources;
    for (const auto& path : TRY(files_of(folder, {".toml"}))) {
        const auto text = TRY(read_file(path, limits::kTextFile));
        sources.push_back({(folder.filename() / path.filename()).string(), std::string(as_text(text))});
    }
    return sources;
}

/// Of a folder that an owner need not have.
Result<std::vector<vendors::SourceFile>> sources_if_any(const std::filesystem::path& folder) {
    std::error_code error;
    if (!std::filesystem::exists(folder, error) && !error) return std::vector<vendors::SourceFile>();
    return sources_of(folder);
}

}  // namespace

Result<vendors::Sources> read_vendor_sources(const std::filesystem::path& folder) {
    vendors::Sources sources;
    sources.vendors = TRY(sources_of(folder / "vendors"));
    sources.lists = TRY(sources_if_any(folder / "lists"));
    sources.decisions = TRY(sources_of(folder / "decisions"));
    sources.firmware = TRY(sources_if_any(folder / "firmware"));
    sources.baselines = TRY(sources_if_any(folder / "baselines"));
    sources.references = TRY(sources_if_any(folder / "references"));
    return sources;
}

Result<VendorBundle> read_vendor_bundle(const std::filesystem::path& file) {
    const auto bytes = TRY(read_file(file, limits::kVendorBundle));
    const auto name = printable(file.string());
    auto bundle = TRY(with_context(vendors::decode_bundle(bytes), name));
    auto content = TRY(with_context(vendors::decode_bundle_content(bundle.content), name));
    return VendorBundle{std::move(bundle), std::move(content)};
}

Result<vendors::VendorDb> load_vendors(const std::filesystem::path& folder_or_bundle) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(folder_or_bundle, error))
        return vendors::load(TRY(read_vendor_sources(folder_or_bundle)));
    const auto [bundle, content] = TRY(read_vendor_bundle(folder_or_bundle));
    return vendors::load(content.sources, vendors::edition_of(content, bundle.digest()));
}

Result<std::vector<vendors::BundleKey>> read_bundle_keys(const std::filesystem::path& file_or_folder) {
    std::error_code error;
    std::vector<std::filesystem::path> files{file_or_folder};
    if (std::filesystem::is_directory(file_or_folder, error)) files = TRY(files_of(file_or_folder, {".pem"}));
    std::vector<vendors::BundleKey> keys;
    for (const auto& file : files) {
        const auto pem = TRY(read_file(file, limits::kTextFile));
        keys.push_back(TRY(vendors::BundleKey::from_pem(file.string(), as_text(pem))));
    }
    return keys;
}

}  // namespace assay::inputs
