#include "client/command_line/command.h"

#include <algorithm>

#include <fmt/format.h>

namespace assay::command_line {
namespace {

template <typename T>
bool is_to(const Option& option) {
    return std::holds_alternative<T>(option.target);
}

std::string name_of_type(const Option& option) {
    if (!option.type.empty()) return option.type;
    if (is_to<std::int64_t*>(option)) return "INT";
    return is_to<std::uint64_t*>(option) || is_to<unsigned*>(option) ? "UINT" : "TEXT";
}

void flatten(const Command& command, std::vector<const Command*>& out) {
    out.push_back(&command);
    for (const auto& below : command.commands) flatten(below, out);
}

}  // namespace

Option* Option::required(bool is) {
    is_required = is;
    return this;
}

Option* Option::type_name(std::string name) {
    type = std::move(name);
    return this;
}

Option* Option::one_of(std::vector<std::string> values) {
    members = std::move(values);
    return this;
}

Option* Option::in_range(int least, int most) {
    range = {least, most};
    return this;
}

Option* Option::show_default() {
    shows_value = true;
    return this;
}

Option* Option::show_default(std::string text) {
    shown_default = std::move(text);
    return this;
}

Option* Option::separated_by(char mark) {
    separator = mark;
    return this;
}

Option* Option::written() {
    description += "; - is standard output";
    return type_name("FILE");
}

bool Option::is_positional() const {
    return !spelling.starts_with('-');
}

std::vector<std::string> Option::names() const {
    std::vector<std::string> out, long_names;
    for (std::size_t at = 0; at < spelling.size();) {
        const auto end = std::min(spelling.find(',', at), spelling.size());
        auto name = spelling.substr(at, end - at);
        (name.starts_with("--") ? long_names : out).push_back(std::move(name));
        at = end + 1;
    }
    out.insert(out.end(), long_names.begin(), long_names.end());
    return out;
}

ValueKind Option::kind() const {
    if (is_to<Help>(*this) || is_to<Text>(*this) || is_to<bool*>(*this)) return ValueKind::none;
    if (!members.empty()) return ValueKind::one_of;
    const auto has = [&](const char* word) { return type.find(word) != std::string::npos; };
    return has("FILE") || has("DIR") || has("PATH") ? ValueKind::file : ValueKind::text;
}

std::string Option::value() const {
    if (kind() == ValueKind::none) return {};
    if (kind() == ValueKind::one_of) return fmt::format("{}", fmt::join(members, "|"));
    return range ? fmt::format("INT in [{} - {}]", range->first, range->second) : name_of_type(*this);
}

Option* Command::add(std::string spelling, Option::Target target, std::string what) {
    auto& option = options.emplace_back();
    option.spelling = std::move(spelling);
    option.target = std::move(target);
    option.description = std::move(what);
    return &option;
}

std::vector<const Option*> Command::flags_and_options() const {
    std::vector<const Option*> out;
    for (const auto& option : options) {
        if (!option.is_positional()) out.push_back(&option);
    }
    return out;
}

std::vector<const Option*> Command::positionals() const {
    std::vector<const Option*> out;
    for (const auto& option : options) {
        if (option.is_positional()) out.push_back(&option);
    }
    return out;
}

Command* add_command(Command& parent, const std::string& name, const std::string& description,
                     const std::string& examples, Command::Action action) {
    auto& command = parent.commands.emplace_back(name, description);
    command.path = parent.path.empty() ? name : parent.path + " " + name;
    command.examples = examples.empty() ? parent.examples : examples;
    command.action = std::move(action);
    command.add("-h,--help", Option::Help(), "Print this help");
    return &command;
}

Command* add_group(Command& parent, const std::string& name, const std::string& description) {
    return add_command(parent, name, description, "", {});
}

std::vector<const Command*> all_commands(const Command& program) {
    std::vector<const Command*> out;
    flatten(program, out);
    return out;
}

}  // namespace assay::command_line
