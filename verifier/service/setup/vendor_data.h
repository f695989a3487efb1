#pragma once

#include <cstdint>
#include <filesystem>

#include "vendor-db/bundle/bundle_trust.h"
#include "verifier/service/setup/state_folder.h"
#include "verifier/service/store/store.h"

/// The vendor data of a verifier: one bundle, the keys that its owner trusts, and the highest version that
/// was ever loaded here. Only what judge_bundle() lets through is used; docs/formats/vendor-bundle.md. Times
/// are Unix time, seconds.
namespace assay::setup {

/// For the first start: a key of this machine (StateFolder::example_vendor_key; example.pem among the public
/// keys) and these sources as version 1, signed with it, for a year. Refused where the sources have a fault.
Result<> make_example_bundle(const StateFolder& state, const Config& config, vendors::Sources sources,
                             std::int64_t now);

/// Judges a bundle's bytes as the configuration says. `refused` with every reason and the remedy.
Result<vendors::VerifiedBundle> verify_vendor_bundle(const StateFolder& state, const Config& config,
                                                     store::Store& store, ByteView bundle, std::int64_t now);

/// The configured bundle, verified and loaded; nothing is remembered of it yet.
Result<vendors::VendorDb> load_vendor_data(const StateFolder& state, const Config& config,
                                           store::Store& store, std::int64_t now);

/// Remembers what is used from now on as the highest that was ever loaded, and says in the log what it is.
/// `conflict` where another content has its version.
Result<> remember_vendor_data(const StateFolder& state, store::Store& store, const vendors::Edition& edition,
                              std::int64_t now);

/// Puts `file` in the place of the configured bundle, if it would be loaded; nothing is changed where not. It
/// is used from the next reload or start on.
Result<vendors::Edition> install_vendor_bundle(const StateFolder& state, const Config& config,
                                               store::Store& store, const std::filesystem::path& file,
                                               std::int64_t now);

}  // namespace assay::setup
