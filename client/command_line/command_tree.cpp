#include "client/command_line/command_tree.h"

namespace assay::command_line {
namespace {

// "TEXT:{bash,zsh,fish}" -> bash, zsh, fish
std::vector<std::string> members(const std::string& type) {
    const auto open = type.find('{');
    const auto close = type.find('}', open);
    if (open == std::string::npos || close == std::string::npos) return {};
    return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

OptionInfo option_info(const CLI::Option& option) {
    OptionInfo info;
    if (option.nonpositional()) {
        for (const auto& name : option.get_snames()) info.names.push_back("-" + name);
        for (const auto& name : option.get_lnames()) info.names.push_back("--" + name);
    } else {
        info.names.push_back(option.get_name(true));
    }
    info.description = option.get_description();
    info.required = option.get_required();
    if (option.get_items_expected_max() == 0) return info;
    const auto type = option.get_type_name();
    info.values = members(type);
    const auto has = [&](const char* word) { return type.find(word) != std::string::npos; };
    if (!info.values.empty()) {
        info.kind = ValueKind::one_of;
    } else {
        info.kind = has("FILE") || has("DIR") || has("PATH") ? ValueKind::file : ValueKind::text;
    }
    const auto colon = type.find(':');
    info.value = info.kind == ValueKind::one_of ? CLI::detail::join(info.values, "|")
                 : colon == std::string::npos   ? type
                                                : type.substr(colon + 1);
    return info;
}

CommandInfo walk(const CLI::App& app, const std::string& path) {
    CommandInfo info;
    info.name = app.get_name();
    info.path = path;
    info.description = app.get_description();
    const auto footer = app.get_footer();
    if (footer.starts_with(kExamplesTitle)) info.examples = footer.substr(kExamplesTitle.size());
    for (const auto* option : app.get_options()) {
        if (option->get_group().empty()) continue;
        (option->nonpositional() ? info.options : info.positionals).push_back(option_info(*option));
    }
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (command->get_group().empty() || command->get_name().empty()) continue;
        info.commands.push_back(
            walk(*command, path.empty() ? command->get_name() : path + " " + command->get_name()));
    }
    return info;
}

void flatten(const CommandInfo& tree, std::vector<const CommandInfo*>& out) {
    out.push_back(&tree);
    for (const auto& command : tree.commands) flatten(command, out);
}

}  // namespace

CommandInfo command_tree(const CLI::App& app) {
    return walk(app, "");
}

std::vector<const CommandInfo*> all_commands(const CommandInfo& tree) {
    std::vector<const CommandInfo*> out;
    flatten(tree, out);
    return out;
}

}  // namespace assay::command_line
