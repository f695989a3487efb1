#include "evidence/codec/toml_file.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <set>
#include <utility>

#include <fmt/core.h>
#include <toml++/toml.h>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"

namespace assay {
namespace {

constexpr std::size_t kLine = 1000;  // bytes: a dotted key nests one table every two bytes

std::string at_line(std::string_view file, std::size_t line) {
    return std::string(file) + ":" + std::to_string(line);
}

std::string in_quotes(std::string_view text) {
    return "'" + printable(shortened(text, 64)) + "'";
}

Result<> shallow(std::string_view name, std::string_view text) {
    if (text.size() > limits::kTextFile) {
        return fail(ErrorCode::limit, std::string(name) + ": " + std::to_string(text.size()) +
                                          " bytes; at most " + std::to_string(limits::kTextFile) +
                                          " are read: split the file");
    }
    for (std::size_t line = 1; !text.empty(); ++line) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto content = text.substr(0, end);
        if (content.size() > kLine) {
            return fail(ErrorCode::limit, at_line(name, line) + ": line of more than " +
                                              std::to_string(kLine) +
                                              " bytes; write lists over several lines");
        }
        if (content.find('{') != std::string_view::npos) {
            return fail(
                ErrorCode::unsupported,
                at_line(name, line) + ": '{': inline tables are not read here; write a [[table]] instead");
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

std::int64_t midnight(const toml::date& date) {
    using std::chrono::day;
    using std::chrono::month;
    using std::chrono::year;
    const std::chrono::sys_days days = year(date.year) / month(date.month) / day(date.day);
    return std::chrono::seconds(days.time_since_epoch()).count();
}

bool exists(const toml::date& date) {
    return (std::chrono::year(date.year) / std::chrono::month(date.month) / std::chrono::day(date.day)).ok();
}

/// "51", "33.4" or "27.96" in hundredths, above 0 and up to 100.
std::optional<std::uint32_t> percent_of(std::string_view text) {
    constexpr std::uint32_t kHundred = 100;
    const auto dot = std::min(text.find('.'), text.size());
    auto digits = std::string(text.substr(0, dot));
    auto fraction = std::string(text.substr(std::min(dot + 1, text.size())));
    if (digits.empty() || digits.size() > 3 || fraction.size() > 2 || (dot < text.size() && fraction.empty()))
        return std::nullopt;
    fraction.resize(2, '0');
    std::uint32_t value = 0;
    for (const char c : digits + fraction) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<std::uint32_t>(c - '0');
    }
    if (value == 0 || value > kHundred * kHundred) return std::nullopt;
    return value;
}

}  // namespace

Result<TomlFile> TomlFile::parse(std::string name, std::string_view text) {
    TRY_VOID(shallow(name, text));
    try {
        return TomlFile(std::move(name), std::make_shared<const toml::table>(toml::parse(text)));
    } catch (const toml::parse_error& error) {
        return fail(ErrorCode::malformed, at_line(name, error.source().begin.line) + ": not TOML: " +
                                              printable(error.description()) + "; correct the line");
    } catch (const std::exception& error) {
        return fail(ErrorCode::malformed,
                    name + ": not TOML: " + printable(error.what()) + "; correct the file");
    }
}

TomlReader TomlFile::root() const {
    return {*this, *root_};
}

bool TomlReader::has(std::string_view key) const {
    return table_.contains(key);
}

std::string TomlReader::where() const {
    return place(table_);
}

std::string TomlReader::place(const toml::node& node) const {
    return at_line(file_.name(), node.source().begin.line);
}

std::string TomlReader::where(std::string_view key) const {
    const auto* node = table_.get(key);
    return place(node == nullptr ? static_cast<const toml::node&>(table_) : *node);
}

std::unexpected<Error> TomlReader::refuse(std::string_view key, std::string_view what) const {
    return fail(ErrorCode::malformed, where(key) + ": " + std::string(what));
}

Result<> TomlReader::only(std::initializer_list<std::string_view> known) const {
    for (const auto& [key, node] : table_) {
        if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
        std::string list;
        for (const auto name : known) list += (list.empty() ? "" : ", ") + std::string(name);
        return fail(ErrorCode::malformed, at_line(file_.name(), key.source().begin.line) + ": unknown key " +
                                              in_quotes(key.str()) + "; remove it, or use one of: " + list);
    }
    return {};
}

std::vector<std::string> TomlReader::keys() const {
    std::vector<std::string> out;
    for (const auto& [key, node] : table_) out.emplace_back(key.str());
    return out;
}

Result<std::string> TomlReader::checked(std::string_view key, const toml::node& node) const {
    const auto say = [&](std::string_view what) {
        return fail(ErrorCode::malformed, place(node) + ": " + std::string(key) + ": " + std::string(what));
    };
    const auto* value = node.as_string();
    if (value == nullptr) return say("not a text; write it in double quotes");
    const std::string& text = value->get();
    if (text.size() > limits::kText) return say("text too long; shorten it");
    if (trimmed(text).empty()) return say("empty text; fill it in, or remove the line");
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::any_of(text.begin(), text.end(), control)) return say("control character in a text; remove it");
    return text;
}

Result<std::string> TomlReader::text(std::string_view key) const {
    const auto* node = table_.get(key);
    if (node == nullptr)
        return refuse(key, "no '" + std::string(key) + "'; add " + std::string(key) + " = \"...\"");
    return checked(key, *node);
}

Result<std::optional<std::string>> TomlReader::optional_text(std::string_view key) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return std::optional<std::string>();
    return std::optional(TRY(checked(key, *node)));
}

