#include <memory>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/secure_boot_text.h"

namespace assay::cli {
namespace {

struct SecureBootOptions {
    std::string model, if_revoked, after;
    std::uint64_t limit = 10'000;
};

Result<command_line::ExitCode> run_secure_boot(const Context& context, const SecureBootOptions& options) {
    auto path = fmt::format("/v1/fleet/secure-boot?limit={}", options.limit);
    for (const auto& [name, value] : {std::pair("model", &options.model),
                                      {"if_revoked", &options.if_revoked},
                                      {"after", &options.after}}) {
        if (!value->empty()) path += fmt::format("&{}={}", name, client::percent_encoded(*value));
    }
    return show_answer(context, TRY(get(context, path)), print_secure_boot);
}

}  // namespace

void add_fleet(command_line::Command& app, Context& context) {
    auto* parent = command_line::add_group(app, "fleet", "Questions to all hosts at once");
    const auto options = std::make_shared<SecureBootOptions>();
    auto* command = command_line::add_command(
        *parent, "secure-boot",
        "Secure Boot by model: which certificates of 2011 and 2023 the hosts have, what let their loaders "
        "in, "
        "and who would not boot any more if something were revoked; by their newest quoted boot",
        "assay fleet secure-boot\n"
        "assay fleet secure-boot --model 'PowerEdge R750'\n"
        "assay fleet secure-boot --if-revoked 'Microsoft Windows Production PCA 2011'   # who would stop\n"
        "assay fleet secure-boot --json | jq -r '.hosts[] | select(.kek == \"only-2011\").host'\n"
        "assay fleet secure-boot --if-revoked \"$(sha256sum < ca.der | cut -d' ' -f1)\" --json | jq "
        ".all.after",
        [&context, options] { return run_secure_boot(context, *options); });
    command->add_option("--model", options->model,
                        "These hosts alone: the system's model, as SMBIOS names it");
    command->add_option("--if-revoked", options->if_revoked,
                        "What would be added to dbx: a certificate's SHA-256 or well-known name, or the "
                        "SHA-256 (Authenticode) of an image");
    command->add_option("--after", options->after,
                        "List hosts behind this one: the `next` of the answer before");
    command->add_option("--limit", options->limit, "List at most this many hosts; the counts are of all")
        ->in_range(1, 10000)
        ->show_default();
}

}  // namespace assay::cli
