#include "cli/hosts/admission.h"

#include <ctime>
#include <memory>

#include <fmt/core.h>

#include "cli/duration.h"
#include "cli/moments.h"
#include "cli/table.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/codec/csv.h"
#include "evidence/wire/purchase_list.h"

namespace assay::cli {
namespace {

struct AdmissionOptions {
    std::string file, host, reason, ek, id, since, lifetime = "1d";
    std::uint64_t limit = 100;
    bool dry_run = false;
};

Result<std::string> post_list(const Context& context, const AdmissionOptions& options) {
    const auto text = TRY(read_file(options.file, limits::kTextFile));
    // Looked at here first: the error then names the file, and needs no verifier.
    TRY_VOID(with_context(parse_purchase_list(as_text(text)), printable(options.file)));
    if (const auto comments = csv_comments(as_text(text)); comments != 0)
        fmt::print(stderr, "{}: {} lines that begin with # are left out\n", printable(options.file),
                   comments);
    auto client = TRY(connect(context));
    const auto path = fmt::format("/v1/registrations?dry_run={}", options.dry_run);
    const auto answer = TRY(client.post(path, "text/csv", text));
    if (answer.status / 100 != 2) return std::unexpected(client::problem_of(answer));
    return std::string(as_text(answer.body));
}

Result<command_line::ExitCode> register_list(const Context& context, const AdmissionOptions& options) {
    const auto text = TRY(post_list(context, options));
    JsonReader answer(text, kAnswer);
    const bool kept = answer.flag_or("kept", false);
    std::size_t refused = 0;
    answer.each("hosts", [&](JsonReader& host) { refused += host.peek("outcome") == "refused" ? 1U : 0U; });
    TRY_VOID(answer.finish());
    if (context.json) {
        TRY_VOID(print_answer(text));
        return refused == 0 ? command_line::ExitCode::done : command_line::ExitCode::not_processed;
    }
    answer.each("hosts", [&](JsonReader& host) {
        const auto outcome = host.peek("outcome");
        if (outcome == "unchanged") return;
        const auto reason = host.peek("reason");
        fmt::print("{}:{}: {} {}{}{}\n", cell(options.file), number_of(host, "line"), cell(host.peek("host")),
                   outcome, reason.empty() ? "" : ": ", printable(reason));
    });
    if (refused != 0) {
        return fail(ErrorCode::conflict, fmt::format("{}: {} lines are refused, so nothing was registered",
                                                     printable(options.file), refused));
    }
    fmt::print("{} hosts {}\n", answer.size("hosts"),
               kept ? "registered" : "would be registered; nothing was changed (--dry-run)");
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> list_registered(const Context& context) {
    return show_answer(context, TRY(get(context, "/v1/registrations")), [](JsonReader& rows) {
        Table table({"HOST", "SITE", "RACK", "UNIT", "CHASSIS", "TPM DIGEST"});
        rows.each("", [&](JsonReader& row) {
            table.add({cell(row.peek("host")), cell(row.peek("site")), cell(row.peek("rack")),
                       cell(row.peek("unit")), cell(row.peek("chassis_serial")),
                       cell(row.peek("tpm_digest"))});
        });
        table.print();
        if (rows.size() == 0) fmt::print("No host is registered: assay hosts register --purchase FILE.csv\n");
    });
}

Result<command_line::ExitCode> list_refusals(const Context& context, const AdmissionOptions& options) {
    auto path = fmt::format("/v1/refusals?limit={}", options.limit);
    if (!options.host.empty()) path += "&host=" + client::percent_encoded(options.host);
    if (!options.since.empty())
        path += fmt::format("&since={}", TRY(parse_time(options.since, std::time(nullptr))));
    return show_answer(context, TRY(get(context, path)), [](JsonReader& rows) {
        rows.each("", [](JsonReader& row) {
            fmt::print("{}  {}  {}  {} times since {}\n  expected  {}\n  actual    {}\n",
                       time_of(row, "last_at"), cell(row.peek("host")), cell(row.peek("id")),
                       number_of(row, "times"), time_of(row, "first_at"), kept_cell(row.peek("expected")),
                       kept_cell(row.peek("actual")));
        });
        if (rows.size() == 0)
            fmt::print("Nobody was refused.\n");
        else
            fmt::print("What an id means and what to do: assay explain ID\n");
    });
}

Result<command_line::ExitCode> order_replacement(const Context& context, const AdmissionOptions& options) {
    const auto lifetime_s = TRY(parse_duration(options.lifetime));
    Json body = {{"reason", options.reason}, {"lifetime_s", lifetime_s}};
    if (!options.ek.empty()) body["tpm_digest"] = options.ek;
    const auto ordered =
        TRY(post(context, "/v1/hosts/" + client::percent_encoded(options.host) + "/replacement", body));
    return show_answer(context, ordered, [&](JsonReader& answer) {
        const auto token = answer.peek("token");
        fmt::print(
            "Ordered: {} until {}. On the host with its new mainboard:\n  assay-agent enrol --name {}{}\n",
            cell(answer.peek("id")), time_of(answer, "expires_at"), cell(options.host),
            token.empty() ? "" : " --token-file -");
        if (!token.empty()) fmt::print("The token that it asks for:\n  {}\n", printable(token));
    });
}

std::string state_of(const JsonReader& row) {
    if (seconds_of(row, "released_at") != 0) return "released";
    if (seconds_of(row, "done_at") != 0) return "done";
    return seconds_of(row, "expires_at") > std::time(nullptr) ? "pending" : "over";
}

Result<command_line::ExitCode> list_replacements(const Context& context, const AdmissionOptions& options) {
    const auto path = options.host.empty() ? std::string("/v1/replacements")
                                           : "/v1/replacements?host=" + client::percent_encoded(options.host);
    return show_answer(context, TRY(get(context, path)), [](JsonReader& rows) {
        rows.each("", [](JsonReader& row) {
            fmt::print("{}  {}  {}  {}  by {}: {}\n", time_of(row, "ordered_at"), cell(row.peek("host")),
                       state_of(row), cell(row.peek("id")), cell(row.peek("ordered_by")),
                       cell(row.peek("reason")));
            if (seconds_of(row, "done_at") == 0) return;
            fmt::print("  done      {}\n  old EK    {}\n  new EK    {}\n", time_of(row, "done_at"),
                       cell(row.peek("old_ek_digest")), cell(row.peek("new_ek_digest")));
            if (seconds_of(row, "released_at") == 0) return;
            fmt::print("  released  {} by {}: {}\n", time_of(row, "released_at"),
                       cell(row.peek("released_by")), cell(row.peek("release_reason")));
        });
        if (rows.size() == 0) fmt::print("No TPM was exchanged.\n");
    });
}

Result<command_line::ExitCode> release(const Context& context, const AdmissionOptions& options) {
    const auto released =
        TRY(post(context, "/v1/replacements/" + client::percent_encoded(options.id) + "/release",
                 Json{{"reason", options.reason}}));
    return show_answer(context, released, [](JsonReader& answer) {
        fmt::print("Released: the TPM with EK {} may be enrolled again.\n",
                   cell(answer.peek("old_ek_digest")));
    });
}

}  // namespace

void add_hosts_admission(command_line::Command& hosts, Context& context) {
    const auto options = std::make_shared<AdmissionOptions>();
    using command_line::add_command;
    const auto bind = [&context, &options](
                          Result<command_line::ExitCode> (*action)(const Context&, const AdmissionOptions&)) {
        return [&context, options, action] { return action(context, *options); };
    };
    auto* list = add_command(hosts, "register", "Say from the purchase which TPM belongs to which host",
                             "assay hosts register --purchase racks.csv --dry-run  # what would change\n"
                             "assay hosts register --purchase racks.csv  # all lines or none",
                             bind(register_list));
    list->add_option(
            "--purchase", options->file,
            "CSV: host, site, rack, unit, tpm_digest, chassis_serial (docs/formats/purchase-list.md)")
        ->required()
        ->type_name("FILE");
    list->add_flag("--dry-run", options->dry_run, "Say what would change, and change nothing");
    add_command(hosts, "registered", "List the hosts that purchase lists name",
                "assay hosts registered --json | jq -r '.[] | select(.rack == \"r12\").host'",
                [&context] { return list_registered(context); });
    auto* refusals = add_command(hosts, "refusals", "List who was refused an enrolment, newest first",
                                 "assay hosts refusals --since 24h", bind(list_refusals));
    refusals->add_option("--host", options->host, "Only about this host");
    refusals->add_option("--since", options->since, "Only since then: 24h, 2026-11-22, 2026-11-22T10:42:25Z");
    refusals->add_option("--limit", options->limit, "At most this many")->in_range(1, 1000)->show_default();
    auto* replace = add_command(hosts, "replace", "Let a host enrol once with another TPM",
                                "assay hosts replace rack-7 --reason 'WO-1017: mainboard exchanged'",
                                bind(order_replacement));
    replace->add_option("HOST", options->host, "The host's name")->required();
    replace->add_option("--reason", options->reason, "Why; it stands in the next results")->required();
    replace
        ->add_option("--ek", options->ek,
                     "Digest of the new TPM, as in a purchase list; without it a token is made")
        ->type_name("DIGEST");
    replace->add_option("--lifetime", options->lifetime, "How long the order can be used: 30m, 12h, 2d")
        ->show_default();
    auto* replacements =
        add_command(hosts, "replacements", "List exchanges of TPMs: who, when, why, old and new",
                    "assay hosts replacements --host rack-7", bind(list_replacements));
    replacements->add_option("--host", options->host, "Only of this host");
    auto* released = add_command(
        hosts, "release", "Let a TPM that was taken out of a host be enrolled again",
        "assay hosts release 1f0c9a8b7d6e5f4a3b --reason 'board repaired, now in rack-9'", bind(release));
    released->add_option("REPLACEMENT", options->id, "Its id, from: assay hosts replacements")->required();
    released->add_option("--reason", options->reason, "Why")->required();
}

}  // namespace assay::cli
