#include <ctime>
#include <memory>

#include <fmt/core.h>

#include "cli/duration.h"
#include "cli/vendors/vendors.h"
#include "evidence/base/text.h"
#include "verifier/service/inputs/vendor_files.h"

namespace assay::cli {
namespace {

struct BuildOptions {
    std::string folder, out, expires, issued;
    std::uint64_t version = 0;
};

Result<command_line::ExitCode> run_build(const Context& context, const BuildOptions& options) {
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    const auto sources = TRY(inputs::read_vendor_sources(options.folder));
    TRY_VOID(with_context(vendors::load(sources), "'assay vendors check' lists all that is wrong"));
    const auto issued = options.issued.empty() ? now : TRY(parse_time(options.issued, now));
    const auto expires = TRY(parse_time(options.expires, now));
    const auto content = TRY(vendors::encode_bundle_content(
        {.version = options.version, .issued = issued, .expires = expires, .sources = sources}));
    const vendors::Bundle bundle{content, {}};
    TRY_VOID(write_output(options.out, vendors::encode_bundle(bundle), {.keeps_existing = true}));
    if (files::is_stdout(options.out)) return command_line::ExitCode::done;
    if (context.json)
        print_json({{"file", options.out}, {"version", options.version}, {"digest", bundle.digest().hex()}});
    else
        fmt::print("{}: version {}, digest {}, signed by nobody yet: assay vendors sign\n",
                   printable(options.out), options.version, bundle.digest().hex());
    return command_line::ExitCode::done;
}

}  // namespace

void add_vendors_build(command_line::Command& parent, Context& context) {
    const auto options = std::make_shared<BuildOptions>();
    auto* command = command_line::add_command(
        parent, "build", "Put a folder of vendor data into one bundle, for signers to sign",
        "assay vendors build ./vendor-db --version 8 --expires 2027-06-30 --out vendors-8.bundle\n"
        "assay vendors build ./vendor-db --version 8 --expires 2027-06-30 --issued 2026-11-26 --out "
        "again.bundle  # "
        "the same bytes anywhere",
        [&context, options] { return run_build(context, *options); });
    command
        ->add_option("folder", options->folder,
                     "Folder with vendors, lists, decisions, firmware, baselines and references")
        ->required()
        ->type_name("DIR");
    command->add_option("--version", options->version, "Higher than that of every bundle rolled out before")
        ->required();
    command->add_option("--expires", options->expires, "From then on no verifier loads it: 2027-06-30")
        ->required();
    command->add_option("--issued", options->issued, "By default now; no verifier loads it before");
    command->add_option("--out,-o", options->out, "The new file")->required()->written();
}

}  // namespace assay::cli
