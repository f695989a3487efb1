#include "cli/vendors/bundle_signing.h"

#include <iterator>

#include <fmt/core.h>

#include "cli/vendors/vendor_data.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "files/secret.h"
#include "vendor-db/bundle/bundle_trust.h"

namespace assay::cli {
namespace {

Result<std::string> passphrase_in(const std::string& file) {
    if (file.empty()) return std::string();
    return with_context(files::read_secret(file), "--passphrase-file");
}

Result<std::vector<vendors::BundleKey>> keys_in(const std::vector<std::string>& places) {
    std::vector<vendors::BundleKey> out;
    for (const auto& place : places)
        std::ranges::move(TRY(inputs::read_bundle_keys(place)), std::back_inserter(out));
    return out;
}

Result<std::optional<vendors::LastBundle>> last_of(const std::string& file) {
    if (file.empty()) return std::nullopt;
    const auto [bundle, content] = TRY(inputs::read_vendor_bundle(file));
    return vendors::LastBundle{content.version, bundle.digest()};
}

}  // namespace

Result<command_line::ExitCode> sign_bundle(
    const Context& context, const SignOptions& options,
    const std::function<Result<>(const inputs::VendorBundle&)>& wanted) {
    // Its content is read too: what is no bundle of vendor data is never signed as one.
    auto read = TRY(inputs::read_vendor_bundle(options.file));
    if (wanted) TRY_VOID(wanted(read));
    auto& bundle = read.bundle;
    const auto pem = TRY(read_file(options.key, limits::kTextFile));
    auto signature = TRY(with_context(
        vendors::sign_content(bundle.content, as_text(pem), TRY(passphrase_in(options.passphrase))),
        printable(options.key)));
    const auto key = signature.key.hex();
    std::erase_if(bundle.signatures,
                  [&](const vendors::BundleSignature& each) { return each.key == signature.key; });
    if (bundle.signatures.size() == limits::kBundleSignatures)
        return fail(ErrorCode::limit, printable(options.file) + " has 32 signatures already");
    bundle.signatures.push_back(std::move(signature));
    TRY_VOID(write_output(options.file, vendors::encode_bundle(bundle)));
    if (context.json)
        print_json({{"file", options.file},
                    {"digest", bundle.digest().hex()},
                    {"key", key},
                    {"signatures", bundle.signatures.size()}});
    else
        fmt::print("{}: digest {} signed by key {}; {} signatures\n", printable(options.file),
                   bundle.digest().hex(), key, bundle.signatures.size());
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> verify_bundle(
    const Context& context, const VerifyOptions& options,
    const std::function<void(const vendors::VendorDb&, InspectVerdict&)>& also) {
    const auto at = TRY(time_asked({.vendors = {}, .at = options.at}));
    const auto bytes = TRY(read_file(options.file, limits::kVendorBundle));
    const auto trust = TRY(vendors::BundleTrust::of(TRY(keys_in(options.keys)), TRY(keys_in(options.retired)),
                                                    options.signatures));
    const auto judged = TRY(with_context(vendors::judge_bundle(bytes, trust, at, TRY(last_of(options.last))),
                                         printable(options.file)));
    InspectVerdict answer;
    answer.add(judged);
    answer.details["signatures_wanted"] = options.signatures;
    if (judged.bundle) {
        answer.details["version"] = judged.bundle->content().version;
        answer.details["digest"] = judged.bundle->digest().hex();
        answer.details["expires"] = utc_text(judged.bundle->content().expires);
        const auto loaded = judged.bundle->load();
        if (!loaded)
            answer.refuses("vendors.malformed", describe(loaded.error()));
        else if (also)
            also(*loaded, answer);
    }
    return show(context, answer);
}

void add_sign_options(command_line::Command& command, SignOptions& options) {
    command.add_option("bundle", options.file, "The bundle; the signature is added to this file")
        ->required()
        ->type_name("FILE");
    command.add_option("--key", options.key, "The signer's Ed25519 private key (PEM, PKCS #8)")
        ->required()
        ->type_name("FILE");
    command
        .add_option("--passphrase-file", options.passphrase,
                    "File whose first line is the key's passphrase; - is standard input")
        ->type_name("FILE");
}

void add_verify_options(command_line::Command& command, VerifyOptions& options) {
    command.add_option("bundle", options.file, "The bundle")->required()->type_name("FILE");
    command.add_option("--keys", options.keys, "Public keys of the signers: files, or folders of *.pem")
        ->required()
        ->type_name("FILE|DIR");
    command.add_option("--retired", options.retired, "Public keys that do not count any more")
        ->type_name("FILE|DIR");
    command.add_option("--signatures", options.signatures, "How many of the keys must have signed")
        ->show_default();
    command
        .add_option("--last", options.last, "The bundle that was loaded before: an older version is refused")
        ->type_name("FILE");
    command.add_option("--at", options.at, "The time to judge at, by default now: 2026-11-22");
}

}  // namespace assay::cli
