#include <memory>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/inspect/file.h"
#include "cli/table.h"
#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/reading/case.h"

namespace assay::cli {
namespace {

constexpr std::size_t kMostPeople = 16U << 20U;

struct PeopleOptions {
    std::string file;
    std::string id;
};

void print_words(JsonReader& of) {
    of.each("change", [](JsonReader& word) { fmt::print("  {}\n", cell(word.peek(""))); });
}

void show_change(JsonReader& answer) {
    if (!answer.flag_or("in_force", true)) {
        fmt::print("Proposed as {}:\n", cell(answer.peek("proposal")));
        print_words(answer);
        fmt::print("It is in force once another keeper approves it: assay people approve {}\n",
                   cell(answer.peek("proposal")));
        return;
    }
    fmt::print("Directory {} ({}).\n{} device events judged again, {} verdicts changed.\n",
               answer.peek("sha256").substr(0, 16),
               answer.flag_or("changed", false) ? "in force" : "the same as before",
               number_of(answer, "judged"), number_of(answer, "verdicts_changed"));
}

Result<command_line::ExitCode> import_directory(const Context& context, const PeopleOptions& options) {
    const auto bytes = TRY(read_file(options.file, kMostPeople));
    // Read here first: a mistake is told with the file's name and place before anything is sent.
    TRY_VOID(with_context(
        [&]() -> Result<> {
            TRY_VOID(accompaniment::Directory::of(
                TRY(accompaniment::read_directory(as_text(bytes), accompaniment::Source::import))));
            return {};
        }(),
        printable(options.file)));
    return show_answer(context, TRY(post(context, "/v1/directory", indented_json(as_text(bytes), -1))),
                       show_change);
}

Result<command_line::ExitCode> list_proposals(const Context& context) {
    return show_answer(context, TRY(get(context, "/v1/directory/proposals")), [](JsonReader& proposals) {
        if (proposals.size() == 0) fmt::print("No change of the directory waits for approval.\n");
        proposals.each("", [](JsonReader& proposal) {
            fmt::print("{} by {}, {}\n", cell(proposal.peek("proposal")), cell(proposal.peek("hand")),
                       time_of(proposal, "at"));
            print_words(proposal);
        });
    });
}

Result<command_line::ExitCode> approve(const Context& context, const PeopleOptions& options) {
    const auto path = "/v1/directory/proposals/" + client::percent_encoded(options.id) + "/approval";
    return show_answer(context, TRY(post(context, path, Json::object())), show_change);
}

Result<command_line::ExitCode> list_people(const Context& context) {
    return show_answer(context, TRY(get(context, "/v1/directory")), [](JsonReader& directory) {
        Table table({"PERSON", "NAME", "EMPLOYER", "ESCORTS IN", "ALONE IN"});
        directory.each("persons", [&](JsonReader& person) {
            table.add({cell(person.peek("id")), cell(person.peek("name")), cell(person.peek("employer")),
                       joined(person, "escort_zones", ", "), joined(person, "unescorted_zones", ", ")});
        });
        table.print();
    });
}

Result<command_line::ExitCode> show_person(const Context& context, const PeopleOptions& options) {
    const auto text = TRY(get(context, "/v1/directory"));
    JsonReader directory(text, kAnswer);
    std::string found;
    directory.each("persons", [&](JsonReader& person) {
        if (found.empty() && person.peek("id") == options.id) found = person.encoded("");
    });
    TRY_VOID(directory.finish());
    if (!found.empty()) return show_answer(context, found, [](JsonReader& person) { print_tree(person); });
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
        *people, "import",
        "Propose a directory in the place of the one before; what only takes away is in force at once",
        "assay people import directory.json   # docs/formats/accompaniment-case.md, directory.json",
        [&context, options] { return import_directory(context, *options); });
    import->add_option("FILE", options->file, "The whole directory")->required()->type_name("FILE");
    command_line::add_command(*people, "proposals", "Changes of the directory that wait for a second keeper",
                              "assay people proposals", [&context] { return list_proposals(context); });
    auto* approved = command_line::add_command(
        *people, "approve", "Put in force what another keeper proposed",
        "assay people approve 3f0c51d2a97be844  # `assay people proposals` lists them",
        [&context, options] { return approve(context, *options); });
    approved->add_option("PROPOSAL", options->id, "Of `assay people proposals`")->required();
    command_line::add_command(*people, "list", "List the persons; names only for those who handle findings",
                              "assay people list", [&context] { return list_people(context); });
    auto* show = command_line::add_command(*people, "show", "One person: badges, keys, rights",
                                           "assay people show p-17 --json",
                                           [&context, options] { return show_person(context, *options); });
    show->add_option("PERSON", options->id, "The person's id")->required();
}

}  // namespace assay::cli
