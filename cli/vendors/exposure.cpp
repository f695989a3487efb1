#include <ctime>
#include <map>
#include <memory>

#include <fmt/core.h>

#include "cli/duration.h"
#include "cli/vendors/vendors.h"

namespace assay::cli {
namespace {

struct ExposureOptions {
    std::string entity;
    bool owned = false;
    std::string as_of;
    std::uint64_t limit = 1000;
};

Result<std::string> path_of(const ExposureOptions& options) {
    auto path = fmt::format("/v1/vendors/exposure?entity={}&limit={}",
                            client::percent_encoded(options.entity), options.limit);
    if (options.owned) path += "&owned=1";
    if (!options.as_of.empty())
        path += fmt::format("&as_of={}", TRY(parse_time(options.as_of, std::time(nullptr))));
    return path;
}

void print_decisions(JsonReader& answer) {
    answer.each("decisions", [](JsonReader& each) {
        const auto part = [&](const char* before, const char* key) {
            const auto text = each.peek(key);
            return text.empty() ? std::string() : before + cell(text);
        };
        fmt::print("  {} for {}{}: {}{}{}{}{}{}\n", each.peek("entity"), each.peek("component"),
                   part(" at site ", "site"), each.peek("decision"), part(", ", "reason"),
                   part("; approved by ", "approver"), part("; document ", "document"), part(" [", "where"),
                   "]");
        if (const auto chain = each.peek("chain"); !chain.empty()) fmt::print("    {}\n", cell(chain));
        each.object("exception", [](JsonReader& exception) {
            fmt::print("    except the same part, in the same host, seen before {}; until {}\n",
                       time_of(exception, "first_seen_before"), time_of(exception, "expires"));
        });
    });
}

void print_exposure(JsonReader& answer) {
    const auto parts = static_cast<std::int64_t>(answer.size("parts"));
    fmt::print("{} ({}): {} parts on {} hosts\n", cell(answer.peek("legal_name")), answer.peek("entity"),
               number_of(answer, "parts_in_all"), number_of(answer, "hosts_in_all"));
    answer.each("parties", [](JsonReader& party) {
        if (const auto chain = party.peek("chain"); !chain.empty()) fmt::print("  {}\n", cell(chain));
    });
    if (parts == 0) return;
    print_decisions(answer);
    fmt::print("{:<20} {:<8} {:<22} {:<20} {:<20} {:<21} {:<21} {}\n", "HOST", "PART", "PLACE", "MODEL",
               "SERIAL", "FIRST SEEN", "LAST SEEN", "MATCHED BY");
    answer.each("parts", [](JsonReader& part) {
        fmt::print("{:<20} {:<8} {:<22} {:<20} {:<20} {:<21} {:<21} {}\n", cell(part.peek("host")),
                   part.peek("component"), cell(part.peek("place")), cell(part.peek("model")),
                   cell(part.peek("serial")), time_of(part, "first_seen"),
                   time_of(part, "last_seen") + (part.flag("present") ? "" : " gone"),
                   cell(part.peek("matched_by")));
    });
    if (parts < number_of(answer, "parts_in_all")) fmt::print("{} shown; --limit shows more\n", parts);
}

Result<command_line::ExitCode> run_exposure(const Context& context, const ExposureOptions& options) {
    return show_answer(context, TRY(get(context, TRY(path_of(options)))), print_exposure);
}

}  // namespace

void add_vendors_exposure(command_line::Command& parent, Context& context) {
    const auto options = std::make_shared<ExposureOptions>();
    auto* command = command_line::add_command(
        parent, "exposure",
        "Every part of a maker in the fleet, with host, place, serial number, first and last seen, and the "
        "decision "
        "that covers it",
        "assay vendors exposure inspur\n"
        "assay vendors exposure inspur --owned --as-of 2025-03-25   # as it was on that day, with "
        "subsidiaries\n"
        "assay vendors exposure \"Super Micro Computer, Inc.\" --json | jq -r '.parts[].host' | sort -u",
        [&context, options] { return run_exposure(context, *options); });
    command->add_option("entity", options->entity, "The maker: an id of the vendor data, or one of its names")
        ->required();
    command->add_flag("--owned", options->owned,
                      "Also those that it owns, wholly or in part, through any chain");
    command->add_option("--as-of", options->as_of,
                        "What was there then, who owned whom then, and what was decided then: 2025-03-25");
    command->add_option("--limit", options->limit, "At most this many parts; the counts are of all")
        ->in_range(1, 100000)
        ->show_default();
}

}  // namespace assay::cli
