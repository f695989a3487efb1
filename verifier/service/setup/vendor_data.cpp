#include "verifier/service/setup/vendor_data.h"

#include <system_error>

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "files/output.h"
#include "verifier/service/inputs/inputs.h"
#include "verifier/service/inputs/vendor_files.h"
#include "verifier/service/setup/authority.h"
#include "verifier/service/setup/state_folder.h"
#include "verifier/service/store/vendor_bundles.h"

namespace assay::setup {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t kExample_s = 366 * kDay_s;
constexpr std::int64_t kSoon_s = 14 * kDay_s;
constexpr const char* kExampleName = "example.pem";

Result<vendors::BundleTrust> trust_of(const StateFolder& state, const Config& config) {
    const auto folder = state.root / config.vendor_keys;
    auto keys = TRY(with_context(inputs::read_bundle_keys(folder), "vendor_keys"));
    std::vector<vendors::BundleKey> retired;
    std::error_code error;
    if (fs::is_directory(folder / "retired", error))
        retired = TRY(inputs::read_bundle_keys(folder / "retired"));
    return with_context(
        vendors::BundleTrust::of(std::move(keys), std::move(retired), config.vendor_signatures),
        "verifier.toml: vendor_keys, vendor_signatures");
}

Result<std::optional<vendors::LastBundle>> last_of(store::Store& store) {
    const auto newest = TRY(store::VendorBundles(store).newest());
    if (!newest) return std::nullopt;
    const auto bytes = TRY(from_hex(newest->digest, Digest::kMaxSize));
    const auto digest = TRY(Digest::from_bytes(HashAlgorithm::sha256, bytes));
    return vendors::LastBundle{static_cast<std::uint64_t>(newest->version), digest};
}

}  // namespace

Result<> make_example_bundle(const StateFolder& state, const Config& config, vendors::Sources sources,
                             std::int64_t now) {
    TRY_VOID(vendors::load(sources));
    const auto key = TRY(make_bundle_key());
    const auto content = TRY(vendors::encode_bundle_content(
        {.version = 1, .issued = now, .expires = now + kExample_s, .sources = std::move(sources)}));
    const auto signature = TRY(vendors::sign_content(content, key.private_pem, ""));
    TRY_VOID(make_private_folder(state.root / config.vendor_keys));
    TRY_VOID(files::replace_file(state.root / config.vendor_keys / kExampleName, as_view(key.public_pem)));
    TRY_VOID(files::replace_file(state.example_vendor_key(), as_view(key.private_pem)));
    return files::replace_file(state.root / config.vendors, vendors::encode_bundle({content, {signature}}));
}

Result<vendors::VerifiedBundle> verify_vendor_bundle(const StateFolder& state, const Config& config,
                                                     store::Store& store, ByteView bundle, std::int64_t now) {
    const auto trust = TRY(trust_of(state, config));
    auto judged = TRY(vendors::judge_bundle(bundle, trust, now, TRY(last_of(store))));
    if (!judged.bundle) {
        return fail(ErrorCode::refused,
                    judged.against() +
                        "; 'assay vendors verify' says the same of a file, docs/howto/sign-vendor-data.md "
                        "how to make a good one");
    }
    return *std::move(judged.bundle);
}

Result<vendors::VendorDb> load_vendor_data(const StateFolder& state, const Config& config,
                                           store::Store& store, std::int64_t now) {
    const auto file = state.root / config.vendors;
    const auto named = printable(file.string());
    std::error_code error;
    if (fs::is_directory(file, error)) {
        return fail(ErrorCode::usage,
                    named +
                        " is a folder, and only a signed bundle is loaded: 'assay vendors build' "
                        "and 'sign' make one, docs/howto/sign-vendor-data.md");
    }
    const auto bytes = TRY(inputs::read_file(file, limits::kVendorBundle));
    const auto bundle = TRY(with_context(verify_vendor_bundle(state, config, store, bytes, now), named));
    return with_context(bundle.load(), named);
}

Result<> remember_vendor_data(const StateFolder& state, store::Store& store, const vendors::Edition& edition,
                              std::int64_t now) {
    TRY_VOID(store::VendorBundles(store).add(
        {static_cast<std::int64_t>(edition.version), edition.digest.hex(), now}));
    spdlog::info("vendor data: version {}, {}, expires {}", edition.version, edition.digest.hex(),
                 utc_text(edition.expires));
    if (edition.expires - now < kSoon_s)
        spdlog::warn("vendor data expires at {}: roll out a newer bundle", utc_text(edition.expires));
    std::error_code error;
    if (fs::exists(state.example_vendor_key(), error)) {
        spdlog::warn(
            "vendor data may be signed with {}, which 'init' made on this machine: whoever administers it "
            "can "
            "change who is approved; docs/howto/sign-vendor-data.md puts real signers in its place",
            printable(state.example_vendor_key().string()));
    }
    return {};
}

Result<vendors::Edition> install_vendor_bundle(const StateFolder& state, const Config& config,
                                               store::Store& store, const std::filesystem::path& file,
                                               std::int64_t now) {
    const auto bytes = TRY(inputs::read_file(file, limits::kVendorBundle));
    const auto named = printable(file.string());
    const auto bundle = TRY(with_context(verify_vendor_bundle(state, config, store, bytes, now), named));
    TRY_VOID(with_context(bundle.load(), named));
    TRY_VOID(files::replace_file(state.root / config.vendors, bytes));
    return bundle.edition();
}

}  // namespace assay::setup
