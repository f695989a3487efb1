#include <memory>

#include "cli/vendors/bundle_signing.h"
#include "cli/vendors/vendors.h"

namespace assay::cli {

void add_vendors_sign(command_line::Command& parent, Context& context) {
    const auto options = std::make_shared<SignOptions>();
    auto* command = command_line::add_command(
        parent, "sign",
        "Add a signer's signature to a bundle; look at it first, with show and diff. A second one by the "
        "same key "
        "replaces the first",
        "openssl genpkey -algorithm ED25519 -aes256 -out carla.key   # once; openssl pkey -in carla.key "
        "-pubout -out "
        "carla.pem\n"
        "assay vendors sign vendors-8.bundle --key carla.key --passphrase-file /run/secrets/carla",
        [&context, options] { return sign_bundle(context, *options); });
    add_sign_options(*command, *options);
}

}  // namespace assay::cli
