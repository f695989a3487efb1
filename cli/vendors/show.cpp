#include <memory>

#include <fmt/core.h>

#include "cli/vendors/vendors.h"
#include "evidence/base/text.h"
#include "verifier/service/inputs/vendor_files.h"

namespace assay::cli {
namespace {

Json names_of(const std::vector<vendors::SourceFile>& files) {
    auto out = Json::array();
    for (const auto& file : files) out.push_back(file.name);
    return out;
}

Result<command_line::ExitCode> run_show(const Context& context, const std::string& file) {
    const auto [bundle, content] = TRY(inputs::read_vendor_bundle(file));
    const auto complaints = vendors::check(content.sources);
    std::vector<std::string> keys;
    for (const auto& each : bundle.signatures) keys.push_back(each.key.hex());
    if (context.json) {
        print_json({{"digest", bundle.digest().hex()},
                    {"version", content.version},
                    {"issued", content.issued},
                    {"expires", content.expires},
                    {"signatures_not_verified", keys},
                    {"complaints", complaints.size()},
                    {"vendors", names_of(content.sources.vendors)},
                    {"lists", names_of(content.sources.lists)},
                    {"decisions", names_of(content.sources.decisions)},
                    {"firmware", names_of(content.sources.firmware)},
                    {"baselines", names_of(content.sources.baselines)},
                    {"references", names_of(content.sources.references)}});
        return command_line::ExitCode::done;
    }
    fmt::print("version:    {}\ndigest:     {}\nissued:     {}\nexpires:    {}\n", content.version,
               bundle.digest().hex(), utc_text(content.issued), utc_text(content.expires));
    fmt::print(
        "files:      {} of makers, {} lists, {} of decisions, {} of firmware, {} of baselines, {} of "
        "references; {} complaints\n",
        content.sources.vendors.size(), content.sources.lists.size(), content.sources.decisions.size(),
        content.sources.firmware.size(), content.sources.baselines.size(), content.sources.references.size(),
        complaints.size());
    fmt::print("signatures: {}, not verified here: assay vendors verify\n", keys.size());
    for (const auto& key : keys) fmt::print("            key {}\n", key);
    for (const auto& each : complaints) fmt::print("complaint:  {}\n", printable(to_string(each)));
    return command_line::ExitCode::done;
}

}  // namespace

void add_vendors_show(command_line::Command& parent, Context& context) {
    const auto file = std::make_shared<std::string>();
    auto* command = command_line::add_command(parent, "show", "What is in a bundle, whoever signed it",
                                              "assay vendors show vendors-8.bundle\n"
                                              "assay vendors show vendors-8.bundle --json | jq -r '.digest'",
                                              [&context, file] { return run_show(context, *file); });
    command->add_option("bundle", *file, "The bundle")->required()->type_name("FILE");
}

}  // namespace assay::cli
