#include <memory>

#include "cli/vendors/bundle_signing.h"
#include "cli/vendors/vendors.h"

namespace assay::cli {

void add_vendors_verify(command_line::Command& parent, Context& context) {
    const auto options = std::make_shared<VerifyOptions>();
    auto* command =
        command_line::add_command(parent, "verify",
                                  "Whether a verifier that trusts these keys would load a bundle, with every "
                                  "reason; exit code 3 where not",
                                  "assay vendors verify vendors-8.bundle --keys signers/ --signatures 2\n"
                                  "assay vendors verify vendors-8.bundle --keys carla.pem dora.pem "
                                  "--signatures 2 --last vendors-7.bundle --json",
                                  [&context, options] { return verify_bundle(context, *options); });
    add_verify_options(*command, *options);
}

}  // namespace assay::cli
