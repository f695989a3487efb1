#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "cli/context.h"

namespace assay::cli {

/// A kind of file that is shown field by field, as JSON or as a tree of the same.
struct FileKind {
    const char* name;
    const char* description;
    const char* example;
    Result<Json> (*inspect)(ByteView content);
    std::size_t limit;  ///< bytes of the file
    /// Writes the JSON's text piece by piece, where a tree of all of it would be large; else null.
    Result<void> (*write)(ByteView content, const std::function<void(std::string_view)>& out) = nullptr;
};

/// The command `inspect NAME FILE`. `kind` must outlive the program's command line.
void add_file_inspector(command_line::Command& parent, Context& context, const FileKind& kind);

/// Reads `file`, shows it.
Result<command_line::ExitCode> inspect_file(const Context& context, const FileKind& kind,
                                            const std::string& file);

/// One `key: value` a line, nested by two blanks: what --json shows, for reading. Texts are made printable.
void print_tree(JsonReader& value, const std::string& indent = "");
void print_tree(const Json& value, const std::string& indent = "");

}  // namespace assay::cli
