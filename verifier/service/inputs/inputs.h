#pragma once

#include <filesystem>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "evidence/wire/saved_bundle.h"
#include "verifier/judge/appraisal/policy/policy_set.h"

/// The files around the pure appraisal: service and command line read their policy, vendor data and roots
/// through here. Errors name the file and the remedy.
namespace assay::inputs {

/// A whole file, at most `limit` bytes.
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit);
/// The files in `folder` with one of these endings (".pem"), by name; at most 10,000.
Result<std::vector<std::filesystem::path>> files_of(const std::filesystem::path& folder,
                                                    std::initializer_list<std::string_view> endings);

/// A saved bundle: the file itself, or `bundle.cbor` in the folder that `assay-agent record` made.
Result<SavedBundle> load_bundle(const std::filesystem::path& file_or_folder);
/// One policy for every host, or a folder of policies (*.toml), as PolicySet has them.
Result<judge::PolicySet> load_policies(const std::filesystem::path& file_or_folder);
/// The same as texts: name of the file, and what is in it.
Result<std::vector<std::pair<std::string, std::string>>> read_policies(
    const std::filesystem::path& file_or_folder);
/// Every *.pem, *.crt, *.der in the folder, as DER. A file that holds no certificate is an error that names
/// it.
Result<std::vector<Bytes>> load_tpm_roots(const std::filesystem::path& folder);

}  // namespace assay::inputs
