#pragma once

#include <algorithm>
#include <cctype>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "client/command_line/command.h"
#include "verifier/judge/appraisal/checks/findings.h"

/// What the texts of findings tell a person to type.
namespace assay::test {

/// Why a text names a command or an option that `app` does not have; empty where it has all that are named.
inline std::string unknown_command_in(const std::string& text, const command_line::Command& app) {
    static const std::regex kTyped("\\b(assay(?:-agent|-verifier)?)((?: -{0,2}[a-z][a-z-]*| [A-Z]+)+)");
    for (std::sregex_iterator each(text.begin(), text.end(), kTyped), end; each != end; ++each) {
        if ((*each)[1] != app.name) continue;
        const auto* command = &app;
        std::istringstream words((*each)[2]);
        bool in_arguments = false;
        for (std::string word; words >> word;) {
            const auto is_option = word.starts_with("-");
            in_arguments =
                in_arguments || is_option || std::isupper(static_cast<unsigned char>(word[0])) != 0;
            if (is_option) {
                const auto has = [&](const command_line::Option& option) {
                    return std::ranges::count(option.names(), word) != 0;
                };
                if (std::ranges::none_of(command->options, has)) return each->str() + ": no option " + word;
            } else if (!in_arguments) {
                const auto found = std::ranges::find(command->commands, word, &command_line::Command::name);
                if (found == command->commands.end()) return each->str() + ": no command " + word;
                command = &*found;
            }
        }
    }
    return {};
}

/// The same of all that findings say; one line each.
inline std::vector<std::string> unknown_commands(const command_line::Command& app) {
    std::vector<std::string> out;
    for (const auto* kind : judge::finding_kinds()) {
        for (const auto text : {kind->sentence, kind->explanation, kind->remedy}) {
            if (auto why = unknown_command_in(std::string(text), app); !why.empty())
                out.push_back(std::string(kind->id) + ": " + why);
        }
    }
    return out;
}

}  // namespace assay::test
