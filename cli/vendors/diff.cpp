#include <ctime>
#include <filesystem>
#include <memory>

#include <fmt/core.h>

#include "cli/rehearsal.h"
#include "cli/vendors/vendors.h"
#include "vendor-db/bundle/difference.h"
#include "verifier/service/inputs/vendor_files.h"

namespace assay::cli {
namespace {

struct DiffOptions {
    std::string from, to;
    bool hosts = false;
};

/// What the verifier is asked about: the bundle, or one made of the folder, that nobody signs.
Result<Bytes> proposed_bundle(const std::string& place) {
    std::error_code error;
    if (std::filesystem::is_regular_file(place, error)) return read_file(place, limits::kVendorBundle);
    constexpr std::int64_t kYear_s = 365LL * 24 * 3600;
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    const auto sources = TRY(inputs::read_vendor_sources(place));
    const auto content = TRY(vendors::encode_bundle_content(
        {.version = 1, .issued = now, .expires = now + kYear_s, .sources = sources}));
    return vendors::encode_bundle({content, {}});
}

void print_diff(const std::vector<vendors::Change>& changes) {
    std::string before;
    for (const auto& each : changes) {
        const auto head = fmt::format("{} {}", to_string(each.of), cell(each.subject));
        if (head != before) fmt::print("{}\n", head);
        before = head;
        fmt::print("  {}\n", cell(each.text));
    }
    fmt::print("{} changes\n", changes.size());
}

Result<command_line::ExitCode> run_diff(const Context& context, const DiffOptions& options) {
    const auto from = TRY(inputs::load_vendors(options.from));
    const auto to = TRY(inputs::load_vendors(options.to));
    const auto changes = vendors::difference(from, to);
    Json hosts;
    if (options.hosts) {
        judge::Proposal proposal;
        proposal.bundle = TRY(proposed_bundle(options.to));
        hosts = TRY(rehearse(context, proposal, {}));
    }
    if (!context.json) {
        print_diff(changes);
        if (!options.hosts) return command_line::ExitCode::done;
        return show_answer(context, hosts.dump(), print_rehearsal);
    }
    auto rows = Json::array();
    for (const auto& each : changes)
        rows.push_back({{"of", to_string(each.of)}, {"subject", each.subject}, {"text", each.text}});
    Json answer{{"from", from.digest().hex()}, {"to", to.digest().hex()}, {"changes", rows}};
    if (options.hosts) answer["hosts"] = hosts;
    print_json(answer);
    return command_line::ExitCode::done;
}

}  // namespace

void add_vendors_diff(command_line::Command& parent, Context& context) {
    const auto options = std::make_shared<DiffOptions>();
    auto* command = command_line::add_command(
        parent, "diff",
        "In words what changed from one folder or bundle of vendor data to another, and which hosts' "
        "verdicts would "
        "change with it",
        "assay vendors diff vendors-7.bundle vendors-8.bundle\n"
        "assay vendors diff vendors-7.bundle vendors-8.bundle --hosts   # asks the verifier, which changes "
        "nothing\n"
        "assay vendors diff vendors-7.bundle ./vendor-db --json | jq -r '.changes[] | select(.of == "
        "\"decision\").text'",
        [&context, options] { return run_diff(context, *options); });
    command->add_option("old", options->from, "A folder or a bundle, whoever signed it")
        ->required()
        ->type_name("DIR|FILE");
    command->add_option("new", options->to, "The same")->required()->type_name("DIR|FILE");
    command->add_flag(
        "--hosts", options->hosts,
        "Have the verifier judge the newest evidence of every host under NEW, beside what it has now");
}

}  // namespace assay::cli
