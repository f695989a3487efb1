#include <memory>

#include "cli/inspect/content/ima_json.h"
#include "cli/inspect/file.h"
#include "cli/inspect/inspect.h"
#include "evidence/base/limits.h"

namespace assay::cli {
namespace {

Result<void> show_list(const Context& context, const std::string& path) {
    const auto content = TRY(read_file(path, limits::kSection));
    if (context.json) {
        print_json(TRY(inspect_ima(content)));
    } else {
        const auto file = TRY(read_ima_file(content));
        print_ima(file.list);
    }
    return {};
}

}  // namespace

void add_inspect_ima(command_line::Command& parent, Context& context) {
    const auto path = std::make_shared<std::string>();
    auto* command = command_line::add_command(
        parent, "ima", "An IMA list, binary or text: every entry, what its digest covers, PCRs after replay",
        "assay inspect ima /sys/kernel/security/ima/binary_runtime_measurements\n"
        "assay inspect ima list.bin --json | jq -r '.entries[] | select(.violation) | .path'",
        [&context, path]() -> Result<command_line::ExitCode> {
            TRY_VOID(with_context(show_list(context, *path), cell(*path)));
            return command_line::ExitCode::done;
        });
    command->add_option("FILE", *path, "The file")->required()->type_name("FILE");
}

}  // namespace assay::cli
