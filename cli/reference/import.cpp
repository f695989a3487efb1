#include <ctime>
#include <memory>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "cli/duration.h"
#include "cli/reference/reference.h"
#include "cli/reference/reference_of_rim.h"
#include "evidence/base/text.h"
#include "evidence/tpm/pcr.h"

namespace assay::cli {
namespace {

struct Import {
    RimFiles files;
    ImportOptions set;
    std::string at, from, until, pcrs, out;
    bool list = false;
};

Result<ImportOptions> options_of(const Import& import, std::int64_t now) {
    auto options = import.set;
    if (!import.from.empty()) options.span.from = TRY(parse_time(import.from, now));
    if (!import.until.empty()) options.span.to = TRY(parse_time(import.until, now));
    if (import.pcrs.empty()) return options;
    const auto selection = tcg::pcr_selection_from_text("sha256:" + import.pcrs);
    if (!selection)
        return fail(ErrorCode::usage, "--pcrs: " + describe(selection.error()) + "; as in 0,2,4,7");
    for (std::uint32_t pcr = 0; pcr < tcg::kPcrCount; ++pcr) {
        if (selection->contains(HashAlgorithm::sha256, pcr)) options.pcrs.push_back(pcr);
    }
    return options;
}

command_line::ExitCode show(const Context& context, const std::vector<RimFile>& rims) {
    if (context.json) {
        auto rows = Json::array();
        for (const auto& each : rims) rows.push_back(to_json(each));
        print_json(rows);
        return command_line::ExitCode::done;
    }
    for (const auto& each : rims) print(each, true);
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> run_import(const Context& context, const Import& import) {
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    const auto at = import.at.empty() ? now : TRY(parse_time(import.at, now));
    const auto rims = TRY(read_rims(import.files, at));
    if (import.list) return show(context, rims);
    const auto options = TRY(options_of(import, now));
    std::vector<vendors::ReferenceSet> sets;
    for (const auto& each : rims) {
        auto made = TRY(reference_of_rim(each, options));
        // Beside what is on standard output, which may be the set itself.
        if (!made.left_out.empty())
            fmt::print(stderr, "{}: left out: {}\n", printable(each.name), fmt::join(made.left_out, ", "));
        sets.push_back(std::move(made.set));
    }
    return write_references(context, sets, import.out);
}

}  // namespace

void add_reference_import(command_line::Command& parent, Context& context) {
    const auto import = std::make_shared<Import>();
    auto* command = command_line::add_command(
        parent, "import",
        "Verify what a maker signed, a PC Client RIM or CoRIM, or read a list of digests, and make a set of "
        "it",
        "assay reference import r750-2.19.1.swidtag --roots maker-root.pem --list\n"
        "assay reference import r750-2.19.1.swidtag --support r750.rimel --roots maker-root.pem --model "
        "'PowerEdge "
        "R750' --out vendor-db/references/r750-2.19.1.toml\n"
        "assay reference import kernels.sha256 --name 'debian kernel' --version 6.1.0-29 --model '*'",
        [&context, import] { return run_import(context, *import); });
    add_rim_options(*command, import->files);
    command->add_option("--at", import->at, "Judge signatures as of then: 2026-01-15; by default now");
    command->add_flag("--list", import->list, "Only show what is in the manifests, with every value");
    command->add_option("--name", import->set.name,
                        "What it is a reference of; by default the manifest's name");
    command->add_option("--version", import->set.version,
                        "Which generation of it; by default the manifest's");
    command->add_option("--model", import->set.model, "The hosts' model, as SMBIOS has it; '*' for all");
    command->add_option(
        "--pcrs", import->pcrs,
        "Events of these PCRs alone; by default 0,2,4,7 of a boot event log, and all of others");
    command->add_option("--from", import->from, "Holds from then on; by default as the manifest says");
    command->add_option("--until", import->until, "Holds until then; by default as the manifest says");
    command->add_option("--out,-o", import->out, "The new file; by default standard output")->written();
}

}  // namespace assay::cli
