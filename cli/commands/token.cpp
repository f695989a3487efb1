#include <memory>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/duration.h"

namespace assay::cli {
namespace {

struct TokenOptions {
    std::string host;
    std::string lifetime = "1h";
};

Result<command_line::ExitCode> make_token(const Context& context, const TokenOptions& options) {
    const auto lifetime = TRY(parse_duration(options.lifetime));
    const auto made =
        TRY(post(context, "/v1/tokens", Json{{"host", options.host}, {"lifetime_s", lifetime}}));
    return show_answer(context, made, [](JsonReader& answer) { fmt::print("{}\n", answer.peek("token")); });
}

}  // namespace

void add_token(command_line::Command& app, Context& context) {
    const auto options = std::make_shared<TokenOptions>();
    auto* command = command_line::add_command(
        app, "token", "Make the one-time token with which one host may enrol",
        "assay token rack-7 --lifetime 30m  # then on rack-7: assay-agent enrol --token-file - --name rack-7",
        [&context, options] { return make_token(context, *options); });
    command->add_option("HOST", options->host, "The name under which the host enrols")->required();
    command->add_option("--lifetime,--expires", options->lifetime, "How long it can be used: 30m, 12h, 2d")
        ->show_default();
}

}  // namespace assay::cli
