#include "cli/inspect/file.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include <fmt/core.h>

namespace assay::cli {

void print_tree(JsonReader& value, const std::string& indent) {
    const auto entry = [&indent](std::string_view label, JsonReader& child) {
        if (child.has_members() || child.has_items()) {
            fmt::print("{}{}:\n", indent, label);
            print_tree(child, indent + "  ");
        } else {
            const auto text = child.encoded("");
            fmt::print("{}{}: {}\n", indent, label, text.starts_with('"') ? cell(child.peek("")) : text);
        }
    };
    if (value.has_members()) {
        value.members(
            "", [&](const std::string& key, JsonReader& child) { entry(cell(key), child); }, SIZE_MAX);
    } else if (value.has_items()) {
        std::size_t index = 0;
        value.each("", [&](JsonReader& child) { entry(fmt::format("[{}]", index++), child); });
    }
}

void print_tree(const Json& value, const std::string& indent) {
    const auto text = value.dump();
    JsonReader reader(text, {.limits = kStoredJson, .open = true});
    print_tree(reader, indent);
}

namespace {

Result<void> show_file(const Context& context, const FileKind& kind, const std::string& file) {
    const auto content = TRY(read_file(file, kind.limit));
    if (context.json && kind.write != nullptr) {
        return kind.write(content, [](std::string_view text) {
            // As fmt::print does, so that a long text ends where it cannot be written.
            if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
                throw std::system_error(errno, std::generic_category(), "writing to stdout");
        });
    }
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
    TRY_VOID(with_context(show_file(context, kind, file), cell(file)));
    return command_line::ExitCode::done;
}

void add_file_inspector(command_line::Command& parent, Context& context, const FileKind& kind) {
    const auto file = std::make_shared<std::string>();
    auto* command =
        command_line::add_command(parent, kind.name, kind.description, kind.example,
                                  [&context, &kind, file] { return inspect_file(context, kind, *file); });
    command->add_option("FILE", *file, "The file")->required()->type_name("FILE");
}

}  // namespace assay::cli
