#include "verifier/service/setup/state_folder.h"

#include <cerrno>
#include <charconv>
#include <system_error>

#include <fmt/core.h>
#include <sys/stat.h>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/codec/toml_file.h"
#include "verifier/service/inputs/inputs.h"

namespace assay::setup {
namespace {

constexpr std::int64_t kMostSignatures = 32;

Result<Config> config_of(const TomlReader& in) {
    TRY_VOID(in.only({"listen", "database", "policy", "vendors", "vendor_keys", "vendor_signatures", "roots",
                      "platform_roots"}));
    Config config;
    if (const auto listen = TRY(in.optional_text("listen"))) {
        if (const auto good = parse_listen(*listen, config); !good)
            return in.refuse("listen", good.error().context);
    }
    config.database = TRY(in.optional_text("database")).value_or(config.database);
    config.policy = TRY(in.optional_text("policy")).value_or(config.policy);
    config.vendors = TRY(in.optional_text("vendors")).value_or(config.vendors);
    config.vendor_keys = TRY(in.optional_text("vendor_keys")).value_or(config.vendor_keys);
    if (const auto count = TRY(in.optional_integer("vendor_signatures", 1, kMostSignatures)))
        config.vendor_signatures = static_cast<std::size_t>(*count);
    config.tpm_roots = TRY(in.optional_text("roots")).value_or(config.tpm_roots);
    config.platform_roots = TRY(in.optional_text("platform_roots")).value_or(config.platform_roots);
    return config;
}

}  // namespace

std::string StateFolder::connection(const Config& config) const {
    if (config.database == "sqlite") return "sqlite:" + (root / "assay.db").string();
    return config.database;
}

Result<> make_private_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder.parent_path(), error);
    if (::mkdir(folder.c_str(), 0700) != 0) {
        const std::error_code why(errno, std::generic_category());
        if (why == std::errc::file_exists) {
            return fail(ErrorCode::conflict,
                        fmt::format("{} exists and is not overwritten; remove it or choose another",
                                    printable(folder.string())));
        }
        return fail(ErrorCode::io, fmt::format("making {}: {}", printable(folder.string()), why.message()));
    }
    return {};
}

Result<> parse_listen(const std::string& text, Config& config) {
    const auto bad = [&] {
        return fail(ErrorCode::usage,
                    fmt::format("listen: expected ADDRESS:PORT, got \"{}\"; give one as 127.0.0.1:8443 or "
                                "[::1]:8443",
                                printable(shortened(text, 64))));
    };
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) return bad();
    auto address = text.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    std::uint16_t port = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error != std::errc{} || stop != end || address.empty()) return bad();
    config.address = address;
    config.port = port;
    return {};
}

std::string listen_text(const Config& config) {
    const bool v6 = config.address.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", v6 ? "[" : "", config.address, v6 ? "]" : "", config.port);
}

std::string encode_config(const Config& config) {
    return fmt::format(
        "# The verifier's configuration. Paths are relative to this folder.\n"
        "listen = {}\n"
        "database = {}  # \"sqlite\" (assay.db here) or \"postgresql://user@host/name\"\n"
        "policy = {}\n"
        "vendors = {}\n"
        "vendor_keys = {}  # the signers' public keys, *.pem; old ones in its folder 'retired'\n"
        "vendor_signatures = {}  # how many of them must have signed\n"
        "roots = {}  # a folder: root certificates of TPM makers, their revocation lists (*.crl), pins.toml\n"
        "platform_roots = {}  # certificates of makers whose platform certificates are believed\n",
        toml_text(listen_text(config)), toml_text(config.database), toml_text(config.policy),
        toml_text(config.vendors), toml_text(config.vendor_keys), config.vendor_signatures,
        toml_text(config.tpm_roots), toml_text(config.platform_roots));
}

Result<Config> read_config(const StateFolder& state) {
    const auto bytes = inputs::read_file(state.config(), limits::kTextFile);
    if (!bytes) {
        return fail(ErrorCode::not_found, fmt::format("{}; 'assay-verifier init --state {}' makes it",
                                                      bytes.error().context, printable(state.root.string())));
    }
    const auto file = TRY(as_usage(TomlFile::parse("verifier.toml", as_text(*bytes))));
    return as_usage(config_of(file.root()));
}

}  // namespace assay::setup
