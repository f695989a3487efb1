#include "verifier/service/setup/state_folder.h"

#include <cerrno>
#include <charconv>
#include <set>
#include <system_error>
#include <vector>

#include <fmt/core.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include "client/url.h"
#include "evidence/base/cause.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/codec/toml_file.h"
#include "files/output.h"
#include "files/private.h"
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

/// The first names in a folder, and how many there are.
std::string holds(const std::set<std::string>& names) {
    constexpr std::size_t kShown = 3;
    std::string out;
    std::size_t shown = 0;
    for (const auto& name : names) {
        if (shown == kShown) break;
        out += (shown++ == 0 ? "" : ", ") + printable(name);
    }
    return names.size() > shown ? fmt::format("{} and {} more", out, names.size() - shown) : out;
}

// Nothing in it is removed, nor is anybody told to: it may be the only copy of a verifier's keys.
Error occupied(const std::filesystem::path& folder, const std::set<std::string>& names) {
    const auto named = printable(folder.string());
    std::string it = "a folder with " + holds(names), look = fmt::format("'ls -la {}' shows it", named);
    if (names.contains("verifier.toml")) {
        it = "a verifier's state (" + holds(names) + ")";
        look = fmt::format(
            "'assay-verifier serve --state {0}' serves it, 'assay-verifier operator list --state "
            "{0}' shows its operators",
            named);
    } else if (names.contains("operator.pem")) {
        it = "an operator's certificate (" + holds(names) + ")";
        look = fmt::format("'assay --config {}/config.toml hosts' uses it", named);
    }
    return {
        ErrorCode::conflict,
        fmt::format("{}: expected no folder or an empty one, got {}. {}; for a new one give another folder",
                    named, it, look),
        {}};
}

// systemd and mktemp make empty folders; closed to others such a folder of ours is as good as a new one.
Result<> take_if_empty(const std::filesystem::path& folder) {
    constexpr std::size_t kCounted = 1000;
    struct stat info{};
    TRY_VOID(files::was_not_planted(folder));
    if (::stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
        return fail(ErrorCode::conflict,
                    fmt::format("{}: expected no folder or an empty one, got a file or a "
                                "link to nothing; look at it ('ls -l'), and give another "
                                "folder",
                                printable(folder.string())));
    std::set<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end;
         !error && entry != end && names.size() < kCounted; entry.increment(error))
        names.insert(entry->path().filename().string());
    if (error) return fail(ErrorCode::io, printable(folder.string()) + ": " + error.message());
    if (!names.empty()) return std::unexpected(occupied(folder, names));
    if (::chmod(folder.c_str(), 0700) == 0) return {};
    const std::error_code why(errno, std::generic_category());
    return fail(ErrorCode::refused,
                fmt::format("closing {} to others: {}", printable(folder.string()), why.message()));
}

}  // namespace

std::string StateFolder::connection(const Config& config) const {
    if (config.database == "sqlite") return "sqlite:" + (root / "assay.db").string();
    return config.database;
}

void close_to_others(const StateFolder& state) {
    std::vector<std::filesystem::path> secrets{state.config(),
                                               state.ca_key(),
                                               state.server_key(),
                                               state.signing_key(),
                                               state.example_vendor_key(),
                                               state.operator_folder() / "operator.key"};
    for (const auto* name : {"assay.db", "assay.db-wal", "assay.db-shm", "assay.db-journal"})
        secrets.push_back(state.root / name);
    for (const auto& text : files::narrow_all(secrets)) spdlog::warn("{}", text);
}

Result<> make_private_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder.parent_path(), error);
    if (::mkdir(folder.c_str(), 0700) != 0) {
        const int why = errno;
        if (why == EEXIST) return take_if_empty(folder);
        return std::unexpected(error_of_errno(why, "making " + printable(folder.string())));
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
    return client::authority(config.address, config.port);
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
