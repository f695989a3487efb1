#include <map>
#include <memory>

#include <fmt/core.h>

#include "agent/commands/commands.h"
#include "agent/opened_machine.h"
#include "agent/usb/journal/anchored_journal.h"
#include "client/command_line/command_line.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"

namespace assay::agent {
namespace {

using AnchorState = AnchorStatus::State;

struct JournalOptions {
    AskSettings settings;
    std::string owner_auth, owner_auth_file;
    bool renew = false, yes = false;
    AsJson json;
};

Result<std::string> owner_auth_of(const JournalOptions& options) {
    return tpm_owner_auth(options.owner_auth, options.owner_auth_file);
}

command_line::ExitCode exit_of(AnchorState state) {
    switch (state) {
        case AnchorState::anchored:
            return command_line::ExitCode::done;
        case AnchorState::behind:
        case AnchorState::absent:
            return command_line::ExitCode::warning;
        case AnchorState::foreign:
            return command_line::ExitCode::contraindicated;
        case AnchorState::unknown:
            return command_line::ExitCode::none;
    }
    return command_line::ExitCode::none;
}

std::string words(const AnchorStatus& status) {
    if (status.state == AnchorState::anchored)
        return fmt::format("the TPM has every record up to {}", status.head);
    if (status.state == AnchorState::behind)
        return fmt::format("the TPM has the records up to {} of {}; the service brings it up when it attests",
                           status.through, status.head);
    return status.reason;
}

void print_journal(const AnchorStatus& status, bool json) {
    if (json) {
        Json out{{"state", to_string(status.state)},
                 {"records", status.head},
                 {"anchored_through", status.through},
                 {"reason", status.reason},
                 {"counter", nullptr},
                 {"value", nullptr}};
        if (status.counter) out["counter"] = *status.counter;
        if (status.value) out["value"] = status.value->hex();
        fmt::print("{}\n", out.dump(2));
        return;
    }
    fmt::print("{}: {}\n", to_string(status.state), printable(words(status)));
    if (status.counter) fmt::print("  counter 0x0180a5a2  {}\n", *status.counter);
    if (status.value) fmt::print("  value   0x0180a5a1  {}\n", status.value->hex());
}

Result<command_line::ExitCode> run_journal_status(const JournalOptions& options) {
    const auto settings = TRY(options.settings());
    const auto tpm = TRY(open_tpm(settings));
    const auto status = anchor_status(settings.journal_folder(), *tpm);
    print_journal(status, *options.json);
    return exit_of(status.state);
}

// The chain and every record first: what does not decode says where.
Result<command_line::ExitCode> run_verify(const JournalOptions& options) {
    const auto settings = TRY(options.settings());
    const auto journal = TRY(load_journal(settings.journal_folder()));
    std::map<std::string_view, std::size_t> kinds;
    for (const auto& frame : journal.scan.frames)
        ++kinds[to_string(TRY(decode_journal_record(frame.record)).kind)];
    const auto tpm = TRY(open_tpm(settings));
    const auto status = anchor_status(settings.journal_folder(), *tpm);
    if (!*options.json) {
        fmt::print("records {} to {} follow from each other\n", journal.scan.base.sequence + 1,
                   journal.scan.head.sequence);
        for (const auto& [kind, count] : kinds) fmt::print("  {:<14} {}\n", kind, count);
    }
    print_journal(status, *options.json);
    return exit_of(status.state);
}

Result<command_line::ExitCode> run_init(const JournalOptions& options) {
    const auto settings = TRY(options.settings());
    const auto auth = TRY(owner_auth_of(options));
    const auto host = TRY(open_host(settings));
    const auto tpm = TRY(open_tpm(settings));
    AnchoredJournal journal(TRY(Journal::open(settings.journal_folder())), settings.journal_folder(),
                            tpm.get());
    const auto done = TRY(journal.set_up(auth, options.renew, TRY(new_record(*host))));
    if (const auto trouble = journal.trouble()) return fail(ErrorCode::tpm, trouble->reason);
    const bool already = done == AnchoredJournal::Setup::already;
    const auto head = journal.head().sequence;
    if (*options.json)
        fmt::print("{}\n", Json{{"already", already}, {"records", head}}.dump(2));
    else if (already)
        fmt::print("already set up; the TPM vouches for this journal\n");
    else
        fmt::print("from record {} on the TPM vouches for the journal\n", head);
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> run_remove(const JournalOptions& options) {
    const auto settings = TRY(options.settings());
    if (!options.yes) {
        return fail(ErrorCode::usage,
                    "without its indices the TPM vouches for nothing, and the verifier will report this "
                    "host; say --yes if "
                    "that is meant");
    }
    const auto auth = TRY(owner_auth_of(options));
    const auto tpm = TRY(open_tpm(settings));
    TRY_VOID(tpm->remove_journal_indices(auth));
    if (*options.json)
        fmt::print("{}\n", Json{{"removed", true}}.dump(2));
    else
        fmt::print("the TPM's indices for the journal are removed\n");
    return command_line::ExitCode::done;
}

}  // namespace

void add_journal_commands(command_line::Command& app, AskSettings settings, AsJson json) {
    using command_line::add_command;
    const auto options = std::make_shared<JournalOptions>();
    options->settings = std::move(settings);
    options->json = std::move(json);
    const auto bind = [&options](Result<command_line::ExitCode> (*action)(const JournalOptions&)) {
        return [options, action] { return action(*options); };
    };
    const auto owner = [&options](command_line::Command* command) {
        command
            ->add_option(
                "--owner-auth", options->owner_auth,
                "The TPM owner's authorisation value (default: empty). All users of this machine can "
                "see it: better --owner-auth-file")
            ->type_name("TEXT");
        command
            ->add_option("--owner-auth-file", options->owner_auth_file,
                         "File whose first line is that value; - is standard input. Without it the systemd "
                         "credential assay.owner-auth counts")
            ->type_name("FILE");
    };
    auto* group =
        command_line::add_group(app, "journal", "The device journal, and the TPM that vouches for it");
    auto* init = add_command(
        *group, "init", "Let the TPM vouch for the journal from now on",
        "assay-agent journal init  # the service does it by itself where the owner has no password\n"
        "assay-agent journal init --renew  # after the TPM was cleared; the verifier reports it",
        bind(run_init));
    owner(init);
    init->add_flag("--renew", options->renew, "Give up what the TPM vouched for until now");
    add_command(*group, "status", "Say whether the TPM has every record",
                "assay-agent journal status  # 0: all, 4: not all or not set up, 3: of another journal",
                bind(run_journal_status));
    add_command(*group, "verify", "Check every record, the chain and the TPM's word",
                "assay-agent journal verify  # exit codes as of status; 1: the journal is damaged",
                bind(run_verify));
    auto* remove =
        add_command(*group, "remove", "Take the indices out of the TPM",
                    "assay-agent journal remove --yes  # before a machine is given away", bind(run_remove));
    owner(remove);
    remove->add_flag("--yes", options->yes, "It is meant");
}

}  // namespace assay::agent
