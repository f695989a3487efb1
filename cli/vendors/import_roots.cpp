#include <filesystem>
#include <iterator>
#include <memory>
#include <set>

#include <fmt/core.h>

#include "cli/vendors/vendor_data.h"
#include "cli/vendors/vendors.h"
#include "evidence/base/text.h"
#include "verifier/service/inputs/tpm_roots.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

struct ImportRootsOptions {
    std::vector<std::string> places;
    std::string into, pins;
};

Result<std::vector<fs::path>> files_named(const std::vector<std::string>& places) {
    std::vector<fs::path> files;
    for (const auto& place : places) {
        std::error_code error;
        if (fs::is_directory(place, error))
            std::ranges::move(TRY(inputs::files_of(place, {".pem", ".crt", ".der", ".cer"})),
                              std::back_inserter(files));
        else
            files.emplace_back(place);
    }
    if (files.empty())
        return fail(ErrorCode::not_found,
                    "no *.pem, *.crt, *.der or *.cer there: name a folder that has them");
    return files;
}

Json json_of(const inputs::RootImport& import) {
    Json out{{"file", import.file}, {"subject", import.subject}};
    if (import.sha256) out["sha256"] = import.sha256->hex();
    if (import.pin)
        out["vendor"] = import.pin->vendor;
    else
        out["why_not"] = import.why_not;
    return out;
}

void print_import_roots(const inputs::RootImport& import, bool written) {
    const auto name = import.subject.empty() ? import.file : import.subject;
    if (import.pin)
        fmt::print("{} {}: {}, {}\n", written ? "imported" : "pinned", cell(import.pin->vendor), cell(name),
                   import.sha256->hex());
    else
        fmt::print("left out {} in {}: {}\n", cell(name), cell(import.file), cell(import.why_not));
}

Result<command_line::ExitCode> run_import_roots(const Context& context, const ImportRootsOptions& options) {
    const auto pins =
        TRY(inputs::read_tpm_root_pins(options.pins.empty() ? installed_tpm_roots() : options.pins));
    Json answer{{"accepted", Json::array()}, {"left_out", Json::array()}};
    std::set<std::string> written;
    for (const auto& file : TRY(files_named(options.places))) {
        for (const auto& import : TRY(inputs::judge_roots(file, pins))) {
            const bool again = import.pin && !written.insert(import.sha256->hex()).second;
            if (again) continue;  // bundles repeat themselves
            if (import.pin && !options.into.empty())
                TRY_VOID(write_output(fs::path(options.into) / (import.sha256->hex() + ".der"), import.der));
            answer[import.pin ? "accepted" : "left_out"].push_back(json_of(import));
            if (!context.json) print_import_roots(import, !options.into.empty());
        }
    }
    if (context.json) print_json(answer);
    if (written.empty()) return command_line::ExitCode::contraindicated;
    return answer["left_out"].empty() ? command_line::ExitCode::done : command_line::ExitCode::warning;
}

}  // namespace

void add_vendors_import_roots(command_line::Command& parent, Context& context) {
    const auto options = std::make_shared<ImportRootsOptions>();
    auto* command = command_line::add_command(
        parent, "import-roots",
        "Take the pinned ones out of a TPM maker's root certificates; exit code 4 where others were left "
        "out, "
        "3 where none is pinned",
        "assay vendors import-roots TrustedTpm/ --into /var/lib/assay/tpm-roots\n"
        "assay vendors import-roots bundle.pem --pins vendor-db/tpm-roots --json  # writes nothing",
        [&context, options] { return run_import_roots(context, *options); });
    command->add_option("PLACE", options->places, "PEM or DER files, or folders of them")
        ->required()
        ->type_name("FILE|DIR");
    command
        ->add_option("--into", options->into,
                     "The folder that gets what is accepted, a file each; without it nothing is written")
        ->type_name("DIR");
    command->add_option("--pins", options->pins, "The pins, by default the installed ones")
        ->type_name("FILE|DIR");
}

}  // namespace assay::cli
