#include "agent/settings.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <toml++/toml.h>

#include "agent/devices/private_file.h"
#include "evidence/base/text.h"

namespace assay {
namespace {

constexpr std::size_t kMaxFile = 64U << 10U;
constexpr std::int64_t kShortest_s = 10;
constexpr std::int64_t kLongest_s = 86'400;

std::unexpected<Error> wrong(const std::filesystem::path& file, const toml::source_region& where,
                             std::string_view what) {
    return fail(ErrorCode::usage, fmt::format("{}:{}: {}", printable(file.string()), where.begin.line, what));
}

constexpr std::size_t kMaxAllowed = 256;

struct RuleKey {
    std::string_view name;
    std::string usb::Rule::* member;
};
constexpr std::array<RuleKey, 5> kRuleKeys{{{"vid", &usb::Rule::vid},
                                            {"pid", &usb::Rule::pid},
                                            {"serial", &usb::Rule::serial},
                                            {"digest", &usb::Rule::digest},
                                            {"kind", &usb::Rule::kind}}};

// One [[allow]].
Result<usb::Rule> rule_of(const toml::node& node, const std::filesystem::path& file) {
    const auto* table = node.as_table();
    if (table == nullptr) return wrong(file, node.source(), "allow: expected tables [[allow]]");
    usb::Rule rule;
    for (const auto& [key, value] : *table) {
        const auto known = std::ranges::find(kRuleKeys, key.str(), &RuleKey::name);
        if (known == kRuleKeys.end()) {
            return wrong(file, key.source(),
                         fmt::format("allow: unknown key '{}'; known are vid, pid, serial, digest, kind",
                                     printable(shortened(key.str(), 64))));
        }
        const auto text = value.value_exact<std::string>();
        if (!text || text->empty())
            return wrong(file, value.source(), fmt::format("{}: expected a text", known->name));
        rule.*(known->member) = *text;
    }
    if (const auto good = usb::check(rule); !good)
        return wrong(file, node.source(), "allow: " + good.error().context);
    if (rule == usb::Rule{})
        return wrong(file, node.source(), "allow: it names nothing, and would let every device in");
    return rule;
}

Result<> read_allowed(const toml::node& node, const std::filesystem::path& file, Settings& settings) {
    const auto* list = node.as_array();
    if (list == nullptr) return wrong(file, node.source(), "allow: expected tables [[allow]]");
    if (list->size() > kMaxAllowed) return wrong(file, node.source(), "allow: at most 256 tables");
    for (const auto& rule : *list) settings.allow.push_back(TRY(rule_of(rule, file)));
    return {};
}

Result<Settings> settings_of(const toml::table& table, const std::filesystem::path& file) {
    Settings settings;
    for (const auto& [key, value] : table) {
        const std::string_view name = key.str();
        if (name == "interval_s") {
            const auto seconds = value.value_exact<std::int64_t>();
            if (!seconds || *seconds < kShortest_s || *seconds > kLongest_s) {
                return wrong(file, value.source(), "interval_s: expected seconds from 10 to 86400");
            }
            settings.interval = std::chrono::seconds(*seconds);
            continue;
        }
        if (name == "device_identity" || name == "journal_anchor") {
            const auto wanted = value.value_exact<bool>();
            if (!wanted) return wrong(file, value.source(), fmt::format("{}: expected true or false", name));
            (name == "device_identity" ? settings.device_identity : settings.journal_anchor) = *wanted;
            continue;
        }
        if (name == "allow") {
            TRY_VOID(read_allowed(value, file, settings));
            continue;
        }
        const auto text = value.value_exact<std::string>();
        if (name == "mode") {
            if (text != "watch" && text != "gate")
                return wrong(file, value.source(), R"(mode: expected "watch" or "gate")");
            settings.gate = text == "gate";
            continue;
        }
        const bool known = name == "server" || name == "ca" || name == "state" || name == "tcti" ||
                           name == "ek_certificate" || name == "verifier_keys";
        if (!known) {
            return wrong(
                file, key.source(),
                fmt::format("unknown key '{}'; known are server, ca, state, tcti, ek_certificate, "
                            "device_identity, journal_anchor, interval_s, mode, allow, verifier_keys",
                            printable(shortened(name, 64))));
        }
        if (!text || text->empty())
            return wrong(file, value.source(), fmt::format("{}: expected a text", name));
        if (name == "server") settings.server = *text;
        if (name == "tcti") settings.tcti = *text;
        if (name == "ca") settings.ca_file = file.parent_path() / *text;
        if (name == "ek_certificate") settings.ek_certificate = file.parent_path() / *text;
        if (name == "verifier_keys") settings.verifier_keys = file.parent_path() / *text;
        if (name == "state") settings.state = file.parent_path() / *text;
    }
    return settings;
}

}  // namespace

Result<Settings> parse_settings(std::string_view text, const std::filesystem::path& file) {
    try {
        return settings_of(toml::parse(text, file.string()), file);
    } catch (const toml::parse_error& error) {
        return wrong(file, error.source(), printable(error.description()));
    }
}

Result<Settings> load_settings(const std::filesystem::path& file_or_empty) {
    const std::filesystem::path file =
        file_or_empty.empty() ? std::filesystem::path(kDefaultConfig) : file_or_empty;
    auto text = read_small_file(file, kMaxFile);
    if (!text && text.error().code == ErrorCode::not_found && file_or_empty.empty()) return Settings{};
    if (!text) return fail(ErrorCode::usage, text.error().context);
    return parse_settings(*text, file);
}

}  // namespace assay
