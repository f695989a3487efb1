#include "cli/reference/reference.h"

#include <filesystem>
#include <memory>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "vendor-db/model/vendor_db.h"
#include "verifier/service/inputs/vendor_files.h"

namespace assay::cli {

using vendors::ReferenceSet;
using vendors::ReferenceValue;

Json to_json(const ReferenceSet& set) {
    const auto rows = [](const std::vector<ReferenceValue>& values) {
        auto out = Json::array();
        for (const auto& value : values) {
            auto& row = out.push_back(
                {{"digest", fmt::format("{}:{}", to_string(value.digest.algorithm()), value.digest.hex())},
                 {"what", value.what}});
            if (value.pcr) row["pcr"] = *value.pcr;
        }
        return out;
    };
    Json out{{"name", set.name},       {"version", set.version},
             {"model", set.model},     {"origin", to_string(set.origin)},
             {"source", set.source},   {"events", rows(set.events)},
             {"pcrs", rows(set.pcrs)}, {"files", rows(set.files)}};
    if (set.span.from) out["from"] = *set.span.from;
    if (set.span.to) out["to"] = *set.span.to;
    return out;
}

void print(const ReferenceSet& set) {
    fmt::print("{}, of {}\n  holds:  {} to {}\n  source: {}: {}\n", cell(set.title()), cell(set.model),
               set.span.from ? utc_text(*set.span.from) : "any time",
               set.span.to ? utc_text(*set.span.to) : "any time", to_string(set.origin), cell(set.source));
    const auto rows = [](std::string_view kind, const std::vector<ReferenceValue>& values) {
        for (const auto& value : values) {
            fmt::print("  {:<6}{:<7} {}:{} {}\n", kind, value.pcr ? fmt::format("PCR {}", *value.pcr) : "",
                       to_string(value.digest.algorithm()), value.digest.hex().substr(0, 16),
                       kept_printable(value.what));  // made printable when it was captured
        }
    };
    rows("event", set.events);
    rows("value", set.pcrs);
    rows("file", set.files);
}

namespace {

Result<command_line::ExitCode> write_sets(const Context& context, const std::vector<ReferenceSet>& sets,
                                          const std::string& out, const Json& json) {
    const auto text = vendors::to_toml(sets);
    TRY_VOID(vendors::load({{}, {}, {}, {}, {}, {{"the reference set", text}}}));
    if (out.empty()) {
        if (context.json)
            print_json(json);
        else
            fmt::print("{}", text);
        return command_line::ExitCode::done;
    }
    TRY_VOID(write_output(out, as_view(text), {.keeps_existing = true}));
    if (files::is_stdout(out)) return command_line::ExitCode::done;
    if (context.json) {
        print_json(json);
    } else {
        for (const auto& set : sets) print(set);
        fmt::print(
            "{}: look at each value, put the file into the folder 'references' of the vendor data, then "
            "'assay vendors build' and 'assay vendors sign'\n",
            printable(out));
    }
    return command_line::ExitCode::done;
}

}  // namespace

Result<command_line::ExitCode> write_reference(const Context& context, const ReferenceSet& set,
                                               const std::string& out) {
    return write_sets(context, {set}, out, to_json(set));
}

Result<command_line::ExitCode> write_references(const Context& context, const std::vector<ReferenceSet>& sets,
                                                const std::string& out) {
    auto rows = Json::array();
    for (const auto& set : sets) rows.push_back(to_json(set));
    return write_sets(context, sets, out, rows);
}

Result<std::vector<ReferenceSet>> references_in(const std::string& place) {
    std::error_code error;
    if (!place.ends_with(".toml") || std::filesystem::is_directory(place, error))
        return TRY(inputs::load_vendors(place)).references();
    const auto text = TRY(read_file(place, limits::kTextFile));
    return TRY(vendors::load({{}, {}, {}, {}, {}, {{place, std::string(as_text(text))}}})).references();
}

namespace {

Result<command_line::ExitCode> run_show_reference(const Context& context, const std::string& place) {
    const auto sets = TRY(references_in(place));
    if (context.json) {
        auto rows = Json::array();
        for (const auto& set : sets) rows.push_back(to_json(set));
        print_json(rows);
        return command_line::ExitCode::done;
    }
    for (const auto& set : sets) print(set);
    if (sets.empty()) fmt::print("No reference set in {}.\n", printable(place));
    return command_line::ExitCode::done;
}

}  // namespace

void add_reference_show(command_line::Command& parent, Context& context) {
    const auto place = std::make_shared<std::string>();
    auto* show = command_line::add_command(parent, "show", "The reference sets in a file, whoever signed it",
                                           "assay reference show vendor-db/references/r750-2.19.1.toml\n"
                                           "assay reference show vendors-8.bundle --json | jq -r '.[].name'",
                                           [&context, place] { return run_show_reference(context, *place); });
    show->add_option("FILE", *place, "A reference set (.toml), a folder of vendor data, or a bundle")
        ->required()
        ->type_name("FILE|DIR");
}

void add_reference(command_line::Command& app, Context& context) {
    auto* parent = command_line::add_group(
        app, "reference",
        "What a boot of a model may measure: captured or imported, signed with the vendor data");
    add_reference_capture(*parent, context);
    add_reference_show(*parent, context);
    add_reference_import(*parent, context);
}

}  // namespace assay::cli
