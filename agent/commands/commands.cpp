#include "agent/commands/commands.h"

#include <memory>

#include <fmt/core.h>

#include "agent/attest/attest.h"
#include "agent/commands/doctor.h"
#include "agent/daemon.h"
#include "agent/enrol/ek_certificate_file.h"
#include "agent/enrol/enrol.h"
#include "agent/enrol/self_enrol.h"
#include "agent/opened_machine.h"
#include "agent/state/activation.h"
#include "agent/state/host_identity.h"
#include "client/command_line/command_line.h"
#include "client/command_line/result_text.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/base/version.h"
#include "evidence/codec/json_writer.h"
#include "files/output.h"
#include "files/secret.h"

namespace assay::agent {
namespace {

constexpr mode_t kOwnersAlone = 0600;  // evidence has serial numbers, users' devices, file names

struct Options {
    std::string config, server, ca, state, tcti, recorded;  // empty: not given
    std::string token, token_file, name, out, folder;
    std::string endorsement_auth, endorsement_auth_file;
    bool json = false;
};

// Options stand above the configuration file.
Result<Settings> settings_of(const Options& options) {
    auto settings = TRY(load_settings(options.config));
    if (!options.server.empty()) settings.server = options.server;
    if (!options.ca.empty()) settings.ca_file = options.ca;
    if (!options.state.empty()) settings.state = options.state;
    if (!options.tcti.empty()) settings.tcti = options.tcti;
    settings.recorded = options.recorded;
    settings.endorsement_auth = options.endorsement_auth;
    if (!options.endorsement_auth_file.empty())
        settings.endorsement_auth_file = options.endorsement_auth_file;
    return settings;
}

Result<command_line::ExitCode> run_enrol(const Options& options) {
    const auto settings = TRY(settings_of(options));
    const auto token = TRY(files::secret_of({"--token", options.token, options.token_file, "assay.token"}));
    auto client = TRY(client::HttpsClient::make(settings.client()));
    const auto machine = TRY(open_machine(settings));
    if (!machine.tpm) return std::unexpected(machine.no_tpm);
    const auto own = settings.name.empty() ? machine_name() : settings.name;
    const auto name = options.name.empty() ? own : options.name;
    const auto enrolled = TRY(enrol(client, *machine.tpm, settings, token, name));
    if (options.json)
        fmt::print("{}\n", Json{{"host", enrolled.host}, {"already", enrolled.already}}.dump(2));
    else
        fmt::print("{} as {}\n", enrolled.already ? "already enrolled" : "enrolled",
                   printable(enrolled.host));
    return command_line::ExitCode::done;
}

void print_saved(const Options& options, const SavedBundle& bundle, std::string_view how,
                 const std::string& where) {
    const auto sections = bundle.evidence.sections.size();
    const bool proven = bundle.activation.has_value();
    if (options.json)
        fmt::print("{}\n", Json{{"host", bundle.known_host.name},
                                {"sections", sections},
                                {"written", where},
                                {"activation", proven}}
                               .dump(2));
    else
        fmt::print("{}{} sections of {} in {}{}\n", how, sections, printable(bundle.known_host.name),
                   printable(where),
                   proven ? ", with the verifier's statement of activation"
                          : "; without a statement of activation it cannot be affirmed offline: assay-agent "
                            "doctor");
}

// What `collect` and `record` ask for: a nonce of their own, and the whole journal.
Result<EvidenceRequest> own_request(const Settings& settings, Host& host) {
    EvidenceRequest request;
    const auto name = enrolled_name(settings.state);
    request.host = name ? *name : machine_name();
    request.nonce = TRY(random_nonce());
    request.journal = [settings] { return journal_part(settings, 0); };
    request.heartbeat = [settings, &host] { return noted_heartbeat(settings, host); };
    request.activation = [settings,
                          name = request.host](const TpmIdentity& keys) -> std::optional<std::string> {
        auto kept = activation_for(settings.state, name, keys);
        return kept ? std::optional(std::move(kept->token)) : std::nullopt;
    };
    return request;
}

// A recording answers only for the quote that was recorded, so its bundle says what to ask for.
Result<EvidenceRequest> recorded_request(const Settings& settings, Host& host) {
    const auto bundle = TRY(recorded_bundle(settings.recorded));
    EvidenceRequest request;
    request.host = bundle.known_host.name;
    request.nonce = bundle.challenge.nonce;
    request.selection = bundle.challenge.selection;
    const auto& sections = bundle.evidence.sections;
    JournalPart part;
    if (const auto journal = sections.find(section::kJournal); journal != sections.end())
        part.sections.insert(*journal);
    if (const auto gaps = sections.find(section::kGaps); gaps != sections.end()) {
        part.gaps = TRY(decode_gaps_section(gaps->second));
        // The collectors find theirs again; the journal's came from outside of them.
        std::erase_if(part.gaps, [](const Gap& gap) { return gap.section != section::kJournal; });
    }
    request.journal = [part] { return part; };
    request.heartbeat = [settings, &host] { return noted_heartbeat(settings, host); };
    request.activation = [kept = bundle.activation](const TpmIdentity&) { return kept; };
    return request;
}

Result<command_line::ExitCode> run_collect(const Options& options) {
    const auto settings = TRY(settings_of(options));
    const auto machine = TRY(open_machine(settings));
    const bool replayed = !settings.recorded.empty() && settings.tcti.empty();
    auto request =
        TRY(replayed ? recorded_request(settings, *machine.host) : own_request(settings, *machine.host));
    auto bundle = TRY(make_saved_bundle(machine.machine(), std::move(request),
                                        fmt::format("assay-agent {} collect", kVersion)));
    auto& known = bundle.known_host;
    if (!settings.ek_certificate.empty() && !replayed)  // as it was enrolled
        known.ek_certificates = TRY(read_ek_certificates(settings.ek_certificate, known.ek_public));
    TRY_VOID(files::write_output(options.out, encode_saved_bundle(bundle), {.mode = kOwnersAlone}));
    if (!files::is_stdout(options.out)) print_saved(options, bundle, "", options.out);
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> run_attest(const Options& options) {
    const auto settings = TRY(settings_of(options));
    const auto host = TRY(enrolled_name(settings.state));
    auto client = TRY(client::HttpsClient::make(settings.client()));
    const auto machine = TRY(open_machine(settings));
    const auto verdict = TRY(
        attest(client, machine.machine(), host, settings.state, voice_beside(settings, *machine.host), true));
    if (!verdict.result)
        return fail(ErrorCode::malformed, "the verifier's answer: expected the result, which was asked for");
    fmt::print("{}", options.json ? verdict.json + "\n"
                                  : command_line::result_text(*verdict.result, command_line::colours()));
    return command_line::exit_code(verdict.tier);
}

Result<command_line::ExitCode> run_run(const Options& options) {
    const auto file = options.config.empty() ? std::string(kDefaultConfig) : options.config;
    TRY_VOID(run_daemon({file, [options] { return settings_of(options); }}));
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> run_record(const Options& options) {
    const auto settings = TRY(settings_of(options));
    const auto host = TRY(open_host(settings));
    const auto bundle = TRY(record(*host, way_to_tpm(settings), TRY(access_to_tpm(settings)),
                                   TRY(own_request(settings, *host)),
                                   fmt::format("assay-agent {} record", kVersion), options.folder));
    print_saved(options, bundle, "recorded ", options.folder);
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> run_doctor(const Options& options) {
    const auto ailments = TRY(examine(TRY(settings_of(options))));
    fmt::print("{}", options.json ? doctor_json(ailments) : doctor_text(ailments, command_line::colours()));
    return doctor_exit_code(ailments);
}

}  // namespace

void add_agent_commands(command_line::Command& app) {
    using command_line::add_command;
    const auto options = std::make_shared<Options>();
    app.man_section = 8;
    command_line::prepare(app, options->json,
                          "assay-agent doctor  # what can be read here, and how to fix what cannot\n"
                          "assay-agent enrol --token-file FILE --name rack-7  # once\n"
                          "assay-agent attest  # now; 0 is go",
                          "/etc/assay/agent.toml  # server, ca, name, state, tcti, interval_s\n"
                          "/etc/assay/enrol-token  # a one-time token, taken and removed\n"
                          "/var/lib/assay-agent/host.json  # the name under which this host is enrolled\n"
                          "/var/lib/assay-agent/activation.jwt  # the verifier's word for it, for bundles\n"
                          "/var/lib/assay-agent/journal/  # the device journal");
    app.add_option("--config", options->config, "Configuration (default /etc/assay/agent.toml)")
        ->type_name("FILE");
    app.add_option("--server", options->server, "The verifier: https://HOST:PORT")->type_name("URL");
    app.add_option("--ca", options->ca, "PEM of the verifier's own CA, the only one believed")
        ->type_name("FILE");
    app.add_option("--state", options->state,
                   "Where host.json and the journal are (default /var/lib/assay-agent)")
        ->type_name("DIR");
    app.add_option("--tcti", options->tcti, "The TPM, as tctildr takes it (default /dev/tpmrm0)")
        ->type_name("CONF");
    app.add_option(
           "--endorsement-auth", options->endorsement_auth,
           "The TPM endorsement hierarchy's authorisation value; others can read it in the process list, so "
           "better the file")
        ->type_name("TEXT");
    app.add_option("--endorsement-auth-file", options->endorsement_auth_file,
                   "The same from a file, or - for standard input")
        ->type_name("FILE");
    app.add_option("--recorded", options->recorded, "A recorded host instead of this machine")
        ->type_name("DIR");

    const auto bind = [&options](Result<command_line::ExitCode> (*action)(const Options&)) {
        return [options, action] { return action(*options); };
    };
    auto* enrol = add_command(
        app, "enrol", "Prove to the verifier that this TPM is this host's",
        "assay-agent enrol --name rack-7  # where the purchase list names this host\n"
        "assay-agent enrol --token-file - --name rack-7  # asks for what `assay token rack-7` printed",
        bind(run_enrol));
    enrol
        ->add_option("--token", options->token,
                     "One-time token of an operator; none where the purchase list names this host. All users "
                     "of this machine can see it: better --token-file")
        ->type_name("TOKEN");
    enrol
        ->add_option("--token-file", options->token_file,
                     "File whose first line is the token; - is standard input. Without it the systemd "
                     "credential assay.token counts")
        ->type_name("FILE");
    enrol->add_option("--name", options->name, "The host's name (default: its own)")->type_name("NAME");
    auto* collect = add_command(
        app, "collect", "Write evidence to a file, for an appraisal offline",
        "assay-agent collect --out host.bundle  # then: assay appraise host.bundle --keys keys.json ...",
        bind(run_collect));
    collect->add_option("--out", options->out, "The saved bundle")->required()->written();
    add_command(app, "attest", "Attest now and print the verdict",
                "assay-agent attest --json  # the verifier's answer as it is", bind(run_attest));
    add_command(
        app, "run", "Enrol where that is to be done, watch USB, and attest again and again (the service)",
        "systemctl start assay-agent  # as the service; assay-agent.socket holds the kernel's events for it\n"
        "systemctl reload assay-agent  # reads its configuration again; so does SIGHUP",
        bind(run_run));
    auto* record =
        add_command(app, "record", "Record this machine into a folder that can be played back",
                    "assay-agent record rack-7/  # then: assay-agent --recorded rack-7/ collect --out F",
                    bind(run_record));
    record->add_option("folder", options->folder, "The folder")->required()->type_name("DIR");
    const AskSettings settings = [options] { return settings_of(*options); };
    const AsJson json(options, &options->json);
    add_journal_commands(app, settings, json);
    add_gate_commands(app, settings, json);
    add_session_commands(app, settings, json);
    add_helper_commands(app, settings, json);
    add_command(app, "doctor", "Say what can be read here, what not, why, and how to fix it",
                "assay-agent doctor  # 4: with gaps, 5: no attestation", bind(run_doctor));
}

}  // namespace assay::agent
