#include "verifier/service/setup/program.h"

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <sys/stat.h>

#include "client/command_line/command_line.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/setup/audit.h"
#include "verifier/service/setup/certificates.h"
#include "verifier/service/setup/init.h"
#include "verifier/service/setup/local_hand.h"
#include "verifier/service/setup/operation/backup.h"
#include "verifier/service/setup/operation/check.h"
#include "verifier/service/setup/serve.h"
#include "verifier/service/setup/server_url.h"
#include "verifier/service/setup/vendor_data.h"
#include "verifier/service/store/operators.h"

namespace assay::setup {
namespace {

constexpr mode_t kOthers = 077;

constexpr const char* kExamples =
    "assay-verifier init --state /var/lib/assay-verifier --name verifier.example --vendor-db vendor-db  # "
    "once\n"
    "assay-verifier serve --state /var/lib/assay-verifier  # until SIGTERM\n"
    "assay-verifier operator add alice --role operator --state /var/lib/assay-verifier --out alice  # a "
    "certificate";

std::int64_t now() {
    return static_cast<std::int64_t>(std::time(nullptr));
}

void print_json(const Json& value) {
    fmt::print("{}\n", value.dump(2));
}

/// What the options are parsed into; lives as long as the parse and the command.
struct Arguments {
    std::string state = "/var/lib/assay-verifier";
    std::vector<std::string> names;
    std::string listen;
    std::string database = "sqlite";
    std::string vendors, policy, tpm_roots;
    unsigned threads = 0;
    NewOperator who;
    std::string certificate, out, server;
    std::string bundle;
    std::string reason;
    std::string from;
    bool ca = false, json = false, reload = false;
    std::vector<std::string> files;
};

void add_state(command_line::Command& command, Arguments& arguments) {
    command.add_option("--state", arguments.state, "The verifier's state folder")->show_default();
}

Result<command_line::ExitCode> run_init(const Arguments& arguments) {
    InitOptions options;
    options.state.root = arguments.state;
    if (!arguments.names.empty()) options.names = arguments.names;
    if (!arguments.listen.empty()) TRY_VOID(parse_listen(arguments.listen, options.config));
    options.config.database = arguments.database;
    if (!arguments.vendors.empty()) options.vendors = arguments.vendors;
    if (!arguments.policy.empty()) options.policy = arguments.policy;
    std::error_code no_folder;
    if (std::filesystem::is_directory(arguments.policy, no_folder)) options.config.policy = "policies";
    if (!arguments.tpm_roots.empty()) options.tpm_roots = arguments.tpm_roots;
    // On the machine itself the server is always reached by its loopback names too.
    for (const auto* local : {"localhost", "127.0.0.1", "::1"}) {
        if (std::ranges::find(options.names, local) == options.names.end()) options.names.emplace_back(local);
    }
    TRY_VOID(init(options, now()));
    if (arguments.json) {
        const auto url = TRY(server_url(options.state, options.config));
        print_json({{"state", arguments.state},
                    {"server", url},
                    {"operator", (options.state.operator_folder() / "config.toml").string()}});
        return command_line::ExitCode::done;
    }
    fmt::print("made {}\n", arguments.state);
    fmt::print(
        "vendor data: version 1, signed with {}/example-vendor.key, a key just made on this machine; real "
        "signers take "
        "its place as docs/howto/sign-vendor-data.md says\n",
        arguments.state);
    fmt::print("serve:     assay-verifier serve --state {}\n", arguments.state);
    fmt::print("operators: assay --config {}/operator/config.toml hosts\n", arguments.state);
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> run_serve(const Arguments& arguments) {
    ServeOptions options;
    options.state.root = arguments.state;
    if (!arguments.listen.empty()) options.listen = arguments.listen;
    options.threads = arguments.threads;
    TRY_VOID(serve(options));
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> run_vendors_install(const Arguments& arguments) {
    const StateFolder state{arguments.state};
    const auto config = TRY(read_config(state));
    const auto store = TRY(store::Store::open(state.connection(config)));
    const auto edition = TRY(install_vendor_bundle(state, config, *store, arguments.bundle, now()));
    if (arguments.json)
        print_json({{"version", edition.version},
                    {"digest", edition.digest.hex()},
                    {"expires", utc_text(edition.expires)}});
    else
        fmt::print(
            "installed version {} ({}), good until {}; it is used from the next reload on: systemctl reload "
            "assay-verifier\n",
            edition.version, edition.digest.hex(), utc_text(edition.expires));
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> run_operator_add(const Arguments& arguments) {
    const StateFolder state{arguments.state};
    const auto config = TRY(read_config(state));
    const auto url = arguments.server.empty() ? TRY(server_url(state, config)) : arguments.server;
    TRY_VOID(add_operator(state, config, arguments.who, arguments.out, url, now()));
    if (arguments.json)
        print_json({{"operator", arguments.who.name}, {"folder", arguments.out}, {"server", url}});
    else
        fmt::print("made {}: give it to {} over a safe way\n", arguments.out, arguments.who.name);
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> run_operator_list(const Arguments& arguments) {
    const StateFolder state{arguments.state};
    const auto store = TRY(store::Store::open(state.connection(TRY(read_config(state)))));
    auto rows = Json::array();
    for (const auto& who : TRY(store::Operators(*store).list())) {
        if (arguments.json) {
            rows.push_back({{"certificate", who.certificate},
                            {"name", who.name},
                            {"role", who.role},
                            {"person", who.person},
                            {"feed", who.feed},
                            {"revoked", who.revoked_at != 0}});
            continue;
        }
        fmt::print("{}  {:10}  {}{}{}{}\n", who.certificate, who.role, printable(who.name),
                   who.person.empty() ? "" : "  of " + printable(who.person),
                   who.feed.empty() ? "" : "  for " + printable(who.feed),
                   who.revoked_at != 0 ? "  revoked" : "");
    }
    if (arguments.json) print_json(rows);
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> run_operator_revoke(const Arguments& arguments) {
    const StateFolder state{arguments.state};
    const auto store = TRY(store::Store::open(state.connection(TRY(read_config(state)))));
    TRY_VOID(store::Operators(*store).revoke(arguments.certificate, local_hand(), now()));
    if (arguments.json) print_json({{"revoked", arguments.certificate}});
    return command_line::ExitCode::done;
}

void add_init(command_line::Command& app, Arguments& arguments) {
    auto* command = command_line::add_command(app, "init", "Make the verifier's state folder", "",
                                              [&arguments] { return run_init(arguments); });
    add_state(*command, arguments);
    command->add_option("--name", arguments.names, "DNS name or IP address of the server (again for more)");
    command->add_option("--listen", arguments.listen, "ADDRESS:PORT to listen on")
        ->show_default("127.0.0.1:8443");
    command->add_option("--database", arguments.database, "sqlite, or postgresql://...")->show_default();
    command->add_option(
        "--vendor-db", arguments.vendors,
        "Folder of vendor data to make the first bundle of: vendors, decisions, lists, firmware");
    command->add_option("--policy", arguments.policy, "Policy to copy: a file, or a folder of several");
    command->add_option(
        "--tpm-roots", arguments.tpm_roots,
        "Folder of pinned TPM root certificates to copy, with revocation lists (*.crl) if you have them");
}

void add_serve(command_line::Command& app, Arguments& arguments) {
    auto* command = command_line::add_command(app, "serve", "Serve the API until SIGTERM", "",
                                              [&arguments] { return run_serve(arguments); });
    add_state(*command, arguments);
    command->add_option("--listen", arguments.listen,
                        "ADDRESS:PORT instead of the configured; port 0 picks one");
    command->add_option("--threads", arguments.threads, "Worker threads; 0 for one a processor")
        ->show_default();
}

void add_vendors(command_line::Command& app, Arguments& arguments) {
    auto* group = command_line::add_group(app, "vendors", "Put a newer bundle of vendor data in place");
    auto* install = command_line::add_command(
        *group, "install", "Verify a bundle as 'serve' would, and put it in place of the configured one",
        "assay-verifier vendors install vendors-8.bundle --state /var/lib/assay-verifier && systemctl "
        "reload assay-verifier",
        [&arguments] { return run_vendors_install(arguments); });
    install->add_option("bundle", arguments.bundle, "The signed bundle")->required()->type_name("FILE");
    add_state(*install, arguments);
}

Result<command_line::ExitCode> run_audit_restored(const Arguments& arguments) {
    TRY_VOID(audit_restored({arguments.state}, arguments.reason, now()));
    if (arguments.json) print_json({{"restored", true}, {"reason", arguments.reason}});
    return command_line::ExitCode::done;
}

void add_audit(command_line::Command& app, Arguments& arguments) {
    auto* group = command_line::add_group(app, "audit", "Compare the database with what its acts say");
    auto* verify = command_line::add_command(
        *group, "verify", "Print what contradicts the acts; exit code 3 where something does", "",
        [&arguments] { return audit_verify({arguments.state}, arguments.json); });
    add_state(*verify, arguments);
    auto* restored = command_line::add_command(
        *group, "restored", "Say that the database was set back on purpose, so that hosts are told so",
        "assay-verifier audit restored --reason \"disk failed, copy of 2026-11-29\"",
        [&arguments] { return run_audit_restored(arguments); });
    restored->add_option("--reason", arguments.reason, "Why, for whoever reads a host's result")->required();
    add_state(*restored, arguments);
}

Result<command_line::ExitCode> run_certificates_renew(const Arguments& arguments) {
    RenewOptions options{{arguments.state}, arguments.ca, arguments.names, {}};
    options.files.assign(arguments.files.begin(), arguments.files.end());
    return certificates_renew(options, arguments.json, now());
}

void add_certificates(command_line::Command& app, Arguments& arguments) {
    auto* group = command_line::add_group(app, "certificates",
                                          "Look at the verifier's own certificates, and renew them in time");
    auto* list = command_line::add_command(
        *group, "list", "Print when each ends",
        "assay-verifier certificates list  # 0: good, 4: one ends within 60 days, 3: one has ended",
        [&arguments] { return certificates_list({arguments.state}, arguments.json, now()); });
    list->add_flag("--json", arguments.json, "As JSON");
    add_state(*list, arguments);
    auto* renew = command_line::add_command(
        *group, "renew", "Renew certificates under the same CA with the same keys, and touch nothing else",
        "assay-verifier certificates renew && systemctl reload assay-verifier  # the server's, and "
        "operator/\n"
        "assay-verifier certificates renew otto/operator.pem  # an operator's, who sends it: no key travels\n"
        "assay-verifier certificates renew --ca  # the CA's own; give clients the new ca.pem",
        [&arguments] { return run_certificates_renew(arguments); });
    renew->add_option("file", arguments.files, "Operators' certificates to renew in their place")
        ->type_name("FILE");
    renew->add_option("--name", arguments.names,
                      "DNS name or IP address of the server instead of those that it has (again for more)");
    renew->add_flag("--ca", arguments.ca, "The CA's own certificate, and no other");
    renew->add_flag("--json", arguments.json, "As JSON");
    add_state(*renew, arguments);
}

void add_check(command_line::Command& app, Arguments& arguments) {
    auto* check = command_line::add_command(
        app, "check",
        "Whether the state can be served, and what will keep it from that soon; changes nothing",
        "assay-verifier check  # 0: all well, 4: something warns, 1: something failed\n"
        "assay-verifier check --reload && systemctl reload assay-verifier  # what a reload takes; 0 or 1",
        [&arguments] { return setup::check({{arguments.state}, arguments.reload}, arguments.json, now()); });
    check->add_flag(
        "--reload", arguments.reload,
        "Only what a reload takes: policies, vendor data, roots, certificates; warnings end with 0");
    check->add_flag("--json", arguments.json, "As JSON");
    add_state(*check, arguments);
}

void add_backup(command_line::Command& app, Arguments& arguments) {
    auto* backup = command_line::add_command(
        app, "backup", "Copy the whole state into a new folder, also while the verifier serves",
        "assay-verifier backup --out /var/backups/assay-2026-12-01  # holds private keys: its owner's alone\n"
        "assay-verifier backup --out ./monday --json  # the manifest; exit code 4 where PostgreSQL has the "
        "database: it says the pg_dump command",
        [&arguments] { return setup::backup({arguments.state}, arguments.out, arguments.json, now()); });
    backup->add_option("--out,-o", arguments.out, "The new folder; it appears when it is whole")
        ->required()
        ->type_name("DIR");
    backup->add_flag("--json", arguments.json, "As JSON: the manifest");
    add_state(*backup, arguments);
    auto* restore = command_line::add_command(
        app, "restore", "Verify a backup and make a state folder of it, where there is none",
        "assay-verifier restore --from /var/backups/assay-2026-12-01 --reason \"disk failed, copy of "
        "2026-12-01\"\n"
        "assay-verifier restore --from ./monday --state ./rehearsal  # another place",
        [&arguments] {
            return setup::restore(arguments.from, {arguments.state}, arguments.reason, arguments.json, now());
        });
    restore->add_option("--from", arguments.from, "The folder that 'backup' made")
        ->required()
        ->type_name("DIR");
    restore->add_option("--reason", arguments.reason,
                        "Say that the database was set back on purpose, and why, as 'audit restored' does");
    restore->add_flag("--json", arguments.json, "As JSON");
    add_state(*restore, arguments);
}

void add_operators(command_line::Command& app, Arguments& arguments) {
    auto* group = command_line::add_group(app, "operator", "Add, list and revoke operators");
    auto* add = command_line::add_command(*group, "add", "Issue an operator's certificate", "",
                                          [&arguments] { return run_operator_add(arguments); });
    add->add_option("name", arguments.who.name, "The operator's name")->required();
    add->add_option("--role", arguments.who.role,
                    "viewer, operator, keeper, order-feed, badge-feed, desk, reviewer or admin")
        ->required();
    add->add_option(
        "--person", arguments.who.person,
        "Who keeps the key, by their id in the directory; only a viewer and an operator need none");
    add->add_option("--feed", arguments.who.feed,
                    "Of an order-feed the issuer, of a badge-feed the source that it speaks for");
    add->add_option("--out", arguments.out,
                    "New folder for certificate, key and the configuration of `assay`")
        ->required();
    add->add_option("--server", arguments.server,
                    "URL for that configuration; by default the first name of the server's certificate and "
                    "the configured port");
    add_state(*add, arguments);
    auto* list = command_line::add_command(*group, "list", "List operators", "",
                                           [&arguments] { return run_operator_list(arguments); });
    add_state(*list, arguments);
    auto* revoke = command_line::add_command(*group, "revoke", "Revoke an operator's certificate, at once",
                                             "", [&arguments] { return run_operator_revoke(arguments); });
    revoke->add_option("certificate", arguments.certificate, "Its SHA-256, as `operator list` shows it")
        ->required();
    add_state(*revoke, arguments);
}

}  // namespace

int run_verifier(int argc, const char* const* argv) {
    ::umask(kOthers);  // whatever is made is its owner's alone: keys, the database, its log
    command_line::Command app("assay-verifier", "Appraises the evidence of hosts and serves the results");
    app.man_section = 8;
    Arguments arguments;
    command_line::prepare(app, arguments.json, kExamples);
    add_init(app, arguments);
    add_serve(app, arguments);
    add_vendors(app, arguments);
    add_operators(app, arguments);
    add_certificates(app, arguments);
    add_audit(app, arguments);
    add_backup(app, arguments);
    add_check(app, arguments);
    app.add_text_flag("--list-endpoints", api::list_endpoints,
                      "Print the endpoints of the API and who may call them");
    return command_line::run(app, argc, argv);
}

}  // namespace assay::setup
