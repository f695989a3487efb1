#include <cstdlib>
#include <ctime>
#include <memory>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/table.h"
#include "client/signing/signed_statement.h"
#include "client/signing/signing_key.h"
#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/wire/statement/session_statement.h"

namespace assay::cli {
namespace {

struct SessionOptions {
    std::string host;
    std::string order;
    std::string technician;
    std::string escort;
    std::string id;
    bool open_only = false;
    bool unlisted = false;
    std::string role;
    std::string key;
    std::string device;
    std::string file;
    std::string out;
};

Table session_table() {
    return Table({"SESSION", "HOST", "ORDER", "TECHNICIAN", "ESCORT", "OPENED", "CLOSED"});
}

void add_session_to(Table& table, JsonReader& session) {
    table.add({cell(session.peek("id")), cell(session.peek("host")), cell(session.peek("order")),
               cell(session.peek("technician")), cell(session.peek("escort")), time_of(session, "opened_at"),
               (!session.has("closed_at") ? "open" : time_of(session, "closed_at")) +
                   (!session.has("unlisted") ? "" : ", unlisted, by " + cell(session.peek("unlisted")))});
}

void print_session(JsonReader& session) {
    auto table = session_table();
    add_session_to(table, session);
    table.print();
}

Result<command_line::ExitCode> open_session(const Context& context, const SessionOptions& options) {
    const auto opened = TRY(post(context, "/v1/sessions",
                                 Json{{"host", options.host},
                                      {"order", options.order},
                                      {"technician", options.technician},
                                      {"escort", options.escort},
                                      {"unlisted", options.unlisted}}));
    return show_answer(context, opened, print_session);
}

// Signs what the session's challenge says, and sends it.
Result<command_line::ExitCode> sign(const Context& context, const SessionOptions& options,
                                    const std::string& action) {
    const auto key = TRY(client::SigningKey::open(options.key));
    const auto challenge =
        TRY(get(context, "/v1/sessions/" + client::percent_encoded(options.id) + "/challenge"));
    JsonReader draft(challenge, kAnswer);
    TRY_VOID(draft.finish());
    const SessionStatement statement{.action = action,
                                     .role = options.role,
                                     .session = options.id,
                                     .host = draft.text_at("fleet_host"),
                                     .order = draft.text_at("order"),
                                     .order_digest = draft.text_at("order_digest"),
                                     .nonce = draft.text_at("nonce"),
                                     .device = {},
                                     .at = std::time(nullptr)};
    const auto signature = TRY(key.sign(TRY(session_statement_text(statement))));
    const auto public_key = to_base64url(TRY(key.public_key()));
    const auto signed_now = TRY(post(context, "/v1/sessions/" + client::percent_encoded(options.id) + "/sign",
                                     Json{{"action", action},
                                          {"role", options.role},
                                          {"at", statement.at},
                                          {"public_key", public_key},
                                          {"signature", to_base64url(signature)}}));
    return show_answer(context, signed_now, [&](JsonReader& answer) {
        fmt::print("{} of session {} signed for host {}, order {}, with a key of {}.\n", cell(options.role),
                   cell(options.id), cell(statement.host), cell(statement.order),
                   cell(answer.peek("signed_by")));
        if (action == "open" && (!answer.has("technician") || !answer.has("escort")))
            fmt::print("The other one signs next; until then nothing is covered.\n");
    });
}

Result<command_line::ExitCode> attest_late(const Context& context, const SessionOptions& options) {
    const auto key = TRY(client::SigningKey::open(options.key));
    const SessionStatement statement{.action = "late",
                                     .role = "escort",
                                     .session = {},
                                     .host = options.host,
                                     .order = options.order,
                                     .order_digest = {},
                                     .nonce = {},
                                     .device = options.device,
                                     .at = std::time(nullptr)};
    const auto signature = TRY(key.sign(TRY(session_statement_text(statement))));
    const auto public_key = to_base64url(TRY(key.public_key()));
    const auto answer = TRY(post(context, "/v1/late-attestations",
                                 Json{{"host", options.host},
                                      {"order", options.order},
                                      {"device", options.device},
                                      {"at", statement.at},
                                      {"public_key", public_key},
                                      {"signature", to_base64url(signature)}}));
    TRY_VOID(print_answer(answer));
    return command_line::ExitCode::done;
}

// For a host without network: its agent made the text, and takes the signed file.
Result<command_line::ExitCode> sign_text(const Context& context, const SessionOptions& options) {
    constexpr std::size_t kStatement = 64U << 10U;  // bytes
    constexpr std::int64_t kRecent_s = 300;
    const auto text = TRY(read_file(options.file, kStatement));
    const auto statement = TRY(with_context(parse_session_statement(as_text(text)), printable(options.file)));
    if (std::abs(statement.at - std::time(nullptr)) > kRecent_s) {
        fmt::print(stderr,
                   "assay: its time is {}, and here it is {}: one of both clocks is wrong, or it is old\n",
                   utc_text(statement.at), utc_text(std::time(nullptr)));
    }
    const auto document =
        TRY(client::sign_statement(TRY(client::SigningKey::open(options.key)), std::string(as_text(text))));
    const auto out = options.out.empty() ? options.file + ".signed" : options.out;
    TRY_VOID(write_output(out, as_view(client::encode_signed_statement(document))));
    if (files::is_stdout(out)) return command_line::ExitCode::done;
    if (context.json) {
        print_json({{"action", statement.action},
                    {"role", statement.role},
                    {"host", statement.host},
                    {"order", statement.order},
                    {"session", statement.session},
                    {"at", statement.at},
                    {"file", out}});
        return command_line::ExitCode::done;
    }
    fmt::print("{} as {}, host {}, order {}, session {}, {}\nsigned in {}\n", cell(statement.action),
               cell(statement.role), cell(statement.host), cell(statement.order), cell(statement.session),
               utc_text(statement.at), printable(out));
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> close_session(const Context& context, const SessionOptions& options) {
    const auto path = "/v1/sessions/" + client::percent_encoded(options.id) + "/close";
    return show_answer(context, TRY(post(context, path, Json::object())), print_session);
}

Result<command_line::ExitCode> list_sessions(const Context& context, const SessionOptions& options) {
    std::string path = "/v1/sessions?";
    if (!options.host.empty()) path += "host=" + client::percent_encoded(options.host) + "&";
    if (options.open_only) path += "open=true&";
    path.pop_back();
    return show_answer(context, TRY(get(context, path)), [](JsonReader& sessions) {
        auto table = session_table();
        sessions.each("", [&](JsonReader& session) { add_session_to(table, session); });
        table.print();
    });
}

}  // namespace

void add_session(command_line::Command& app, Context& context) {
    auto* session = command_line::add_group(
        app, "session", "Work sessions: who is at which host, for which order, accompanied by whom");
    const auto options = std::make_shared<SessionOptions>();
    auto* open = command_line::add_command(
        *session, "open", "Open a session before somebody touches the host",
        "assay session open --host rack-7 --order WO-1017 --technician t.lee --escort m.roy",
        [&context, options] { return open_session(context, *options); });
    open->add_option("--host", options->host, "The host")->required();
    open->add_option("--order", options->order, "The work order's number")->required();
    open->add_option("--technician", options->technician, "Who does the work")->required();
    open->add_option("--escort", options->escort, "Who accompanies, another person")->required();
    open->add_flag("--unlisted", options->unlisted,
                   "The verifier does not have the order or the persons: what comes is unattested");
    auto* close = command_line::add_command(*session, "close", "Close a session", "assay session close S-12",
                                            [&context, options] { return close_session(context, *options); });
    close->add_option("SESSION", options->id, "The session's id")->required();
    const auto signing = [options](command_line::Command* command) {
        command
            ->add_option("--key", options->key,
                         "The signer's private key: a PEM file, or a key in a token: pkcs11:token=NAME")
            ->required()
            ->type_name("FILE");
    };
    auto* signs = command_line::add_command(
        *session, "sign",
        "Sign an open session, as technician or as escort: both must, each with a key of his own",
        "assay session sign 6f2c... --role technician --key lee.pem\n"
        "assay session sign 6f2c... --role escort --key pkcs11:token=roy",
        [&context, options] { return sign(context, *options, "open"); });
    signs->add_option("SESSION", options->id, "The session's id")->required();
    signs->add_option("--role", options->role, "technician or escort")
        ->required()
        ->one_of({"technician", "escort"});
    signing(signs);
    auto* beat = command_line::add_command(
        *session, "heartbeat", "The escort's sign of life, at most ten minutes after the last",
        "assay session heartbeat 6f2c... --key roy.pem", [&context, options] {
            options->role = "escort";
            return sign(context, *options, "heartbeat");
        });
    beat->add_option("SESSION", options->id, "The session's id")->required();
    signing(beat);
    auto* late = command_line::add_command(
        *session, "late", "The escort signs within ten minutes afterwards, for one device by its descriptors",
        "assay session late --host rack-7 --order WO-1017 --device 9c1e... --key roy.pem",
        [&context, options] { return attest_late(context, *options); });
    late->add_option("--host", options->host, "The host")->required();
    late->add_option("--order", options->order, "The work order's number")->required();
    late->add_option("--device", options->device,
                     "SHA-256 of the device's descriptors, as the verdict's event shows it")
        ->required();
    signing(late);
    auto* text = command_line::add_command(
        *session, "sign-text", "Sign a statement that 'assay-agent session' wrote at a host without network",
        "assay session sign-text roy.txt --key roy.pem  # then there: assay-agent session add roy.txt.signed",
        [&context, options] { return sign_text(context, *options); });
    text->add_option("FILE", options->file, "The statement")->required()->type_name("FILE");
    text->add_option("--out", options->out, "The signed file (default: FILE.signed)")->written();
    signing(text);
    auto* list = command_line::add_command(*session, "list", "List sessions", "assay session list --open",
                                           [&context, options] { return list_sessions(context, *options); });
    list->add_option("--host", options->host, "Only of this host");
    list->add_flag("--open", options->open_only, "Only open ones");
}

}  // namespace assay::cli
