#include "client/command_line/completion.h"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

namespace assay::command_line {
namespace {

std::string function_name(const Command& program) {
    auto name = "_" + program.name;
    std::ranges::replace(name, '-', '_');
    return name;
}

// fish has other quoting rules: backslash and quote are escaped by a backslash.
std::string fish_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::string joined(const std::vector<std::string>& words, std::string_view with) {
    std::string out;
    for (const auto& word : words) out += out.empty() ? word : std::string(with) + word;
    return out;
}

// Patterns of `case` for the names of options for which `wanted` holds: "--config|--ca".
template <typename Wanted>
std::string option_patterns(const std::vector<const Command*>& commands, Wanted wanted) {
    std::vector<std::string> names;
    for (const auto* command : commands) {
        for (const auto* option : command->flags_and_options()) {
            if (wanted(*option)) std::ranges::copy(option->names(), std::back_inserter(names));
        }
    }
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    return joined(names, "|");
}

// The command that the words before the cursor name, in `path`; the value of an option is no command.
// bash and zsh read the same text.
std::string walk_words(const std::vector<const Command*>& commands, std::string_view words,
                       std::string_view first, std::string_view before_cursor) {
    auto out = fmt::format("    for ((i = {}; i < {}; i++)); do\n        word=\"${{{}[i]}}\"\n", first,
                           before_cursor, words);
    const auto valued =
        option_patterns(commands, [](const Option& o) { return o.kind() != ValueKind::none; });
    out +=
        "        if [[ -n $skip ]]; then\n            [[ $word == '=' ]] && continue\n            skip=''\n  "
        "          continue\n        fi\n";
    out += "        case \"$path $word\" in\n";
    for (const auto* command : commands) {
        if (command->path.empty()) continue;
        const auto parent = command->path.size() == command->name.size()
                                ? std::string()
                                : command->path.substr(0, command->path.size() - command->name.size() - 1);
        out += fmt::format("            {}) path={} ;;\n", shell_quoted(parent + " " + command->name),
                           shell_quoted(command->path));
    }
    out += "        esac\n";
    if (!valued.empty()) out += fmt::format("        case \"$word\" in {}) skip=1 ;; esac\n", valued);
    return out + "    done\n";
}

struct Offers {
    std::string words;  ///< commands, options and listed values
    bool files = false;
};

Offers offers(const Command& program, const Command& command) {
    std::vector<std::string> words;
    Offers out;
    for (const auto& below : command.commands) words.push_back(below.name);
    for (const auto* positional : command.positionals()) {
        words.insert(words.end(), positional->members.begin(), positional->members.end());
        out.files = out.files || positional->kind() == ValueKind::file;
    }
    const auto add = [&](const Command& of) {
        for (const auto* option : of.flags_and_options())
            std::ranges::copy(option->names(), std::back_inserter(words));
    };
    add(command);
    if (!command.path.empty()) add(program);
    std::ranges::sort(words);
    words.erase(std::ranges::unique(words).begin(), words.end());
    out.words = joined(words, " ");
    return out;
}

// The branches for an option's value: paths, listed values, or nothing that could be offered.
std::string value_cases(const std::vector<const Command*>& commands, std::string_view files,
                        std::string_view list) {
    std::string out;
    const auto of_kind = [&](ValueKind kind) {
        return option_patterns(commands, [&](const Option& o) { return o.kind() == kind; });
    };
    if (const auto names = of_kind(ValueKind::file); !names.empty())
        out += fmt::format("        {}) {}; return ;;\n", names, files);
    for (const auto* command : commands) {
        for (const auto* option : command->flags_and_options()) {
            if (option->kind() != ValueKind::one_of) continue;
            out += fmt::format("        {}) words={}; {}; return ;;\n", joined(option->names(), "|"),
                               shell_quoted(joined(option->members, " ")), list);
        }
    }
    if (const auto names = of_kind(ValueKind::text); !names.empty())
        out += fmt::format("        {}) return ;;\n", names);
    return out;
}

std::string path_cases(const Command& program, const std::vector<const Command*>& commands) {
    std::string out;
    for (const auto* command : commands) {
        const auto offered = offers(program, *command);
        out += fmt::format("        {}) words={}; files={} ;;\n", shell_quoted(command->path),
                           shell_quoted(offered.words), offered.files ? "1" : "''");
    }
    return out;
}

}  // namespace

std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string bash_completion(const Command& program) {
    const auto commands = all_commands(program);
    const auto name = function_name(program);
    constexpr std::string_view kFiles =
        "compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")";
    constexpr std::string_view kList = "mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")";
    auto out = fmt::format("# bash completion for {0}: source <({0} completion bash)\n{1}() {{\n",
                           program.name, name);
    out +=
        "    local cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD-1]}\" path='' skip='' "
        "word i words='' files=''\n";
    out += "    COMPREPLY=()\n";
    // "--option=value" comes as three words, since = is in COMP_WORDBREAKS.
    out +=
        "    if [[ $cur == '=' ]]; then\n        cur=''\n    elif [[ $prev == '=' && COMP_CWORD -gt 1 ]]; "
        "then\n"
        "        prev=\"${COMP_WORDS[COMP_CWORD-2]}\"\n    fi\n";
    out += walk_words(commands, "COMP_WORDS", "1", "COMP_CWORD");
    out += "    case \"$prev\" in\n" + value_cases(commands, kFiles, kList) + "    esac\n";
    out += "    case \"$path\" in\n" + path_cases(program, commands) + "    esac\n";
    out += fmt::format("    if [[ -n $files && $cur != -* ]]; then\n        {}\n        return\n    fi\n",
                       kFiles);
    out += fmt::format("    {}\n}}\ncomplete -F {} {}\n", kList, name, program.name);
    return out;
}

