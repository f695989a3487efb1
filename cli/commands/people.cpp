#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/inspect/file.h"
#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/reading/case.h"

namespace assay::cli {
namespace {

constexpr std::size_t kMostPeople = 16U << 20U;

struct PeopleOptions {
    std::string file;
    std::string id;
};

Result<command_line::ExitCode> import_directory(const Context& context, const PeopleOptions& options) {
    const auto bytes = TRY(read_file(options.file, kMostPeople));
    // Read here first: a mistake is told with the file's name and place before anything is sent.
    TRY_VOID(with_context(
        [&]() -> Result<> {
            TRY_VOID(accompaniment::Directory::of(TRY(accompaniment::read_directory(as_text(bytes)))));
            return {};
        }(),
        printable(options.file)));
    const auto answer = TRY(post(context, "/v1/directory", TRY(parse_answer(as_text(bytes)))));
    if (context.json) {
        print_json(answer);
    } else {
        fmt::print("Directory {} ({}).\n{} device events judged again, {} verdicts changed.\n",
                   text_of(answer, "sha256").substr(0, 16),
                   answer.value("changed", false) ? "new" : "the same as before", answer.value("judged", 0),
                   answer.value("verdicts_changed", 0));
    }
    return command_line::ExitCode::done;
}

std::string joined(const nlohmann::json& list) {
    std::string out;
    for (const auto& item : list)
        out += (out.empty() ? "" : ", ") + cell(item.is_string() ? item.get<std::string>() : "");
    return out.empty() ? "-" : out;
}

Result<command_line::ExitCode> list_people(const Context& context) {
    const auto directory = TRY(get(context, "/v1/directory"));
    if (context.json) {
        print_json(directory);
        return command_line::ExitCode::done;
    }
    fmt::print("{:<20} {:<24} {:<20} {:<24} {}\n", "PERSON", "NAME", "EMPLOYER", "ESCORTS IN", "ALONE IN");
    for (const auto& person : directory.value("persons", nlohmann::json::array())) {
        fmt::print("{:<20} {:<24} {:<20} {:<24} {}\n", cell(text_of(person, "id")),
                   cell(text_of(person, "name")), cell(text_of(person, "employer")),
                   joined(person.value("escort_zones", nlohmann::json::array())),
                   joined(person.value("unescorted_zones", nlohmann::json::array())));
    }
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> show_person(const Context& context, const PeopleOptions& options) {
    const auto directory = TRY(get(context, "/v1/directory"));
    for (const auto& person : directory.value("persons", nlohmann::json::array())) {
        if (text_of(person, "id") != options.id) continue;
        if (context.json)
            print_json(person);
        else
            print_tree(person);
        return command_line::ExitCode::done;
    }
    return fail(
        ErrorCode::not_found,
        fmt::format("no person {} in the directory; 'assay people list' shows all", cell(options.id)));
}

}  // namespace

void add_people(command_line::Command& app, Context& context) {
    auto* people = command_line::add_group(
        app, "people", "Persons, zones, hosts and issuers: who may be where, and whose key is whose");
    const auto options = std::make_shared<PeopleOptions>();
    auto* import = command_line::add_command(
        *people, "import", "Give the verifier a directory; it takes the place of the one before",
        "assay people import directory.json   # docs/formats/accompaniment-case.md, directory.json",
        [&context, options] { return import_directory(context, *options); });
    import->add_option("FILE", options->file, "The whole directory")->required()->type_name("FILE");
    command_line::add_command(*people, "list", "List the persons; names only for operators",
                              "assay people list", [&context] { return list_people(context); });
    auto* show = command_line::add_command(*people, "show", "One person: badges, keys, rights",
                                           "assay people show p-17 --json",
                                           [&context, options] { return show_person(context, *options); });
    show->add_option("PERSON", options->id, "The person's id")->required();
}

}  // namespace assay::cli
