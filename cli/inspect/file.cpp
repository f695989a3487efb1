#include "cli/inspect/file.h"

#include <cstdio>
#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace assay::cli {

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

Result<command_line::ExitCode> not_processed(const Context& context, const Error& error) {
    if (!context.json) return std::unexpected(error);
    nlohmann::json out{{"code", to_string(error.code)}, {"message", error.context}, {"offset", nullptr}};
    if (error.offset) out["offset"] = *error.offset;
    print_json({{"error", out}});
    return command_line::exit_code(error);
}

namespace {

Result<void> show_file(const Context& context, const FileKind& kind, const std::string& file) {
    const auto content = TRY(read_file(file, kind.limit));
    // That all of it was written is seen at the end of the program.
    if (context.json && kind.write != nullptr)
        return kind.write(content,
                          [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); });
    const auto value = TRY(kind.inspect(content));
    if (context.json)
        print_json(value);
    else
        print_tree(value);
    return {};
}

}  // namespace

Result<command_line::ExitCode> inspect_file(const Context& context, const FileKind& kind,
                                            const std::string& file) {
    const auto shown = with_context(show_file(context, kind, file), cell(file));
    return shown ? command_line::ExitCode::done : not_processed(context, shown.error());
}

void add_file_inspector(command_line::Command& parent, Context& context, const FileKind& kind) {
    const auto file = std::make_shared<std::string>();
    auto* command =
        command_line::add_command(parent, kind.name, kind.description, kind.example,
                                  [&context, &kind, file] { return inspect_file(context, kind, *file); });
    command->add_option("FILE", *file, "The file")->required()->type_name("FILE");
}

}  // namespace assay::cli
