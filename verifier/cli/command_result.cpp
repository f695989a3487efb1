#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "client/result_text.h"
#include "evidence/base/limits.h"
#include "verifier/cli/commands.h"
#include "verifier/cli/ear.h"

namespace assay::cli {
namespace {

constexpr std::size_t kTokenFile = 8U << 20U;

struct Options {
    std::string token;
    std::string keys;
    std::string host;
    std::string out;
};

Result<std::string> keys_text(const Context& context, const std::string& file) {
    if (!file.empty()) return std::string(as_text(TRY(read_file(file, limits::kTextFile))));
    auto client = TRY(connect(context));
    return client.get_json("/v1/keys");
}

// A file that holds the token alone, or an answer of the verifier that has it under "jwt".
Result<std::string> token_text(const std::string& file) {
    const auto content = TRY(read_file(file, kTokenFile));
    const auto text = as_text(content);
    if (!text.starts_with('{')) return std::string(text);
    const auto token = text_of(TRY(parse_answer(text)), "jwt");
    if (token.empty())
        return fail(ErrorCode::malformed,
                    cell(file) + " holds no token: neither a JWT nor JSON with \"jwt\"");
    return token;
}

Result<ExitCode> verify(const Context& context, const Options& options) {
    const auto token = TRY(token_text(options.token));
    const auto verified = TRY(verify_token(token, TRY(keys_text(context, options.keys))));
    if (context.json) {
        print_json({{"verified", true},
                    {"key_id", verified.key_id},
                    {"result_id", attestation_result_id(verified.result)},
                    {"result", nlohmann::json::parse(encode_attestation_result(verified.result))}});
    } else {
        fmt::print("signature valid, key {}\n{}", cell(verified.key_id),
                   result_text(verified.result, command_line::colours()));
    }
    return exit_code(verified.result.tier);
}

Result<ExitCode> save(const Context& context, const Options& options) {
    const auto answer = TRY(get(context, "/v1/hosts/" + percent_encoded(options.host) + "/result"));
    TRY_VOID(write_file(options.out, as_view(text_of(answer, "jwt") + "\n")));
    if (!context.json) fmt::print("{}\n", cell(options.out));
    return ExitCode::done;
}

}  // namespace

void add_result(CLI::App& app, Context& context) {
    auto* parent = app.add_subcommand("result", "Signed attestation results (EAR as JWT)");
    parent->require_subcommand(1);
    const auto options = std::make_shared<Options>();
    auto* check = command_line::add_command(
        *parent, "verify", "Check a result's signature, and show what it says",
        "assay result verify rack-7.jwt --keys keys.json  # offline, with the verifier's GET /v1/keys\n"
        "assay result verify rack-7.jwt                   # asks the verifier for its keys",
        [&context, options] { return verify(context, *options); });
    check->add_option("TOKEN", options->token, "File with the JWT, or a verifier's JSON answer that holds it")
        ->required()
        ->type_name("FILE");
    check->add_option("--keys", options->keys, "The verifier's public keys: JWKS, or one PEM public key")
        ->type_name("FILE");
    auto* get_command = command_line::add_command(*parent, "get", "Save a host's newest signed result",
                                                  "assay result get rack-7 --out rack-7.jwt",
                                                  [&context, options] { return save(context, *options); });
    get_command->add_option("HOST", options->host, "The host")->required();
    get_command->add_option("--out", options->out, "File to write")->required()->type_name("FILE");
}

}  // namespace assay::cli