std::string zsh_completion(const Command& program) {
    const auto commands = all_commands(program);
    const auto name = function_name(program);
    constexpr std::string_view kList = "compadd -- ${=words_offered}";
    auto out = fmt::format("#compdef {0}\n# zsh completion for {0}: source <({0} completion zsh)\n{1}() {{\n",
                           program.name, name);
    out += "    local prev=\"${words[CURRENT-1]}\" path_words='' skip='' word words_offered='' files='' i\n";
    auto body = walk_words(commands, "words", "2", "CURRENT");
    body += "    case \"$prev\" in\n" + value_cases(commands, "_files", kList) + "    esac\n";
    body += "    case \"$path\" in\n" + path_cases(program, commands) + "    esac\n";
    // In zsh `path` is $PATH and `words` the command line: both get other names.
    const auto replace = [&body](std::string_view from, std::string_view to) {
        for (auto at = body.find(from); at != std::string::npos; at = body.find(from, at + to.size())) {
            body.replace(at, from.size(), to);
        }
    };
    replace("path='", "path_words='");
    replace("$path", "$path_words");
    replace(" words='", " words_offered='");
    out += body;
    out += fmt::format("    if [[ -n $files ]]; then _files; fi\n    {}\n}}\n", kList);
    out += fmt::format("if [[ \"$funcstack[1]\" == '{0}' ]]; then {0} \"$@\"; else compdef {0} {1}; fi\n",
                       name, program.name);
    return out;
}

std::string fish_completion(const Command& program) {
    const auto commands = all_commands(program);
    const auto at = "_" + function_name(program) + "_at";
    auto out = fmt::format("# fish completion for {0}: {0} completion fish | source\nfunction {1}\n",
                           program.name, at);
    out +=
        "    set -l at ''\n    set -l skip ''\n    for word in (commandline -opc)[2..-1]\n"
        "        if test -n \"$skip\"\n            set skip ''\n            continue\n        end\n"
        "        switch \"$at $word\"\n";
    for (const auto* command : commands) {
        if (command->path.empty()) continue;
        const auto parent = command->path.size() == command->name.size()
                                ? std::string()
                                : command->path.substr(0, command->path.size() - command->name.size() - 1);
        out += fmt::format("            case {}\n                set at {}\n",
                           fish_quoted(parent + " " + command->name), fish_quoted(command->path));
    }
    out += "        end\n";
    auto valued = option_patterns(commands, [](const Option& o) { return o.kind() != ValueKind::none; });
    std::ranges::replace(valued, '|', ' ');
    if (!valued.empty()) out += fmt::format("        contains -- \"$word\" {}; and set skip 1\n", valued);
    out += "    end\n    test \"$at\" = \"$argv[1]\"\nend\n";
    const auto option_line = [&](const Option& option, const std::string& condition) {
        auto line = fmt::format("complete -c {}{}", program.name, condition);
        for (const auto& name : option.names())
            line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        if (option.kind() == ValueKind::file) line += " -r -F";
        if (option.kind() == ValueKind::text) line += " -x";
        if (option.kind() == ValueKind::one_of) line += " -x -a " + fish_quoted(joined(option.members, " "));
        return line + " -d " + fish_quoted(option.description) + "\n";
    };
    out += fmt::format("complete -c {} -f\n", program.name);
    for (const auto* option : program.flags_and_options()) out += option_line(*option, "");
    for (const auto* command : commands) {
        const auto condition = fmt::format(" -n {}", fish_quoted(at + " \"" + command->path + "\""));
        for (const auto& below : command->commands) {
            out += fmt::format("complete -c {}{} -a {} -d {}\n", program.name, condition, below.name,
                               fish_quoted(below.description));
        }
        for (const auto* positional : command->positionals()) {
            if (positional->kind() == ValueKind::file)
                out += fmt::format("complete -c {}{} -F\n", program.name, condition);
            if (positional->members.empty()) continue;
            out += fmt::format("complete -c {}{} -a {}\n", program.name, condition,
                               fish_quoted(joined(positional->members, " ")));
        }
        if (command->path.empty()) continue;
        for (const auto* option : command->flags_and_options()) out += option_line(*option, condition);
    }
    return out;
}

}  // namespace assay::command_line
