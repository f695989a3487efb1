#include "evidence/wire/evidence.h"

#include <memory>

#include <fmt/core.h>

#include "cli/inspect/content/section_json.h"
#include "cli/inspect/evidence_json.h"
#include "cli/inspect/file.h"
#include "cli/inspect/inspect.h"
#include "evidence/base/limits.h"

namespace assay::cli {
namespace {

constexpr FileKind kEvidenceFile{"evidence", "", "", inspect_evidence, 2 * limits::kEvidenceBody};

struct EvidenceOptions {
    std::string file, section;
};

Result<void> show_section(const Context& context, const EvidenceOptions& options) {
    const auto content = TRY(read_file(options.file, kEvidenceFile.limit));
    const auto found = TRY(find_section(content, options.section));
    if (context.json) {
        auto out = found.about;
        out["section"] = section_json(options.section, found.bytes);
        print_json(out);
        return {};
    }
    print_tree(found.about);
    fmt::print("section:\n");
    print_section(options.section, found.bytes);
    return {};
}

Result<command_line::ExitCode> inspect_bundle(const Context& context, const EvidenceOptions& options) {
    if (options.section.empty()) return inspect_file(context, kEvidenceFile, options.file);
    TRY_VOID(with_context(show_section(context, options), cell(options.file)));
    return command_line::ExitCode::done;
}

}  // namespace

void add_inspect_evidence(command_line::Command& parent, Context& context) {
    const auto options = std::make_shared<EvidenceOptions>();
    auto* command = command_line::add_command(
        parent, "evidence",
        "Evidence or a saved bundle: manifest, sections, quote; of one section its content",
        "assay inspect evidence rack-7.bundle --json\n"
        "assay inspect evidence rack-7.bundle --section usb  # every device, its descriptors read\n"
        "assay inspect evidence rack-7.bundle --section ima-log --json | jq -r '.section.entries[].path'",
        [&context, options] { return inspect_bundle(context, *options); });
    command->add_option("FILE", options->file, "The file")->required()->type_name("FILE");
    command->add_option("--section", options->section,
                        "Show what is in this section: smbios, usb, pci, gaps, ...");
}

}  // namespace assay::cli
