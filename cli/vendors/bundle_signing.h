#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/inspect/verdict.h"
#include "verifier/service/inputs/vendor_files.h"

/// Signing and verifying a bundle of vendor data: for `assay vendors` and `assay baseline`, which mean the
/// same file.
namespace assay::cli {

struct SignOptions {
    std::string file, key, passphrase;
};
void add_sign_options(command_line::Command& command, SignOptions& options);
/// Adds the key's signature to the file; a second one by the same key replaces the first. `wanted` may refuse
/// the bundle before anything is signed.
Result<command_line::ExitCode> sign_bundle(
    const Context& context, const SignOptions& options,
    const std::function<Result<>(const inputs::VendorBundle&)>& wanted = {});

struct VerifyOptions {
    std::string file, last, at;
    std::vector<std::string> keys, retired;
    std::size_t signatures = 1;
};
void add_verify_options(command_line::Command& command, VerifyOptions& options);
/// What a verifier that trusts these keys would say of the bundle. `also` is asked about data that would be
/// loaded.
Result<command_line::ExitCode> verify_bundle(
    const Context& context, const VerifyOptions& options,
    const std::function<void(const vendors::VendorDb&, InspectVerdict&)>& also = {});

}  // namespace assay::cli
