#include <memory>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "cli/table.h"
#include "cli/vendors/vendors.h"
#include "vendor-db/resolve/identifier.h"
#include "verifier/service/inputs/id_files.h"

namespace assay::cli {
namespace {

struct UnknownOptions {
    std::uint64_t limit = 100;
};

/// The answer, with what this machine's id files call each.
std::string described_by_the_system(JsonReader& answer) {
    const auto files = inputs::IdFiles::of_system();
    Json out;
    answer.members("", [&](const std::string& name, JsonReader& value) {
        out[name] = Json::encoded(value.encoded(""));
    });
    out["identifiers"] = Json::array();
    answer.each("identifiers", [&](JsonReader& row) {
        Json described;
        row.members("", [&](const std::string& name, JsonReader& value) {
            described[name] = Json::encoded(value.encoded(""));
        });
        const auto ns = vendors::namespace_from_name(row.peek("namespace"));
        const auto name = ns ? files.find(*ns, row.peek("value")) : std::nullopt;
        if (name) described["described_by"] = {{"name", name->name}, {"file", name->file}};
        out["identifiers"].push_back(std::move(described));
    });
    return out.dump();
}

void print_unknown(JsonReader& answer) {
    const auto rows = static_cast<std::int64_t>(answer.size("identifiers"));
    if (rows == 0) return fmt::print("Every identifier of every host is known.\n");
    Table table({"HOSTS", "NAMESPACE", "VALUE", "PARTS", "E.G. HOST", "SEEN AS"});
    answer.each("identifiers", [&](JsonReader& row) {
        const auto parts = fmt::format("{}", fmt::join(row.texts_or_none("components"), ","));
        std::string description = row.flag("placeholder") ? ", a placeholder" : "";
        row.object("described_by", [&](JsonReader& by) {
            description += fmt::format("; {} calls it '{}'", cell(by.peek("file")), cell(by.peek("name")));
        });
        table.add({std::to_string(number_of(row, "hosts")), cell(row.peek("namespace")),
                   cell(row.peek("value")), parts, cell(row.peek("example_host")),
                   cell(row.peek("seen_as")) + description});
    });
    table.print();
    fmt::print(
        "Add each to a vendor file, with its source: docs/formats/vendor-files.md. A placeholder is the "
        "firmware's: it belongs in none.\n");
    if (const auto all = number_of(answer, "in_all"); rows < all)
        fmt::print("{} of {} shown; --limit shows more\n", rows, all);
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
            const auto text = TRY(get(context, fmt::format("/v1/vendors/unknown?limit={}", options->limit)));
            JsonReader answer(text, kAnswer);
            const auto described = described_by_the_system(answer);
            TRY_VOID(answer.finish());
            return show_answer(context, described, print_unknown);
        });
    command->add_option("--limit", options->limit, "At most this many")->in_range(1, 10000)->show_default();
}

}  // namespace assay::cli
