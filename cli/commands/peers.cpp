#include <algorithm>
#include <memory>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"

namespace assay::cli {
namespace {

constexpr std::size_t kNamed = 5;

struct PeersOptions {
    std::string host, pcrs;
    bool all = false;
};

bool has(const nlohmann::json& group, const std::string& host) {
    return std::ranges::find(group.at("hosts"), nlohmann::json(host)) != group.at("hosts").end();
}

/// The PCRs in which two groups differ.
std::vector<std::string> differing(const nlohmann::json& a, const nlohmann::json& b) {
    std::vector<std::string> out;
    for (const auto& [pcr, value] : a.at("values").items()) {
        if (!b.at("values").contains(pcr) || b.at("values").at(pcr) != value) out.push_back(pcr);
    }
    for (const auto& [pcr, value] : b.at("values").items()) {
        if (!a.at("values").contains(pcr)) out.push_back(pcr);
    }
    std::ranges::sort(out, {}, [](const std::string& pcr) { return std::pair(pcr.size(), pcr); });
    return out;
}

std::string names_of(const nlohmann::json& group, bool all) {
    std::vector<std::string> names;
    for (const auto& host : group.at("hosts")) {
        if (!all && names.size() == kNamed) break;
        names.push_back(cell(host.get<std::string>()));
    }
    const auto left = group.at("hosts").size() - names.size();
    return fmt::format("{}{}", fmt::join(names, ", "), left != 0 ? fmt::format(" and {} more", left) : "");
}

void print_peers(const nlohmann::json& group, const nlohmann::json* mine, const PeersOptions& options) {
    const auto count = group.at("hosts").size();
    fmt::print("{:>6} host{} since {}: {}\n", count, count == 1 ? " " : "s", time_of(group, "since"),
               names_of(group, options.all));
    if (mine == nullptr) return;
    const auto pcrs = differing(*mine, group);
    fmt::print("       {}\n", pcrs.empty() ? "as " + cell(options.host)
                                           : fmt::format("other than {} in PCR {}", cell(options.host),
                                                         fmt::join(pcrs, ", ")));
}

Result<command_line::ExitCode> run_peers(const Context& context, const PeersOptions& options) {
    const auto answer =
        TRY(get(context, "/v1/boots" +
                             (options.pcrs.empty() ? "" : "?pcrs=" + client::percent_encoded(options.pcrs))));
    const auto& groups = answer.at("groups");
    const auto mine =
        std::ranges::find_if(groups, [&](const auto& group) { return has(group, options.host); });
    if (!options.host.empty() && mine == groups.end())
        return fail(ErrorCode::not_found,
                    cell(options.host) +
                        " has not shown authentic PCRs yet, or is not enrolled: 'assay hosts' lists them");
    if (context.json) {
        print_json(answer);
        return command_line::ExitCode::done;
    }
    const auto* own = options.host.empty() ? nullptr : &*mine;
    if (own != nullptr) print_peers(*own, own, options);
    const nlohmann::json* other = nullptr;
    for (const auto& group : groups) {
        if (&group == own) continue;
        if (other == nullptr) other = &group;
        print_peers(group, own, options);
    }
    if (groups.empty()) fmt::print("No host has attested yet.\n");
    if (own != nullptr && other != nullptr)
        fmt::print("What differs: assay diff {} --against {}\n", cell(options.host),
                   cell(other->at("hosts").at(0).get<std::string>()));
    return command_line::ExitCode::done;
}

}  // namespace

void add_peers(command_line::Command& app, Context& context) {
    const auto options = std::make_shared<PeersOptions>();
    auto* command = command_line::add_command(
        app, "peers", "Which hosts booted the same, by their PCRs, so that the one that differs shows",
        "assay peers            # the whole fleet, the largest group first\n"
        "assay peers rack-7     # who boots as it does, and in which PCRs the others differ\n"
        "assay peers rack-7 --pcrs 0,2 --json | jq '.groups | length'",
        [&context, options] { return run_peers(context, *options); });
    command->add_option("HOST", options->host, "Compare the groups with this host's");
    command->add_option("--pcrs", options->pcrs,
                        "By these PCRs; by default 0,2,4,7: firmware, option ROMs, boot loader, Secure Boot");
    command->add_flag("--all", options->all, "Name every host of a group");
}

}  // namespace assay::cli
