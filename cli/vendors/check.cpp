#include <memory>

#include <fmt/core.h>

#include "cli/vendors/vendor_data.h"
#include "cli/vendors/vendors.h"
#include "evidence/base/text.h"
#include "verifier/service/inputs/vendor_files.h"

namespace assay::cli {
namespace {

Result<command_line::ExitCode> run_check(const Context& context, const std::string& folder) {
    const auto sources = TRY(inputs::read_vendor_sources(folder));
    const auto complaints = vendors::check(sources);
    const auto files = sources.vendors.size() + sources.lists.size() + sources.decisions.size() +
                       sources.firmware.size() + sources.baselines.size() + sources.references.size();
    if (context.json) {
        auto rows = Json::array();
        for (const auto& each : complaints)
            rows.push_back(
                {{"file", each.file}, {"line", each.line}, {"what", each.what}, {"remedy", each.remedy}});
        print_json({{"files", files}, {"complaints", rows}});
    } else {
        for (const auto& each : complaints) fmt::print("{}\n", printable(to_string(each)));
        fmt::print("{} files, {} complaints\n", files, complaints.size());
    }
    return complaints.empty() ? command_line::ExitCode::done : command_line::ExitCode::not_processed;
}

}  // namespace

void add_vendors_check(command_line::Command& parent, Context& context) {
    const auto folder = std::make_shared<std::string>(installed_vendors());
    auto* command =
        command_line::add_command(parent, "check",
                                  "Everything that is wrong in a folder of vendor data, with file, line and "
                                  "remedy; exit code 1 where something is",
                                  "assay vendors check ./vendor-db\n"
                                  "assay vendors check --json | jq -r '.complaints[].file' | sort | uniq -c",
                                  [&context, folder] { return run_check(context, *folder); });
    command
        ->add_option("folder", *folder,
                     "Folder with vendors/*.toml, lists/*.toml, decisions/*.toml, firmware/*.toml, "
                     "baselines/*.toml, references/*.toml")
        ->show_default()
        ->type_name("DIR");
}

}  // namespace assay::cli
