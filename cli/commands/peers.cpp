#include <algorithm>
#include <map>
#include <memory>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "cli/commands/commands.h"

namespace assay::cli {
namespace {

constexpr std::size_t kNamed = 5;

struct PeersOptions {
    std::string host, pcrs;
    bool all = false;
};

/// Hosts with the same PCRs.
struct Group {
    std::vector<std::string> hosts;
    std::map<std::string, std::string> values;  ///< by the PCR's number
    std::string since;
};

Group group_of(JsonReader& in) {
    Group out{.hosts = in.texts_or_none("hosts", SIZE_MAX), .values = {}, .since = time_of(in, "since")};
    in.members("values",
               [&](const std::string& pcr, JsonReader& value) { out.values[pcr] = value.encoded(""); });
    return out;
}

/// The PCRs in which two groups differ.
std::vector<std::string> differing(const Group& a, const Group& b) {
    std::vector<std::string> out;
    for (const auto& [pcr, value] : a.values) {
        if (const auto found = b.values.find(pcr); found == b.values.end() || found->second != value)
            out.push_back(pcr);
    }
    for (const auto& [pcr, value] : b.values) {
        if (!a.values.contains(pcr)) out.push_back(pcr);
    }
    std::ranges::sort(out, {}, [](const std::string& pcr) { return std::pair(pcr.size(), pcr); });
    return out;
}

std::string names_of(const Group& group, bool all) {
    std::vector<std::string> names;
    for (const auto& host : group.hosts) {
        if (!all && names.size() == kNamed) break;
        names.push_back(cell(host));
    }
    const auto left = group.hosts.size() - names.size();
    return fmt::format("{}{}", fmt::join(names, ", "), left != 0 ? fmt::format(" and {} more", left) : "");
}

void print_peers(const Group& group, const Group* mine, const PeersOptions& options) {
    const auto count = group.hosts.size();
    fmt::print("{:>6} host{} since {}: {}\n", count, count == 1 ? " " : "s", group.since,
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
    std::vector<Group> groups;
    JsonReader reader(answer, kAnswer);
    reader.each("groups", [&](JsonReader& in) { groups.push_back(group_of(in)); });
    TRY_VOID(reader.finish());
    const auto mine = std::ranges::find_if(groups, [&](const Group& group) {
        return std::ranges::find(group.hosts, options.host) != group.hosts.end();
    });
    if (!options.host.empty() && mine == groups.end())
        return fail(ErrorCode::not_found,
                    cell(options.host) +
                        " has not shown authentic PCRs yet, or is not enrolled: 'assay hosts' lists them");
    if (context.json) {
        TRY_VOID(print_answer(answer));
        return command_line::ExitCode::done;
    }
    const auto* own = options.host.empty() ? nullptr : &*mine;
    if (own != nullptr) print_peers(*own, own, options);
    const Group* other = nullptr;
    for (const auto& group : groups) {
        if (&group == own) continue;
        if (other == nullptr) other = &group;
        print_peers(group, own, options);
    }
    if (groups.empty()) fmt::print("No host has attested yet.\n");
    if (options.pcrs.empty() && groups.size() > 1)
        fmt::print(
            "PCRs 8, 9, 11 and 12 hold command line, kernel and initrd, which may differ on purpose: --pcrs "
            "0,2,4,7 "
            "leaves them out.\n");
    if (own != nullptr && other != nullptr)
        fmt::print("What differs: assay diff {} --against {}\n", cell(options.host),
                   cell(other->hosts.at(0)));
    return command_line::ExitCode::done;
}

}  // namespace

void add_peers(command_line::Command& app, Context& context) {
    const auto options = std::make_shared<PeersOptions>();
    auto* command = command_line::add_command(
        app, "peers", "Which hosts booted the same, by their PCRs, so that the one that differs shows",
        "assay peers            # the whole fleet, the largest group first\n"
        "assay peers rack-7     # who boots as it does, and in which PCRs the others differ\n"
        "assay peers --pcrs 0,2,4,7   # firmware and boot loader alone: command lines may name a disk of the "
        "host\n"
        "assay peers rack-7 --pcrs 0,2 --json | jq '.groups | length'",
        [&context, options] { return run_peers(context, *options); });
    command->add_option("HOST", options->host, "Compare the groups with this host's");
    command->add_option(
        "--pcrs", options->pcrs,
        "By these PCRs; by default 0,2,4,7,8,9,11,12: firmware, option ROMs, boot loader, Secure "
        "Boot; command line, kernel and initrd");
    command->add_flag("--all", options->all, "Name every host of a group");
}

}  // namespace assay::cli
