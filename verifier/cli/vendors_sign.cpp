#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "verifier/cli/vendors.h"
#include "verifier/inputs/vendor_files.h"

namespace assay::cli {
namespace {

struct Options {
    std::string file, key, passphrase;
};

Result<std::string> passphrase_in(const std::string& file) {
    if (file.empty()) return std::string();
    const auto bytes = TRY(read_file(file, limits::kTextFile));
    const auto text = as_text(bytes);
    return std::string(text.substr(0, text.find_first_of("\r\n")));
}

Result<ExitCode> run(const Context& context, const Options& options) {
    // Its content is read too: what is no bundle of vendor data is never signed as one.
    auto bundle = TRY(inputs::read_vendor_bundle(options.file)).bundle;
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
    TRY_VOID(write_file(options.file, vendors::encode_bundle(bundle)));
    if (context.json)
        print_json({{"file", options.file},
                    {"digest", bundle.digest().hex()},
                    {"key", key},
                    {"signatures", bundle.signatures.size()}});
    else
        fmt::print("{}: digest {} signed by key {}; {} signatures\n", printable(options.file),
                   bundle.digest().hex(), key, bundle.signatures.size());
    return ExitCode::done;
}

}  // namespace

void add_vendors_sign(CLI::App& parent, Context& context) {
    const auto options = std::make_shared<Options>();
    auto* command = command_line::add_command(
        parent, "sign",
        "Add a signer's signature to a bundle; look at it first, with show and diff. A second one by the "
        "same key "
        "replaces the first",
        "openssl genpkey -algorithm ED25519 -aes256 -out carla.key   # once; openssl pkey -in carla.key "
        "-pubout -out "
        "carla.pem\n"
        "assay vendors sign vendors-8.bundle --key carla.key --passphrase-file /run/secrets/carla",
        [&context, options] { return run(context, *options); });
    command->add_option("bundle", options->file, "The bundle; the signature is added to this file")
        ->required()
        ->type_name("FILE");
    command->add_option("--key", options->key, "The signer's Ed25519 private key (PEM, PKCS #8)")
        ->required()
        ->type_name("FILE");
    command
        ->add_option("--passphrase-file", options->passphrase,
                     "File whose first line is the key's passphrase")
        ->type_name("FILE");
}

}  // namespace assay::cli
