#include "cli/context.h"
#include "evidence/base/text.h"
#include "evidence/codec/toml_file.h"

namespace assay::cli {
namespace {

Result<client::ClientConfig> config_of(const TomlReader& in, const std::filesystem::path& folder) {
    TRY_VOID(in.only({"server", "ca", "cert", "key", "proxy"}));
    client::ClientConfig config;
    config.server = TRY(in.text("server"));
    config.ca_file = folder / TRY(in.text("ca"));
    if (const auto file = TRY(in.optional_text("cert"))) config.cert_file = folder / *file;
    if (const auto file = TRY(in.optional_text("key"))) config.key_file = folder / *file;
    config.proxy = TRY(in.optional_text("proxy"));
    return config;
}

}  // namespace

Result<client::ClientConfig> client_config(std::string_view file_name, std::string_view text) {
    const auto file = TRY(as_usage(TomlFile::parse(printable(file_name), text)));
    return as_usage(config_of(file.root(), std::filesystem::path(file_name).parent_path()));
}

}  // namespace assay::cli
