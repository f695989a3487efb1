#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/vendors/vendors.h"
#include "vendor-db/resolve/identifier.h"
#include "verifier/service/inputs/id_files.h"

namespace assay::cli {
namespace {

struct UnknownOptions {
    std::uint64_t limit = 100;
};

/// Adds what this machine's id files call each.
void describe_by_the_system(nlohmann::json& rows) {
    const auto files = inputs::IdFiles::of_system();
    for (auto& row : rows) {
        const auto ns = vendors::namespace_from_name(text_of(row, "namespace"));
        const auto name = ns ? files.find(*ns, text_of(row, "value")) : std::nullopt;
        if (name) row["described_by"] = {{"name", name->name}, {"file", name->file}};
    }
}

void print_unknown(const nlohmann::json& answer) {
    const auto& rows = answer.at("identifiers");
    if (rows.empty()) {
        fmt::print("Every identifier of every host is known.\n");
        return;
    }
    fmt::print("{:>6}  {:<10} {:<28} {:<20} {:<20} {}\n", "HOSTS", "NAMESPACE", "VALUE", "PARTS", "E.G. HOST",
               "SEEN AS");
    for (const auto& row : rows) {
        std::string parts;
        for (const auto& part : row.at("components"))
            parts += (parts.empty() ? "" : ",") + part.get<std::string>();
        std::string description = row.at("placeholder").get<bool>() ? ", a placeholder" : "";
        if (row.contains("described_by")) {
            const auto& by = row.at("described_by");
            description +=
                fmt::format("; {} calls it '{}'", cell(text_of(by, "file")), cell(text_of(by, "name")));
        }
        fmt::print("{:>6}  {:<10} {:<28} {:<20} {:<20} {}{}\n", row.at("hosts").get<std::int64_t>(),
                   text_of(row, "namespace"), cell(text_of(row, "value")), parts,
                   cell(text_of(row, "example_host")), cell(text_of(row, "seen_as")), description);
    }
    fmt::print(
        "Add each to a vendor file, with its source: docs/formats/vendor-files.md. A placeholder is the "
        "firmware's: it belongs in none.\n");
    if (rows.size() < answer.at("in_all").get<std::size_t>())
        fmt::print("{} of {} shown; --limit shows more\n", rows.size(),
                   answer.at("in_all").get<std::size_t>());
}

}  // namespace

void add_vendors_unknown(command_line::Command& parent, Context& context) {
    const auto options = std::make_shared<UnknownOptions>();
    auto* command = command_line::add_command(
        parent, "unknown",
        "The review queue: identifiers that no vendor file has, by the number of hosts with them",
        "assay vendors unknown\n"
        "assay vendors unknown --json | jq -r '.identifiers[] | select(.namespace == \"pci\") | .value'",
        [&context, options]() -> Result<command_line::ExitCode> {
            auto answer = TRY(get(context, fmt::format("/v1/vendors/unknown?limit={}", options->limit)));
            describe_by_the_system(answer["identifiers"]);
            if (context.json)
                print_json(answer);
            else
                print_unknown(answer);
            return command_line::ExitCode::done;
        });
    command->add_option("--limit", options->limit, "At most this many")->in_range(1, 10000)->show_default();
}

}  // namespace assay::cli
