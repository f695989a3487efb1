#include <ctime>
#include <filesystem>
#include <memory>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "cli/commands/commands.h"
#include "cli/duration.h"
#include "cli/host_bundle.h"
#include "cli/reference/baseline_capture.h"
#include "cli/vendors/bundle_signing.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "vendor-db/model/vendor_db.h"

namespace assay::cli {
namespace {

using vendors::Baseline;
using vendors::VendorDb;

struct Capture {
    std::string host, evidence, from, until, out;
    CaptureOptions options;
};

Json baseline_json(const Baseline& baseline) {
    auto devices = Json::array();
    for (const auto& device : baseline.devices) {
        devices.push_back({{"controller", device.controller},
                           {"port", device.port},
                           {"vid", device.vid},
                           {"pid", device.pid},
                           {"interfaces", device.interfaces},
                           {"descriptors_sha256", device.descriptors},
                           {"bmc", device.bmc},
                           {"note", device.note}});
    }
    Json out{{"model", baseline.model},
             {"generation", baseline.generation},
             {"source", baseline.source},
             {"devices", std::move(devices)}};
    if (baseline.span.from) out["from"] = *baseline.span.from;
    if (baseline.span.to) out["to"] = *baseline.span.to;
    return out;
}

void print_baseline(const Baseline& baseline) {
    fmt::print("{}, {}\n  holds:  {} to {}\n  source: {}\n", cell(baseline.model), cell(baseline.generation),
               baseline.span.from ? utc_text(*baseline.span.from) : "any time",
               baseline.span.to ? utc_text(*baseline.span.to) : "any time", cell(baseline.source));
    for (const auto& device : baseline.devices) {
        fmt::print("  {:<4}{:<13} {:<10} {}:{} {:<18} {} {}\n", device.bmc ? "BMC" : "",
                   cell(device.controller), cell(device.port), device.vid, device.pid,
                   fmt::format("{}", fmt::join(device.interfaces, ",")), device.descriptors.substr(0, 16),
                   cell(device.note));
    }
}

Result<command_line::ExitCode> run_capture(const Context& context, const Capture& capture) {
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    const auto bundle = TRY(bundle_of(context, capture.host, capture.evidence));
    auto options = capture.options;
    options.source = fmt::format("captured from {} as attested at {}", printable(bundle.known_host.name),
                                 utc_text(bundle.challenge.issued_at));
    if (!capture.from.empty()) options.span.from = TRY(parse_time(capture.from, now));
    if (!capture.until.empty()) options.span.to = TRY(parse_time(capture.until, now));
    const auto baseline = TRY(capture_baseline(bundle.evidence, options));
    const auto text = vendors::to_toml({baseline});
    // Read back before anybody signs it.
    TRY_VOID(vendors::load({{}, {}, {}, {}, {{"the captured baseline", text}}}));
    if (capture.out.empty() && !context.json) {
        fmt::print("{}", text);
        return command_line::ExitCode::done;
    }
    if (!capture.out.empty()) TRY_VOID(write_output(capture.out, as_view(text), {.keeps_existing = true}));
    if (files::is_stdout(capture.out)) return command_line::ExitCode::done;
    if (context.json) {
        print_json(baseline_json(baseline));
    } else {
        print_baseline(baseline);
        fmt::print(
            "{}: take out what does not belong to the model (--without PORT), then 'assay vendors build' "
            "and 'assay baseline sign'\n",
            printable(capture.out));
    }
    return command_line::ExitCode::done;
}

Result<VendorDb> baselines_in(const std::string& place) {
    std::error_code error;
    if (!place.ends_with(".toml") || std::filesystem::is_directory(place, error))
        return inputs::load_vendors(place);
    const auto text = TRY(read_file(place, limits::kTextFile));
    return vendors::load({{}, {}, {}, {}, {{place, std::string(as_text(text))}}});
}

Result<command_line::ExitCode> run_show_baseline(const Context& context, const std::string& place) {
    const auto db = TRY(baselines_in(place));
    if (context.json) {
        auto rows = Json::array();
        for (const auto& baseline : db.baselines()) rows.push_back(baseline_json(baseline));
        print_json(rows);
        return command_line::ExitCode::done;
    }
    for (const auto& baseline : db.baselines()) print_baseline(baseline);
    if (db.baselines().empty()) fmt::print("No baseline in {}.\n", printable(place));
    return command_line::ExitCode::done;
}

// What somebody signs as baselines has some, and they can be read.
Result<> has_baselines(const inputs::VendorBundle& bundle) {
    const auto db = TRY(vendors::load(bundle.content.sources));
    if (!db.baselines().empty()) return {};
    return fail(ErrorCode::usage,
                "the bundle has no baseline: put the captured file into the folder 'baselines' of the vendor "
                "data, and build it again ('assay vendors build')");
}

void add_capture(command_line::Command& parent, Context& context) {
    const auto capture = std::make_shared<Capture>();
    auto* command = command_line::add_command(
        parent, "capture",
        "Write down which USB devices belong to a model, from a host that is as it should be",
        "assay baseline capture rack-7 --generation 'BMC 7.10' --out vendor-db/baselines/r750-7.10.toml\n"
        "assay baseline capture --evidence rack-7.bundle --generation 'BMC 7.10' --without 1-3 --bmc 1-14",
        [&context, capture] { return run_capture(context, *capture); });
    command->add_option("HOST", capture->host,
                        "An attested host: its newest evidence is asked of the verifier");
    command->add_option("--evidence", capture->evidence, "A saved bundle, or a recorded host's folder")
        ->type_name("FILE");
    command->add_option("--model", capture->options.model, "The model, by default SMBIOS' product name");
    command->add_option("--generation", capture->options.generation, "What sets it apart: 'BMC 7.10'")
        ->required();
    command->add_option("--from", capture->from, "Holds from then on: 2026-11-26; by default always");
    command->add_option("--until", capture->until, "Holds until then: 2027-11-26; by default always");
    command->add_option("--without", capture->options.without, "Leave out the device at this port, as 1-4.2")
        ->type_name("PORT");
    command
        ->add_option("--bmc", capture->options.bmc,
                     "This port is the BMC's; ports with a BMC's known ids are marked without it")
        ->type_name("PORT");
    command->add_option("--out,-o", capture->out, "The new file; by default standard output")->written();
}

void add_verify(command_line::Command& parent, Context& context) {
    const auto options = std::make_shared<VerifyOptions>();
    auto* command = command_line::add_command(
        parent, "verify",
        "Whether a verifier that trusts these keys would load the baselines of a bundle, with every reason; "
        "exit code 3 where not",
        "assay baseline verify vendors-8.bundle --keys signers/ --signatures 2 --last vendors-7.bundle",
        [&context, options] {
            return verify_bundle(context, *options, [](const VendorDb& db, InspectVerdict& verdict) {
                if (db.baselines().empty()) verdict.refuses("baseline.none", "the bundle has no baseline");
                for (const auto& baseline : db.baselines())
                    verdict.holds(fmt::format("baseline of {}, {}: {} devices", cell(baseline.model),
                                              cell(baseline.generation), baseline.devices.size()));
            });
        });
    add_verify_options(*command, *options);
}

}  // namespace

void add_baseline(command_line::Command& app, Context& context) {
    auto* parent = command_line::add_group(
        app, "baseline", "Which USB devices belong to a model: captured, signed with the vendor data");
    add_capture(*parent, context);
    const auto place = std::make_shared<std::string>();
    auto* show = command_line::add_command(*parent, "show", "The baselines in a file, whoever signed it",
                                           "assay baseline show vendor-db/baselines/r750-7.10.toml\n"
                                           "assay baseline show vendors-8.bundle --json | jq -r '.[].model'",
                                           [&context, place] { return run_show_baseline(context, *place); });
    show->add_option("FILE", *place, "A captured baseline (.toml), a folder of vendor data, or a bundle")
        ->required()
        ->type_name("FILE|DIR");
    const auto options = std::make_shared<SignOptions>();
    auto* sign = command_line::add_command(
        *parent, "sign",
        "Add a signer's signature to a bundle of vendor data that has baselines; look at them first, with "
        "show",
        "assay vendors build ./vendor-db --version 8 --expires 2027-06-30 --out vendors-8.bundle\n"
        "assay baseline sign vendors-8.bundle --key carla.key",
        [&context, options] { return sign_bundle(context, *options, has_baselines); });
    add_sign_options(*sign, *options);
    add_verify(*parent, context);
}

}  // namespace assay::cli
