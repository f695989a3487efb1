#include <algorithm>
#include <ctime>
#include <filesystem>
#include <memory>
#include <set>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "cli/commands/commands.h"
#include "cli/duration.h"
#include "cli/host_bundle.h"
#include "cli/reference/reference.h"
#include "evidence/base/text.h"
#include "verifier/judge/appraisal/facts/boot/boot_difference.h"
#include "verifier/judge/appraisal/facts/boot/event_place.h"

namespace assay::cli {
namespace {

struct DiffOptions {
    std::string host, since, against;
    bool digests = false;
};

/// One boot, and what it is called.
struct Side {
    std::string name;
    judge::BootChain chain;
};

bool is_place(const std::string& text) {
    std::error_code error;
    return std::filesystem::exists(text, error);
}

Result<Side> side_of_bundle(const SavedBundle& bundle) {
    const auto name = fmt::format("{} as attested at {}", printable(bundle.known_host.name),
                                  utc_text(bundle.challenge.issued_at));
    auto chain = TRY(with_context(judge::boot_chain_of(bundle), name));
    return Side{name, std::move(chain)};
}

/// A host, a saved bundle or recorded host, or a reference set.
Result<Side> side_of(const Context& context, const std::string& text) {
    if (!is_place(text)) return side_of_bundle(TRY(bundle_of_host(context, text)));
    if (!text.ends_with(".toml")) return side_of_bundle(TRY(inputs::load_bundle(text)));
    const auto sets = TRY(references_in(text));
    if (sets.size() != 1)
        return fail(ErrorCode::usage, fmt::format("{} has {} reference sets; give a file with one",
                                                  printable(text), sets.size()));
    return Side{printable(sets.front().title()), judge::boot_chain_of(sets.front())};
}

/// A reference is about some PCRs: the others are no difference.
void keep_pcrs_of(const judge::BootChain& reference, judge::BootChain& chain) {
    const auto is_other = [&](std::uint32_t pcr) {
        return std::ranges::find(reference.measurements, pcr, &judge::BootMeasurement::pcr) ==
               reference.measurements.end();
    };
    std::erase_if(chain.measurements, [&](const auto& each) { return is_other(each.pcr); });
    std::erase_if(chain.unexplained, is_other);
}

/// What of two boots was compared, and what came of it.
struct Comparison {
    judge::ComparedPcrs pcrs;
    std::vector<judge::BootDifference> changes;