Result<std::vector<std::string>> TomlReader::texts(std::string_view key) const {
    const auto* node = table_.get(key);
    if (node == nullptr) {
        return refuse(key, "no '" + std::string(key) + "'; add " + std::string(key) + " = [\"...\"]");
    }
    const auto* list = node->as_array();
    if (list == nullptr || list->empty()) {
        return refuse(key, std::string(key) + ": not a list of texts; write [\"...\"] with at least one");
    }
    std::vector<std::string> out;
    std::set<std::string> seen;
    for (const auto& item : *list) {
        auto text = TRY(checked(key, item));
        if (!seen.insert(text).second)
            return fail(ErrorCode::malformed, place(item) + ": " + in_quotes(text) + " twice; remove one");
        out.push_back(std::move(text));
    }
    return out;
}

Result<std::vector<std::string>> TomlReader::optional_texts(std::string_view key, bool or_empty) const {
    const auto* list = or_empty && has(key) ? table_.get(key)->as_array() : nullptr;
    if (!has(key) || (list != nullptr && list->empty())) return std::vector<std::string>();
    return texts(key);
}

Result<std::map<std::string, std::string, std::less<>>> TomlReader::named_texts() const {
    std::map<std::string, std::string, std::less<>> out;
    for (auto& key : keys()) {
        auto value = TRY(text(key));
        out.emplace(std::move(key), std::move(value));
    }
    return out;
}

Result<bool> TomlReader::flag(std::string_view key) const {
    if (!has(key)) return refuse(key, fmt::format("no '{}'; add {} = true or {} = false", key, key, key));
    return flag(key, false);
}

Result<std::int64_t> TomlReader::integer(std::string_view key, std::int64_t least, std::int64_t most) const {
    const auto value = TRY(optional_integer(key, least, most));
    if (!value)
        return refuse(key,
                      fmt::format("no '{}'; add {} = a whole number from {} to {}", key, key, least, most));
    return *value;
}

Result<bool> TomlReader::flag(std::string_view key, bool absent) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return absent;
    if (const auto* value = node->as_boolean(); value != nullptr) return value->get();
    return refuse(key, std::string(key) + ": not a flag; write true or false");
}

Result<std::optional<std::int64_t>> TomlReader::optional_integer(std::string_view key, std::int64_t least,
                                                                 std::int64_t most) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return std::optional<std::int64_t>();
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < least || *value > most)
        return refuse(key, fmt::format("{}: not a whole number from {} to {}; correct it", key, least, most));
    return value;
}

Result<std::optional<std::uint32_t>> TomlReader::optional_percent(std::string_view key) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return std::optional<std::uint32_t>();
    // No floating point: what is 33.4 must be the same on every machine.
    const auto* text = node->as_string();
    const auto* whole = node->as_integer();
    const auto hundredths = text != nullptr    ? percent_of(text->get())
                            : whole != nullptr ? percent_of(std::to_string(whole->get()))
                                               : std::nullopt;
    if (hundredths) return hundredths;
    return refuse(key, std::string(key) +
                           ": not a percentage; write a whole number from 1 to 100, or a text as \"33.4\"");
}

Result<std::int64_t> TomlReader::time(std::string_view key) const {
    const auto found = TRY(optional_time(key));
    if (!found)
        return refuse(key, "no '" + std::string(key) + "'; add " + std::string(key) + " = 2026-01-31");
    return *found;
}

Result<std::optional<TomlReader>> TomlReader::optional_table(std::string_view key) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return std::optional<TomlReader>();
    const auto* table = node->as_table();
    if (table == nullptr)
        return refuse(key, std::string(key) + ": not a table; write [" + std::string(key) + "]");
    return std::optional<TomlReader>(std::in_place, file_, *table);
}

Result<std::optional<std::int64_t>> TomlReader::optional_time(std::string_view key) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return std::optional<std::int64_t>();
    if (const auto* date = node->as_date(); date != nullptr && exists(date->get())) {
        return std::optional(midnight(date->get()));
    }
    if (const auto* time = node->as_date_time(); time != nullptr && exists(time->get().date)) {
        const auto& value = time->get();
        if (value.offset) {
            const std::int64_t in_day = value.time.hour * 3600 + value.time.minute * 60 + value.time.second;
            return std::optional(midnight(value.date) + in_day - std::int64_t{value.offset->minutes} * 60);
        }
    }
    return refuse(
        key, std::string(key) +
                 ": not a date; write 2026-01-31 (midnight UTC) or 2026-01-31T12:00:00Z with its offset");
}

Result<std::vector<TomlReader>> TomlReader::tables(std::string_view key) const {
    std::vector<TomlReader> out;
    const auto* node = table_.get(key);
    if (node == nullptr) return out;
    const auto* list = node->as_array();
    if (list == nullptr || !list->is_homogeneous(toml::node_type::table)) {
        return refuse(key, std::string(key) + ": not tables; write [[" + std::string(key) + "]]");
    }
    for (const auto& item : *list) out.emplace_back(file_, *item.as_table());
    return out;
}

std::string toml_text(std::string_view text) {
    std::string out = "\"";
    for (;;) {  // piece by piece, so that a backslash stays one
        const auto end = std::min(text.find('\\'), text.size());
        for (const char c : printable(text.substr(0, end))) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        if (end == text.size()) return out + "\"";
        out += "\\\\";
        text.remove_prefix(end + 1);
    }
}

}  // namespace assay
