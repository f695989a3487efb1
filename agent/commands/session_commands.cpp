#include <ctime>
#include <memory>

#include <fmt/core.h>

#include "agent/attest/collect.h"
#include "agent/commands/commands.h"
#include "agent/devices/private_file.h"
#include "agent/session/local_sessions.h"
#include "agent/state/host_identity.h"
#include "client/command_line/command_line.h"
#include "client/signing/signed_statement.h"
#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"
#include "files/output.h"

namespace assay::agent {
namespace {

constexpr std::size_t kSignedFile = 64U << 10U;  // bytes
constexpr std::size_t kId = 9;                   // bytes of a session's id
constexpr std::size_t kDigest = 32;

struct SessionOptions {
    AskSettings settings;
    std::string order, digest, id, role = "escort", key, out, device, file;
    AsJson json;
};

Result<> journal(const Settings& settings, const SessionDocument& document) {
    const auto notice = TRY(journal_statement(settings, document));
    if (!notice.empty()) fmt::print(stderr, "assay-agent: {}\n", notice);
    return {};
}

Result<std::string> a_digest(const std::string& hex, std::string_view what) {
    if (hex.empty()) return hex;
    const auto bytes = from_hex(hex, kDigest);
    if (!bytes || bytes->size() != kDigest)
        return fail(ErrorCode::usage, fmt::format("{}: expected 64 hex digits (SHA-256), got '{}'", what,
                                                  printable(shortened(hex, 80))));
    return to_hex(*bytes);
}

Result<command_line::ExitCode> run_session_open(const SessionOptions& options) {
    const auto settings = TRY(options.settings());
    const auto nonce = TRY(random_nonce());
    const auto session = TRY(random_nonce());
    const auto host = TRY(enrolled_name(settings.state));
    const auto order_digest = TRY(a_digest(options.digest, "--order-digest"));
    const SessionStatement challenge{.action = "challenge",
                                     .role = {},
                                     .session = to_hex(ByteView(session).first(kId)),
                                     .host = host,
                                     .order = options.order,
                                     .order_digest = order_digest,
                                     .nonce = to_hex(nonce),
                                     .device = {},
                                     .at = std::time(nullptr)};
    auto text = TRY(session_statement_text(challenge));
    TRY_VOID(journal(settings, {.text = std::move(text), .public_key = {}, .signature = {}}));
    const auto& id = challenge.session;
    if (*options.json) {
        const Json out{{"session", id},
                       {"host", challenge.host},
                       {"order", options.order},
                       {"order_digest", challenge.order_digest},
                       {"nonce", challenge.nonce}};
        fmt::print("{}\n", out.dump(2));
        return command_line::ExitCode::done;
    }
    fmt::print(
        "session {} of host {}, order {}. Until both have signed it covers nothing.\n"
        "here:           assay-agent session sign {} --role technician --key KEY\n"
        "                assay-agent session sign {} --role escort --key KEY\n"
        "on another machine, within five minutes:\n"
        "                assay-agent session sign {} --role technician --out FILE\n"
        "                assay session sign-text FILE --key KEY\n"
        "                assay-agent session add FILE.signed\n",
        id, printable(challenge.host), printable(options.order), id, id, id);
    return command_line::ExitCode::done;
}

// What the host can see of a statement before it stands in its journal.
Result<> fits(const Settings& settings, const SessionDocument& document) {
    const auto statement = TRY(parse_session_statement(document.text));
    const auto name = TRY(enrolled_name(settings.state));
    if (statement.host != name) {
        return fail(ErrorCode::refused, fmt::format("signed for host {}, and this is {}",
                                                    printable(statement.host), printable(name)));
    }
    if (!TRY(session_signature_verifies(document.public_key, document.text, document.signature)))
        return fail(ErrorCode::refused, "the signature is not of this statement and key");
    if (statement.action == "late") return {};
    const auto session = TRY(local_session(settings.journal_folder(), statement.session));
    if (document.text != TRY(session.text(statement.action, statement.role, statement.at)))
        return fail(ErrorCode::refused,
                    "signed for another order, order version or nonce than the session's");
    if (session.closed_at()) return fail(ErrorCode::conflict, "the session is closed already");
    if (statement.action == "open" &&
        session.has_signed(statement.role, public_key_id(document.public_key))) {
        return fail(ErrorCode::conflict, fmt::format("the {} has signed this session already, with this key",
                                                     printable(statement.role)));
    }
    return {};
}

Result<command_line::ExitCode> add(const SessionOptions& options, const Settings& settings,
                                   const SessionDocument& document) {
    TRY_VOID(fits(settings, document));
    TRY_VOID(journal(settings, document));
    const auto statement = TRY(parse_session_statement(document.text));
    const auto key = public_key_id(document.public_key);
    if (*options.json) {
        const Json out{{"action", statement.action},
                       {"role", statement.role},
                       {"session", statement.session},
                       {"key", key},
                       {"at", statement.at}};
        fmt::print("{}\n", out.dump(2));
    } else {
        fmt::print("{} of {} for order {} is in the journal, by key {}\n", printable(statement.action),
                   printable(statement.role), printable(statement.order), key);
    }
    return command_line::ExitCode::done;
}

// Signed here with --key, or written to --out to be signed elsewhere.
Result<command_line::ExitCode> sign_or_write(const SessionOptions& options, const Settings& settings,
                                             std::string text) {
    if (options.key.empty() == options.out.empty())
        return fail(ErrorCode::usage, fmt::format("expected --key (sign here) or --out (a text to be signed "
                                                  "elsewhere), got {}; give one of them",
                                                  options.key.empty() ? "neither" : "both"));
    if (!options.out.empty()) {
        TRY_VOID(files::write_output(options.out, as_view(text)));
        if (files::is_stdout(options.out)) return command_line::ExitCode::done;
        if (*options.json)
            fmt::print("{}\n", Json{{"written", options.out}}.dump(2));
        else
            fmt::print("{}: to be signed and added within five minutes\n", printable(options.out));
        return command_line::ExitCode::done;
    }
    const auto key = TRY(client::SigningKey::open(options.key));
    return add(options, settings, TRY(client::sign_statement(key, std::move(text))));
}

Result<command_line::ExitCode> run_action(const SessionOptions& options, const std::string& action,
                                          const std::string& role) {
    const auto settings = TRY(options.settings());
    const auto session = TRY(local_session(settings.journal_folder(), options.id));
    return sign_or_write(options, settings, TRY(session.text(action, role, std::time(nullptr))));
}

Result<command_line::ExitCode> run_late(const SessionOptions& options) {
    const auto settings = TRY(options.settings());
    const auto host = TRY(enrolled_name(settings.state));
    const auto device = TRY(a_digest(options.device, "--device"));
    const SessionStatement statement{.action = "late",
                                     .role = "escort",
                                     .session = {},
                                     .host = host,
                                     .order = options.order,
                                     .order_digest = {},
                                     .nonce = {},
                                     .device = device,
                                     .at = std::time(nullptr)};
    return sign_or_write(options, settings, TRY(session_statement_text(statement)));
}

Result<command_line::ExitCode> run_add(const SessionOptions& options) {
    const auto settings = TRY(options.settings());
    const auto text = TRY(read_small_file(options.file, kSignedFile));
    return add(options, settings,
               TRY(with_context(client::decode_signed_statement(text), printable(options.file))));
}

Result<command_line::ExitCode> run_list(const SessionOptions& options) {
    const auto settings = TRY(options.settings());
    auto all = Json::array();
    for (const auto& [id, session] : TRY(local_sessions(settings.journal_folder()))) {
        auto signatures = Json::array();
        for (const auto& each : session.signatures)
            signatures.push_back(
                {{"action", each.action}, {"role", each.role}, {"key", each.key}, {"at", each.at}});
        all.push_back({{"session", id},
                       {"order", session.challenge.order},
                       {"opened_at", session.challenge.at},
                       {"signatures", signatures}});
        if (*options.json) continue;
        fmt::print("{}  order {}  {}\n", id.empty() ? "late" : printable(id),
                   printable(session.challenge.order),
                   id.empty()            ? "of no session"
                   : session.closed_at() ? "closed"
                                         : "open");
        for (const auto& each : session.signatures)
            fmt::print("  {}  {:<10} {:<10} key {}\n", utc_text(each.at), printable(each.action),
                       printable(each.role), each.key);
    }
    if (*options.json) fmt::print("{}\n", all.dump(2));
    return command_line::ExitCode::done;
}

}  // namespace

void add_session_commands(command_line::Command& app, AskSettings settings, AsJson json) {
    using command_line::add_command;
    const auto options = std::make_shared<SessionOptions>();
    options->settings = std::move(settings);
    options->json = std::move(json);
    auto* group = command_line::add_group(
        app, "session", "Technician and escort sign at this host, also where it has no network");
    const auto signing = [&](command_line::Command* command) {
        command
            ->add_option("--key", options->key,
                         "Sign here: a PEM file, or a key in a token: pkcs11:token=NAME")
            ->type_name("FILE");
        command->add_option("--out", options->out, "Write the text, to be signed elsewhere")->written();
    };
    const auto of_session = [&](command_line::Command* command) {
        command->add_option("SESSION", options->id, "The session's id")->required();
        signing(command);
    };
    const auto order = [&](command_line::Command* command) {
        command->add_option("--order", options->order, "The work order's number")
            ->required()
            ->type_name("ORDER");
    };
    const auto role = [&](command_line::Command* command) {
        return command->add_option("--role", options->role, "technician or escort")
            ->one_of({"technician", "escort"});
    };
    auto* open = add_command(*group, "open", "Begin a session: the host makes its challenge",
                             "assay-agent session open --order WO-1017  # says what to do next",
                             [options] { return run_session_open(*options); });
    order(open);
    open->add_option("--order-digest", options->digest, "SHA-256 of the order's version, where it is known")
        ->type_name("HEX");
    auto* sign = add_command(*group, "sign", "Sign a session that was opened, as technician or as escort",
                             "assay-agent session sign 6f2c... --role technician --key pkcs11:token=lee\n"
                             "assay-agent session sign 6f2c... --role escort --out roy  # signed elsewhere",
                             [options] { return run_action(*options, "open", options->role); });
    of_session(sign);
    role(sign)->required();
    of_session(add_command(*group, "heartbeat",
                           "The escort's sign of life, at most ten minutes after the last",
                           "assay-agent session heartbeat 6f2c... --key pkcs11:token=roy",
                           [options] { return run_action(*options, "heartbeat", "escort"); }));
    auto* close = add_command(*group, "close", "End a session, signed by one of both",
                              "assay-agent session close 6f2c... --key pkcs11:token=roy",
                              [options] { return run_action(*options, "close", options->role); });
    of_session(close);
    role(close);
    auto* late = add_command(
        *group, "late", "The escort signs within ten minutes afterwards, for one device by its descriptors",
        "assay-agent session late --order WO-1017 --device 9c1e... --key pkcs11:token=roy",
        [options] { return run_late(*options); });
    order(late);
    late->add_option("--device", options->device, "SHA-256 of the device's descriptors")
        ->required()
        ->type_name("HEX");
    signing(late);
    auto* added =
        add_command(*group, "add", "Take a statement that was signed elsewhere",
                    "assay-agent session add roy.signed  # of: assay session sign-text roy --key KEY",
                    [options] { return run_add(*options); });
    added->add_option("FILE", options->file, "The signed file")->required()->type_name("FILE");
    add_command(*group, "list", "Sessions and signatures in this host's journal",
                "assay-agent session list --json", [options] { return run_list(*options); });
}

}  // namespace assay::agent