    /// Where nothing was compared, that there is no difference is no news.
    [[nodiscard]] command_line::ExitCode exit_code() const {
        return pcrs.compared.empty() ? command_line::ExitCode::none : command_line::ExitCode::done;
    }
    [[nodiscard]] std::string summary() const {
        if (pcrs.compared.empty())
            return "Nothing could be compared: no PCR has events that replay to its quoted value on both "
                   "sides";
        const auto count = pcrs.compared.size();
        return fmt::format(
            "{} in the {} PCR{} that {} compared{}",
            changes.empty() ? std::string("No difference")
                            : fmt::format("{} change{}", changes.size(), changes.size() == 1 ? "" : "s"),
            count, count == 1 ? "" : "s", count == 1 ? "was" : "were",
            pcrs.left_out.empty() ? "" : fmt::format(" (not compared: {})", fmt::join(pcrs.left_out, ", ")));
    }
};

Comparison compare(Side& before, Side& after) {
    Comparison out{.pcrs = judge::compared_pcrs(before.chain, after.chain), .changes = {}};
    // Of a PCR that one side does not explain every event would be a change.
    for (auto* side : {&before, &after})
        std::erase_if(side->chain.measurements,
                      [&](const auto& each) { return !out.pcrs.compared.contains(each.pcr); });
    out.changes = boot_difference(before.chain, after.chain);
    return out;
}

Result<Side> earlier(const Context& context, const DiffOptions& options) {
    if (!options.against.empty()) {
        if (!options.since.empty()) return fail(ErrorCode::usage, "give one of --since and --against");
        return side_of(context, options.against);
    }
    if (options.since.empty())
        return fail(ErrorCode::usage,
                    "compared with what? Give --since TIME, or --against a host, bundle or reference");
    const auto at = TRY(parse_time(options.since, std::time(nullptr)));
    return side_of_bundle(TRY(bundle_of_host(context, options.host, at)));
}

Json diff_json(const judge::BootMeasurement* each) {
    if (each == nullptr) return nullptr;
    return {{"pcr", each->pcr},
            {"event", each->event},
            {"digest", each->digest.hex()},
            {"what_unverified", each->what}};
}

void print_diff(const Comparison& comparison, const Side& before, const Side& after,
                const DiffOptions& options) {
    fmt::print("before: {}\nafter:  {}\n", before.name, after.name);
    for (const auto& change : comparison.changes) {
        fmt::print("- {}\n", change.words);
        if (!options.digests) continue;
        for (const auto& pair : change.shown_by) {
            const auto text = [](const judge::BootMeasurement* each) {
                return each == nullptr ? "-" : fmt::format("event {} {}", each->event, each->digest.hex());
            };
            fmt::print("    PCR {}: {} -> {}\n", pair.after != nullptr ? pair.after->pcr : pair.before->pcr,
                       text(pair.before), text(pair.after));
        }
    }
    for (const auto* side : {&before, &after}) {
        for (const auto pcr : side->chain.unexplained)
            fmt::print("PCR {} of {} is not compared: its events do not replay to the quoted value\n", pcr,
                       side->name);
    }
    fmt::print("{}\n", comparison.summary());
}

Result<command_line::ExitCode> run_diff(const Context& context, const DiffOptions& options) {
    auto before = TRY(earlier(context, options));
    auto after = TRY(side_of(context, options.host));
    if (options.against.ends_with(".toml")) keep_pcrs_of(before.chain, after.chain);
    if (before.chain.bank != after.chain.bank)
        return fail(
            ErrorCode::usage,
            fmt::format("{} was quoted in the bank {}, {} in {}: their digests cannot be compared",
                        before.name, to_string(before.chain.bank), after.name, to_string(after.chain.bank)));
    const auto comparison = compare(before, after);
    if (!context.json) {
        print_diff(comparison, before, after, options);
        return comparison.exit_code();
    }
    auto rows = Json::array();
    for (const auto& change : comparison.changes) {
        auto pairs = Json::array();
        for (const auto& pair : change.shown_by)
            pairs.push_back({{"before", diff_json(pair.before)}, {"after", diff_json(pair.after)}});
        rows.push_back({{"words", change.words}, {"shown_by", std::move(pairs)}});
    }
    print_json({{"before", before.name},
                {"after", after.name},
                {"compared", comparison.pcrs.compared},
                {"not_compared", {{"before", before.chain.unexplained}, {"after", after.chain.unexplained}}},
                {"changes", std::move(rows)}});
    return comparison.exit_code();
}

}  // namespace

void add_diff(command_line::Command& app, Context& context) {
    const auto options = std::make_shared<DiffOptions>();
    auto* command = command_line::add_command(
        app, "diff",
        "In words what changed in a host's boot: since a time, against another host or a reference; exit "
        "code "
        "5 where nothing could be compared",
        "assay diff rack-7 --since 2d\n"
        "assay diff rack-7 --against rack-8\n"
        "assay diff rack-7.bundle --against vendor-db/references/r750-2.19.1.toml --digests",
        [&context, options] { return run_diff(context, *options); });
    command->add_option("HOST", options->host, "A host, or a saved bundle")
        ->required()
        ->type_name("HOST|FILE");
    command->add_option("--since", options->since,
                        "Its boot as it was attested then: 2d, 2026-11-22T10:42:25Z");
    command->add_option("--against", options->against, "A host, a saved bundle, or a reference set (.toml)")
        ->type_name("HOST|FILE");
    command->add_flag("--digests", options->digests, "The events and digests that show each change");
}

}  // namespace assay::cli
