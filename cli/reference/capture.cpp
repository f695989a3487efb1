#include <algorithm>
#include <ctime>
#include <memory>

#include <fmt/core.h>

#include "cli/duration.h"
#include "cli/host_bundle.h"
#include "cli/reference/reference.h"
#include "evidence/base/text.h"
#include "evidence/tpm/pcr.h"
#include "verifier/judge/appraisal/facts/boot/boot_chain.h"

namespace assay::cli {
namespace {

struct Capture {
    std::string host, evidence, name, version, model, from, until, out, despite;
    std::string pcrs = "0,2,4,7";
    std::vector<std::string> without;
};

/// What is captured from a host that is not as it should be would approve just that.
Result<> is_affirmed(const Context& context, const Capture& capture) {
    if (capture.host.empty() || !capture.despite.empty()) return {};
    const auto host = TRY(get(context, "/v1/hosts/" + client::percent_encoded(capture.host)));
    JsonReader answer(host, kAnswer);
    TRY_VOID(answer.finish());
    const auto tier = answer.peek("tier");
    if (tier == to_string(Tier::affirming)) return {};
    return fail(ErrorCode::refused,
                fmt::format("the newest result of {} is {}: what it boots is not what a reference should be. "
                            "See 'assay host show {}'; with --despite REASON it is captured, and the reason "
                            "stands in the set",
                            printable(capture.host), tier, printable(capture.host)));
}

Result<std::vector<std::uint32_t>> pcrs_of(const std::string& text) {
    const auto selection = tcg::pcr_selection_from_text("sha256:" + text);
    if (!selection)
        return fail(ErrorCode::usage, "--pcrs: " + describe(selection.error()) + "; as in 0,2,4,7");
    std::vector<std::uint32_t> out;
    for (std::uint32_t pcr = 0; pcr < tcg::kPcrCount; ++pcr) {
        if (selection->contains(HashAlgorithm::sha256, pcr)) out.push_back(pcr);
    }
    return out;
}

Result<> leave_out(vendors::ReferenceSet& set, const std::vector<std::string>& without) {
    for (const auto& prefix : without) {
        const auto gone = std::erase_if(
            set.events, [&](const auto& value) { return value.digest.hex().starts_with(prefix); });
        if (gone == 0 || prefix.size() < 8)
            return fail(ErrorCode::usage,
                        fmt::format("--without: expected 8 or more hex digits with which an event's digest "
                                    "begins, got '{}'; `assay diff HOST --digests` shows them",
                                    printable(prefix)));
    }
    return {};
}

Result<command_line::ExitCode> run_capture(const Context& context, const Capture& capture) {
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    const auto pcrs = TRY(pcrs_of(capture.pcrs));
    const auto bundle = TRY(bundle_of(context, capture.host, capture.evidence));
    TRY_VOID(is_affirmed(context, capture));
    const auto chain = TRY(judge::boot_chain_of(bundle));
    auto set = TRY(judge::reference_of(chain, pcrs));
    TRY_VOID(leave_out(set, capture.without));
    set.name = capture.name;
    set.version = capture.version;
    set.model = capture.model.empty() ? printable(trimmed(chain.model)) : capture.model;
    if (set.model.empty())
        return fail(ErrorCode::usage, "the evidence does not name the host's model; give it: --model");
    if (!capture.from.empty()) set.span.from = TRY(parse_time(capture.from, now));
    if (!capture.until.empty()) set.span.to = TRY(parse_time(capture.until, now));
    set.source =
        fmt::format("captured from {} as attested at {}{}", printable(bundle.known_host.name),
                    utc_text(bundle.challenge.issued_at),
                    capture.despite.empty() ? "" : ", despite its result: " + printable(capture.despite));
    return write_reference(context, set, capture.out);
}

}  // namespace

void add_reference_capture(command_line::Command& parent, Context& context) {
    const auto capture = std::make_shared<Capture>();
    auto* command = command_line::add_command(
        parent, "capture", "Write down what an attested host booted, for people to look at and sign",
        "assay reference capture rack-7 --name 'r750 BIOS and boot loader' --version 2.19.1 --out "
        "vendor-db/references/r750-2.19.1.toml\n"
        "assay reference capture --evidence rack-7.bundle --pcrs 8,9 --name 'debian kernel' --version "
        "6.1.0-29 "
        "--model '*'",
        [&context, capture] { return run_capture(context, *capture); });
    command->add_option("HOST", capture->host,
                        "An attested host: its newest evidence is asked of the verifier");
    command->add_option("--evidence", capture->evidence, "A saved bundle, or a recorded host's folder")
        ->type_name("FILE");
    command->add_option("--name", capture->name, "What it is a reference of: 'r750 BIOS'")->required();
    command->add_option("--version", capture->version, "Which generation of it: 2.19.1")->required();
    command->add_option("--model", capture->model, "The model, by default SMBIOS' product name; '*' for all");
    command
        ->add_option("--pcrs", capture->pcrs,
                     "Of these PCRs; an event in one of them that no set has is found from then on")
        ->show_default();
    command
        ->add_option("--without", capture->without,
                     "Leave out the event whose digest begins so: one that differs from host to host")
        ->type_name("HEX");
    command->add_option("--from", capture->from, "Holds from then on: 2026-11-26; by default always");
    command->add_option("--until", capture->until, "Holds until then: 2027-11-26; by default always");
    command->add_option("--despite", capture->despite, "Capture although the host's result is not affirming")
        ->type_name("REASON");
    command->add_option("--out,-o", capture->out, "The new file; by default standard output")->written();
}

}  // namespace assay::cli
