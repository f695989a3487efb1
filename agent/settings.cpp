#include "agent/settings.h"

#include <spdlog/spdlog.h>

#include "agent/devices/private_file.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/codec/toml_file.h"

namespace assay::agent {
namespace {

constexpr std::size_t kMaxFile = 64U << 10U;
constexpr std::int64_t kShortest_s = 10;
constexpr std::int64_t kLongest_s = 86'400;

constexpr std::size_t kMaxAllowed = 256;

// One [[allow]].
Result<usb::Rule> rule_of(const TomlReader& in) {
    TRY_VOID(in.only({"vid", "pid", "serial", "digest", "kind"}));
    usb::Rule rule;
    rule.vid = TRY(in.optional_text("vid")).value_or("");
    rule.pid = TRY(in.optional_text("pid")).value_or("");
    rule.serial = TRY(in.optional_text("serial")).value_or("");
    rule.digest = TRY(in.optional_text("digest")).value_or("");
    rule.kind = TRY(in.optional_text("kind")).value_or("");
    if (const auto good = usb::check(rule); !good) return in.refuse("", "allow: " + good.error().context);
    if (rule == usb::Rule{}) return in.refuse("", "allow: it names nothing, and would let every device in");
    return rule;
}

Result<Settings> settings_of(const TomlReader& in, const std::filesystem::path& folder) {
    TRY_VOID(in.only({"server", "ca", "state", "tcti", "ek_certificate", "device_identity", "journal_anchor",
                      "interval_s", "mode", "allow", "verifier_keys", "proxy", "endorsement_auth_file",
                      "name", "enrol_token_file"}));
    Settings settings;
    const auto path = [&](std::string_view key, auto& out) -> Result<> {
        if (const auto text = TRY(in.optional_text(key))) out = folder / *text;
        return {};
    };
    settings.server = TRY(in.optional_text("server")).value_or(settings.server);
    settings.tcti = TRY(in.optional_text("tcti")).value_or(settings.tcti);
    settings.proxy = TRY(in.optional_text("proxy"));
    settings.name = TRY(in.optional_text("name")).value_or(settings.name);
    if (settings.name.size() > limits::kHostName)
        return in.refuse("name", "name: expected at most 253 bytes");
    TRY_VOID(path("enrol_token_file", settings.enrol_token_file));
    TRY_VOID(path("ca", settings.ca_file));
    TRY_VOID(path("endorsement_auth_file", settings.endorsement_auth_file));
    TRY_VOID(path("ek_certificate", settings.ek_certificate));
    TRY_VOID(path("verifier_keys", settings.verifier_keys));
    TRY_VOID(path("state", settings.state));
    settings.device_identity = TRY(in.flag("device_identity", settings.device_identity));
    settings.journal_anchor = TRY(in.flag("journal_anchor", settings.journal_anchor));
    if (const auto seconds = TRY(in.optional_integer("interval_s", kShortest_s, kLongest_s)))
        settings.interval = std::chrono::seconds(*seconds);
    const auto mode = TRY(in.optional_text("mode")).value_or(settings.gate ? "gate" : "watch");
    if (mode != "watch" && mode != "gate") return in.refuse("mode", R"(mode: expected "watch" or "gate")");
    settings.gate = mode == "gate";
    const auto allowed = TRY(in.tables("allow"));
    if (allowed.size() > kMaxAllowed) return in.refuse("allow", "allow: at most 256 tables");
    for (const auto& rule : allowed) settings.allow.push_back(TRY(rule_of(rule)));
    return settings;
}

}  // namespace

std::vector<std::filesystem::path> Settings::own_files() const {
    std::vector<std::filesystem::path> out;
    for (const auto* name :
         {"host.json", "activation.jwt", "seen.jwt", "acknowledged.json", "verifier-keys.json",
          "journal/journal", "journal/journal.torn", "journal/lock", "journal/anchor", "journal/watched",
          "gate/grace", "gate/there.json", "waiting.json", "enrol-token"})
        out.push_back(state / name);
    return out;
}

client::ClientConfig Settings::client() const {
    client::ClientConfig config{server, ca_file, {}, {}};
    config.proxy = proxy;
    config.warn = [](const std::string& text) { spdlog::warn("{}", text); };
    return config;
}

Result<Settings> parse_settings(std::string_view text, const std::filesystem::path& file) {
    const auto parsed = TRY(as_usage(TomlFile::parse(printable(file.string()), text)));
    return as_usage(settings_of(parsed.root(), file.parent_path()));
}

Result<Settings> load_settings(const std::filesystem::path& file_or_empty) {
    const std::filesystem::path file =
        file_or_empty.empty() ? std::filesystem::path(kDefaultConfig) : file_or_empty;
    auto text = read_small_file(file, kMaxFile);
    if (!text && text.error().code == ErrorCode::not_found && file_or_empty.empty()) return Settings{};
    if (!text) return fail(ErrorCode::usage, text.error().context);
    return parse_settings(*text, file);
}

}  // namespace assay::agent
