#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/limits.h"
#include "evidence/device/smbios_json.h"
#include "evidence/tcg/event_log_json.h"
#include "verifier/cli/commands.h"
#include "verifier/cli/inspect_evidence.h"

namespace assay::cli {
namespace {

using Inspector = Result<nlohmann::json> (*)(ByteView);

struct Kind {
    const char* name;
    const char* description;
    const char* example;
    Inspector inspect;
    std::size_t limit;
};

constexpr Kind kKinds[] = {
    {"eventlog", "A boot event log: every event, what is verified about it, PCRs after replay",
     "assay inspect eventlog /sys/kernel/security/tpm0/binary_bios_measurements --json",
     tcg::inspect_event_log, limits::kEventLog},
    {"smbios", "An SMBIOS table: a dmidecode dump, /sys/firmware/dmi/tables/DMI, or a section",
     "assay inspect smbios /sys/firmware/dmi/tables/DMI --json | jq .structures", device::inspect_smbios,
     limits::kSmbiosTable + 64},
    {"quote", "A TPM quote (TPMS_ATTEST, as tpm2_quote -m writes it)",
     "assay inspect quote quote.attest --json", inspect_quote, limits::kQuote},
    {"evidence", "Evidence or a saved bundle: manifest, sections, quote",
     "assay inspect evidence rack-7.bundle --json", inspect_evidence, 2 * limits::kEvidenceBody},
};

// One `key: value` a line, nested by two blanks: what --json shows, for reading.
void print_tree(const nlohmann::json& value, const std::string& indent) {
    const auto entry = [&indent](std::string_view label, const nlohmann::json& child) {
        if (child.is_structured() && !child.empty()) {
            fmt::print("{}{}:\n", indent, label);
            print_tree(child, indent + "  ");
        } else {
            fmt::print("{}{}: {}\n", indent, label,
                       child.is_string() ? cell(child.get_ref<const std::string&>()) : child.dump());
        }
    };
    if (value.is_object()) {
        for (const auto& [key, child] : value.items()) entry(cell(key), child);
    } else if (value.is_array()) {
        std::size_t index = 0;
        for (const auto& child : value) entry(fmt::format("[{}]", index++), child);
    }
}

Result<ExitCode> inspect(const Context& context, const Kind& kind, const std::string& file) {
    auto content = read_file(file, kind.limit);
    auto value = content ? kind.inspect(*content) : Result<nlohmann::json>(std::unexpected(content.error()));
    value = with_context(std::move(value), cell(file));
    if (!value && context.json) {
        nlohmann::json error{
            {"code", to_string(value.error().code)}, {"message", value.error().context}, {"offset", nullptr}};
        if (value.error().offset) error["offset"] = *value.error().offset;
        print_json({{"error", error}});
        return exit_code(value.error());
    }
    if (!value) return std::unexpected(value.error());
    if (context.json)
        print_json(*value);
    else
        print_tree(*value, "");
    return ExitCode::done;
}

}  // namespace

void add_inspect(CLI::App& app, Context& context) {
    auto* parent =
        app.add_subcommand("inspect", "Show what a file is, byte for byte, and what is verified about it");
    parent->require_subcommand(1);
    for (const auto& kind : kKinds) {
        const auto file = std::make_shared<std::string>();
        auto* command =
            command_line::add_command(*parent, kind.name, kind.description, kind.example,
                                      [&context, &kind, file] { return inspect(context, kind, *file); });
        command->add_option("FILE", *file, "The file")->required()->type_name("FILE");
    }
}

}  // namespace assay::cli
