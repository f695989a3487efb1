#include <ctime>
#include <filesystem>
#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "vendor-db/difference.h"
#include "verifier/cli/vendors.h"
#include "verifier/inputs/vendor_files.h"

namespace assay::cli {
namespace {

struct Options {
    std::string from, to;
    bool hosts = false;
};

/// What the verifier is asked about: the bundle, or one made of the folder, that nobody signs.
Result<Bytes> bundle_of(const std::string& place) {
    std::error_code error;
    if (std::filesystem::is_regular_file(place, error)) return read_file(place, limits::kVendorBundle);
    constexpr std::int64_t kYear_s = 365LL * 24 * 3600;
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    const auto content =
        TRY(vendors::encode_bundle_content({.version = 1,
                                            .issued = now,
                                            .expires = now + kYear_s,
                                            .sources = TRY(inputs::read_vendor_sources(place))}));
    return vendors::encode_bundle({content, {}});
}

/// The verifier judges a few hundred hosts a request; progress on a terminal.
Result<nlohmann::json> rehearse(const Context& context, const std::string& place) {
    const auto bundle = TRY(bundle_of(place));
    auto client = TRY(connect(context));
    nlohmann::json all{{"judged", 0}, {"changed", nlohmann::json::array()}};
    std::string after;
    do {
        const auto path = "/v1/vendors/rehearsal" + (after.empty() ? "" : "?after=" + percent_encoded(after));
        const auto response = TRY(client.post(path, "application/cbor", bundle));
        if (response.status != 200) return std::unexpected(problem_of(response));
        const auto answer = TRY(parse_answer(as_text(response.body)));
        all["judged"] = all.at("judged").get<std::int64_t>() + answer.at("judged").get<std::int64_t>();
        for (const auto& row : answer.at("changed")) all["changed"].push_back(row);
        after = text_of(answer, "next");
        if (!after.empty() && !context.json)
            fmt::print(stderr, "{} hosts judged\n", all.at("judged").get<std::int64_t>());
    } while (!after.empty());
    return all;
}

void print(const nlohmann::json& hosts) {
    for (const auto& row : hosts.at("changed")) {
        fmt::print("host {}: {}{}\n", cell(text_of(row, "host")), text_of(row, "tier"),
                   text_of(row, "tier") == text_of(row, "tier_then") ? ", as before"
                                                                     : " -> " + text_of(row, "tier_then"));
        for (const auto* side : {"gained", "lost"}) {
            for (const auto& finding : row.at(side)) {
                fmt::print("  {} {}: {}: {}\n", side == std::string_view("gained") ? "+" : "-",
                           text_of(finding, "id"), cell(text_of(finding, "subject")),
                           cell(text_of(finding, "actual")));
            }
        }
    }
    fmt::print("{} of {} hosts would change\n", hosts.at("changed").size(),
               hosts.at("judged").get<std::int64_t>());
}

void print(const std::vector<vendors::Change>& changes) {
    std::string before;
    for (const auto& each : changes) {
        const auto head = fmt::format("{} {}", to_string(each.of), cell(each.subject));
        if (head != before) fmt::print("{}\n", head);
        before = head;
        fmt::print("  {}\n", cell(each.text));
    }
    fmt::print("{} changes\n", changes.size());
}

Result<ExitCode> run(const Context& context, const Options& options) {
    const auto from = TRY(inputs::load_vendors(options.from));
    const auto to = TRY(inputs::load_vendors(options.to));
    const auto changes = vendors::difference(from, to);
    const auto hosts = options.hosts ? TRY(rehearse(context, options.to)) : nlohmann::json();
    if (!context.json) {
        print(changes);
        if (options.hosts) print(hosts);
        return ExitCode::done;
    }
    auto rows = nlohmann::json::array();
    for (const auto& each : changes)
        rows.push_back({{"of", to_string(each.of)}, {"subject", each.subject}, {"text", each.text}});
    nlohmann::json answer{{"from", from.digest().hex()}, {"to", to.digest().hex()}, {"changes", rows}};
    if (options.hosts) answer["hosts"] = hosts;
    print_json(answer);
    return ExitCode::done;
}

}  // namespace

void add_vendors_diff(CLI::App& parent, Context& context) {
    const auto options = std::make_shared<Options>();
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
        [&context, options] { return run(context, *options); });
    command->add_option("old", options->from, "A folder or a bundle, whoever signed it")
        ->required()
        ->type_name("DIR|FILE");
    command->add_option("new", options->to, "The same")->required()->type_name("DIR|FILE");
    command->add_flag(
        "--hosts", options->hosts,
        "Have the verifier judge the newest evidence of every host under NEW, beside what it has now");
}

}  // namespace assay::cli
