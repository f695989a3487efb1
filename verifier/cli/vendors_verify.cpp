#include <iterator>
#include <memory>

#include <fmt/core.h>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "vendor-db/bundle_trust.h"
#include "verifier/cli/inspect_verdict.h"
#include "verifier/cli/vendor_data.h"
#include "verifier/cli/vendors.h"
#include "verifier/inputs/vendor_files.h"

namespace assay::cli {
namespace {

struct Options {
    std::string file, last, at;
    std::vector<std::string> keys, retired;
    std::size_t signatures = 1;
};

Result<std::vector<vendors::BundleKey>> keys_in(const std::vector<std::string>& places) {
    std::vector<vendors::BundleKey> out;
    for (const auto& place : places)
        std::ranges::move(TRY(inputs::read_bundle_keys(place)), std::back_inserter(out));
    return out;
}

Result<std::optional<vendors::LastBundle>> last_of(const std::string& file) {
    if (file.empty()) return std::nullopt;
    const auto [bundle, content] = TRY(inputs::read_vendor_bundle(file));
    return vendors::LastBundle{content.version, bundle.digest()};
}

Result<ExitCode> run(const Context& context, const Options& options) {
    const auto at = TRY(time_asked({.vendors = {}, .at = options.at}));
    const auto bytes = TRY(read_file(options.file, limits::kVendorBundle));
    const auto trust = TRY(vendors::BundleTrust::of(TRY(keys_in(options.keys)), TRY(keys_in(options.retired)),
                                                    options.signatures));
    const auto judged = TRY(with_context(vendors::judge_bundle(bytes, trust, at, TRY(last_of(options.last))),
                                         printable(options.file)));
    InspectVerdict answer;
    for (const auto& reason : judged.reasons) {
        if (reason.refuses)
            answer.refuses(reason.id, reason.text);
        else
            answer.notes(reason.id, reason.text);
    }
    for (const auto& signer : judged.signed_by) answer.holds("signature by " + signer);
    answer.details["signatures_wanted"] = options.signatures;
    if (judged.bundle) {
        answer.details["version"] = judged.bundle->content().version;
        answer.details["digest"] = judged.bundle->digest().hex();
        answer.details["expires"] = utc_text(judged.bundle->content().expires);
        answer.holds(fmt::format("version {} is in date", judged.bundle->content().version));
        if (const auto loaded = judged.bundle->load(); !loaded)
            answer.refuses("vendors.malformed", describe(loaded.error()));
    }
    return show(context, answer);
}

}  // namespace

void add_vendors_verify(CLI::App& parent, Context& context) {
    const auto options = std::make_shared<Options>();
    auto* command =
        command_line::add_command(parent, "verify",
                                  "Whether a verifier that trusts these keys would load a bundle, with every "
                                  "reason; exit code 3 where not",
                                  "assay vendors verify vendors-8.bundle --keys signers/ --signatures 2\n"
                                  "assay vendors verify vendors-8.bundle --keys carla.pem dora.pem "
                                  "--signatures 2 --last vendors-7.bundle --json",
                                  [&context, options] { return run(context, *options); });
    command->add_option("bundle", options->file, "The bundle")->required()->type_name("FILE");
    command->add_option("--keys", options->keys, "Public keys of the signers: files, or folders of *.pem")
        ->required()
        ->type_name("FILE|DIR");
    command->add_option("--retired", options->retired, "Public keys that do not count any more")
        ->type_name("FILE|DIR");
    command->add_option("--signatures", options->signatures, "How many of the keys must have signed")
        ->capture_default_str();
    command
        ->add_option("--last", options->last,
                     "The bundle that was loaded before: an older version is refused")
        ->type_name("FILE");
    command->add_option("--at", options->at, "The time to judge at, by default now: 2026-11-22");
}

}  // namespace assay::cli
