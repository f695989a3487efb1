#include <ctime>
#include <map>
#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

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

void print_decisions(const nlohmann::json& answer) {
    for (const auto& each : answer.at("decisions")) {
        const auto part = [&](const char* before, const char* key) {
            const auto text = text_of(each, key);
            return text.empty() ? text : before + cell(text);
        };
        fmt::print("  {} for {}{}: {}{}{}{}{}{}\n", text_of(each, "entity"), text_of(each, "component"),
                   part(" at site ", "site"), text_of(each, "decision"), part(", ", "reason"),
                   part("; approved by ", "approver"), part("; document ", "document"), part(" [", "where"),
                   "]");
        if (const auto chain = text_of(each, "chain"); !chain.empty()) fmt::print("    {}\n", cell(chain));
        if (const auto& exception = each.at("exception"); !exception.is_null()) {
            fmt::print("    except the same part, in the same host, seen before {}; until {}\n",
                       time_of(exception, "first_seen_before"), time_of(exception, "expires"));
        }
    }
}

void print_exposure(const nlohmann::json& answer) {
    const auto& parts = answer.at("parts");
    fmt::print("{} ({}): {} parts on {} hosts\n", cell(text_of(answer, "legal_name")),
               text_of(answer, "entity"), answer.at("parts_in_all").get<std::int64_t>(),
               answer.at("hosts_in_all").get<std::int64_t>());
    for (const auto& party : answer.at("parties")) {
        if (const auto chain = text_of(party, "chain"); !chain.empty()) fmt::print("  {}\n", cell(chain));
    }
    if (parts.empty()) return;
    print_decisions(answer);
    fmt::print("{:<20} {:<8} {:<22} {:<20} {:<20} {:<21} {:<21} {}\n", "HOST", "PART", "PLACE", "MODEL",
               "SERIAL", "FIRST SEEN", "LAST SEEN", "MATCHED BY");
    for (const auto& part : parts) {
        fmt::print("{:<20} {:<8} {:<22} {:<20} {:<20} {:<21} {:<21} {}\n", cell(text_of(part, "host")),
                   text_of(part, "component"), cell(text_of(part, "place")), cell(text_of(part, "model")),
                   cell(text_of(part, "serial")), time_of(part, "first_seen"),
                   time_of(part, "last_seen") + (part.at("present").get<bool>() ? "" : " gone"),
                   cell(text_of(part, "matched_by")));
    }
    if (static_cast<std::int64_t>(parts.size()) < answer.at("parts_in_all").get<std::int64_t>())
        fmt::print("{} shown; --limit shows more\n", parts.size());
}

Result<command_line::ExitCode> run_exposure(const Context& context, const ExposureOptions& options) {
    const auto answer = TRY(get(context, TRY(path_of(options))));
    if (context.json)
        print_json(answer);
    else
        print_exposure(answer);
    return command_line::ExitCode::done;
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
