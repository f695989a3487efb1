#include <ctime>
#include <memory>
#include <optional>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/duration.h"
#include "cli/ear.h"
#include "cli/exposure_text.h"
#include "cli/signed_exposure.h"
#include "client/command_line/result_text.h"
#include "evidence/base/limits.h"
#include "evidence/base/rfc3339.h"
#include "evidence/base/text.h"
#include "evidence/codec/jws.h"

namespace assay::cli {
namespace {

// The token, or a JSON answer with token and result, or with token and exposure.
constexpr std::size_t kTokenFile = kAnswer.limits.bytes;
static_assert(kTokenFile > kMaxJws + 2 * limits::kAttestationResult);

struct ResultOptions {
    std::string token;
    std::string keys;
    std::string document;
    std::string host;
    std::string out;
    std::string at;
};

Result<std::string> keys_text(const Context& context, const std::string& file) {
    if (!file.empty()) return std::string(as_text(TRY(read_file(file, limits::kTextFile))));
    auto client = TRY(connect(context));
    return client.get_json("/v1/keys");
}

struct Signed {
    std::string token;
    std::string document;  ///< that came with it; may be empty
    std::string exposure;  ///< likewise
};

// A file that holds the token alone, or an answer of the verifier that has it under "jwt".
Result<Signed> read_signed(const std::string& file) {
    const auto content = TRY(read_file(file, kTokenFile));
    const auto text = as_text(content);
    // The line's end belongs to the file, not to the token.
    if (!text.starts_with('{')) return Signed{std::string(trimmed(text)), {}, {}};
    JsonReader answer(text, kAnswer);
    TRY_VOID(answer.finish());
    Signed out{std::string(answer.peek("jwt")), answer.encoded("result"), answer.encoded("exposure")};
    if (out.token.empty())
        return fail(ErrorCode::malformed,
                    cell(file) + " holds no token: neither a JWT nor JSON with \"jwt\"");
    return out;
}

// An answer's "result", or the document alone.
Result<std::string> read_document(const std::string& file) {
    const auto content = TRY(read_file(file, kTokenFile));
    JsonReader answer(as_text(content), kAnswer);
    TRY_VOID(answer.finish());
    return answer.encoded(answer.has("result") ? "result" : "");
}

std::string token_text(const VerifiedToken& token) {
    return fmt::format("{}: {}, {}\nresult {}\nconclusion {}\n", cell(token.host), to_string(token.tier),
                       utc_text(token.issued_at), token.names.id, token.names.conclusion);
}

// An exposure is of a time and does not end: it says how it was.
Result<command_line::ExitCode> verify_exposure_answer(const Context& context, const Signed& given,
                                                      const ResultOptions& options, JudgedAt at) {
    const auto verified =
        TRY(verify_exposure(given.token, TRY(keys_text(context, options.keys)), given.exposure));
    const auto ahead = at.asked ? 0 : kClockSkew_s;
    if (verified.issued_at > at.time + ahead)
        return fail(
            ErrorCode::refused,
            fmt::format("the exposure was issued at {}, which is after {}: one clock, or --at, is wrong",
                        utc_text(verified.issued_at), utc_text(at.time)));
    if (context.json) {
        print_json({{"verified", true},
                    {"issued_at", rfc3339_text(verified.issued_at)},
                    {"key_id", verified.key_id},
                    {"exposure", Json::encoded(verified.document)}});
        return command_line::ExitCode::done;
    }
    fmt::print("signature valid, key {}\nissued at {}\n\n", cell(verified.key_id),
               utc_text(verified.issued_at));
    JsonReader exposure(verified.document, kAnswer);
    print_exposure(exposure);
    TRY_VOID(exposure.finish());
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> verify(const Context& context, const ResultOptions& options) {
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    const auto asked = options.at.empty() ? now : TRY(parse_time(options.at, now));
    const JudgedAt at{asked, !options.at.empty()};
    auto given = TRY(read_signed(options.token));
    if (is_exposure(given.token)) return verify_exposure_answer(context, given, options, at);
    if (!options.document.empty()) given.document = TRY(read_document(options.document));
    const auto verified = TRY(verify_token(given.token, TRY(keys_text(context, options.keys))));
    if (given.document.empty()) given.document = verified.document;
    std::optional<AttestationResult> document;
    if (!given.document.empty()) document = TRY(named_document(verified, given.document));
    const auto validity = TRY(validity_of(verified, at));
    if (context.json) {
        Json answer{{"verified", validity.holds},
                    {"validity", validity.name},
                    {"issued_at", rfc3339_text(verified.issued_at)},
                    {"expires_at", verified.expires_at ? Json(rfc3339_text(*verified.expires_at)) : Json()},
                    {"judged_at", rfc3339_text(at.time)},
                    {"key_id", verified.key_id},
                    {"host", verified.host},
                    {"tier", to_string(verified.tier)},
                    {"result_id", verified.names.id},
                    {"conclusion", verified.names.conclusion}};
        if (document) answer["document"] = Json::encoded(indented_json(given.document, -1));
        print_json(answer);
    } else {
        fmt::print("signature valid, key {}\n{}\n{}{}{}", cell(verified.key_id), validity.words,
                   validity.holds ? "" : "What it said then:\n", token_text(verified),
                   document ? "\n" + command_line::conclusion_text(*document, command_line::colours())
                            : std::string());
    }
    return validity.holds ? command_line::exit_code(verified.tier) : command_line::ExitCode::none;
}

Result<command_line::ExitCode> save(const Context& context, const ResultOptions& options) {
    if (files::is_stdout(options.out) && files::is_stdout(options.document))
        return fail(
            ErrorCode::usage,
            "expected one of --out and --document that is '-', got both; standard output is one file");
    const auto answer = TRY(get(context, "/v1/hosts/" + client::percent_encoded(options.host) + "/result"));
    JsonReader reader(answer, kAnswer);
    TRY_VOID(reader.finish());
    TRY_VOID(write_output(options.out, as_view(std::string(reader.peek("jwt")) + "\n")));
    if (!options.document.empty() && reader.has("result"))
        TRY_VOID(write_output(options.document, as_view(reader.encoded("result"))));
    const bool told = files::is_stdout(options.out) || files::is_stdout(options.document);
    if (!context.json && !told) fmt::print("{}\n", cell(options.out));
    return command_line::ExitCode::done;
}

}  // namespace

void add_result(command_line::Command& app, Context& context) {
    auto* parent = command_line::add_group(app, "result", "Signed attestation results (EAR as JWT)");
    const auto options = std::make_shared<ResultOptions>();
    auto* check = command_line::add_command(
        *parent, "verify", "Check a result's signature and that it has not expired, and show what it says",
        "assay result verify rack-7.jwt --keys keys.json  # offline, with the verifier's GET /v1/keys\n"
        "assay result verify rack-7.jwt --keys keys.json --at 2026-11-22T10:42:25Z  # as of then\n"
        "assay result verify rack-7.jwt                   # asks the verifier for its keys\n"
        "assay result verify rack-7.jwt --document rack-7.json  # and that this is the result it names\n"
        "assay result verify exposure.json --keys keys.json  # what `assay vendors exposure --json` printed",
        [&context, options] { return verify(context, *options); });
    check->add_option("TOKEN", options->token, "File with the JWT, or a verifier's JSON answer that holds it")
        ->required()
        ->type_name("FILE");
    check->add_option("--keys", options->keys, "The verifier's public keys: JWKS, or one PEM public key")
        ->type_name("FILE");
    check->add_option(
        "--at", options->at,
        "The time to judge at, by default this machine's clock: 2026-11-22T10:42:25Z, @1795344145");
    check
        ->add_option("--document", options->document,
                     "The result or the conclusion that the token must name, or an answer with \"result\"; "
                     "it is shown")
        ->type_name("FILE");
    auto* get_command = command_line::add_command(*parent, "get", "Save a host's newest signed result",
                                                  "assay result get rack-7 --out rack-7.jwt",
                                                  [&context, options] { return save(context, *options); });
    get_command->add_option("HOST", options->host, "The host")->required();
    get_command->add_option("--out", options->out, "File to write")->required()->written();
    get_command->add_option("--document", options->document, "Write the result itself, too")->written();
}

}  // namespace assay::cli
