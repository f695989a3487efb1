#include <ctime>
#include <memory>

#include <fmt/core.h>

#include "cli/duration.h"
#include "cli/exposure_text.h"
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

Result<command_line::ExitCode> run_exposure(const Context& context, const ExposureOptions& options) {
    const auto answer = TRY(get(context, TRY(path_of(options))));
    return show_answer(context, answer, [](JsonReader& all) { all.object("exposure", print_exposure); });
}

}  // namespace

void add_vendors_exposure(command_line::Command& parent, Context& context) {
    const auto options = std::make_shared<ExposureOptions>();
    auto* command = command_line::add_command(
        parent, "exposure",
        "Every part of a maker in the fleet, with host, place, serial number, first and last seen, the "
        "result that "
        "showed it, the decision that covers it, and of how many hosts the answer could speak",
        "assay vendors exposure inspur\n"
        "assay vendors exposure inspur --owned --as-of 2025-03-25   # as it was on that day, with "
        "subsidiaries\n"
        "assay vendors exposure \"Super Micro Computer, Inc.\" --json | jq -r '.exposure.parts[].host' | "
        "sort -u\n"
        "assay vendors exposure inspur --json > exposure.json; assay result verify exposure.json  # a signed "
        "answer",
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
