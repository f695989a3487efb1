#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "evidence/base/result.h"

namespace toml {
inline namespace v3 {
class node;
class table;
}  // namespace v3
}  // namespace toml

/// The one door for TOML: a size limit, a line limit and "no inline tables" stand before the parse, so that
/// nesting is shallow; every key must be known; every refusal names file, line and remedy.
namespace assay {

class TomlReader;

/// A TOML document and the name it goes by in messages.
class TomlFile {
  public:
    static Result<TomlFile> parse(std::string name, std::string_view text);
    /// Borrowed from this file.
    [[nodiscard]] TomlReader root() const;
    [[nodiscard]] const std::string& name() const { return name_; }

  private:
    TomlFile(std::string name, std::shared_ptr<const toml::table> root)
        : name_(std::move(name)), root_(std::move(root)) {}
    std::string name_;
    std::shared_ptr<const toml::table> root_;
};

/// A configuration that a person wrote for a program: what is wrong in it is wrong usage.
template <typename T>
Result<T> as_usage(Result<T> read) {
    if (!read) read.error().code = ErrorCode::usage;
    return read;
}

/// One table of a file, read key by key. Borrowed: valid as long as the TomlFile it came from.
class TomlReader {
  public:
    TomlReader(const TomlFile& file, const toml::table& table) : file_(file), table_(table) {}

    /// Refuses every key that is not in `known`.
    [[nodiscard]] Result<> only(std::initializer_list<std::string_view> known) const;
    /// A text that is not blank, without control characters, at most limits::kText bytes.
    [[nodiscard]] Result<std::string> text(std::string_view key) const;
    [[nodiscard]] Result<std::optional<std::string>> optional_text(std::string_view key) const;
    /// A list of at least one such text, none of them twice.
    [[nodiscard]] Result<std::vector<std::string>> texts(std::string_view key) const;
    /// The same; none if the key is absent, or where `or_empty` its list is.
    [[nodiscard]] Result<std::vector<std::string>> optional_texts(std::string_view key,
                                                                  bool or_empty = false) const;
    /// The texts of a table whose keys are names.
    [[nodiscard]] Result<std::map<std::string, std::string, std::less<>>> named_texts() const;
    [[nodiscard]] Result<bool> flag(std::string_view key) const;
    /// true or false; `absent` where there is no key.
    [[nodiscard]] Result<bool> flag(std::string_view key, bool absent) const;
    [[nodiscard]] Result<std::int64_t> integer(std::string_view key, std::int64_t least,
                                               std::int64_t most) const;
    /// A whole number from `least` to `most`; none if the key is absent.
    [[nodiscard]] Result<std::optional<std::int64_t>> optional_integer(std::string_view key,
                                                                       std::int64_t least,
                                                                       std::int64_t most) const;
    /// Percent above 0 and up to 100, in hundredths: a whole number, or a text with a fraction: "33.4" is
    /// 3340.
    [[nodiscard]] Result<std::optional<std::uint32_t>> optional_percent(std::string_view key) const;
    /// A date (2026-01-31: midnight UTC) or a date-time with an offset, as Unix time in seconds.
    [[nodiscard]] Result<std::optional<std::int64_t>> optional_time(std::string_view key) const;
    [[nodiscard]] Result<std::int64_t> time(std::string_view key) const;
    /// The table [key].
    [[nodiscard]] Result<std::optional<TomlReader>> optional_table(std::string_view key) const;
    /// The keys of a table whose keys are names, ascending.
    [[nodiscard]] std::vector<std::string> keys() const;
    [[nodiscard]] bool has(std::string_view key) const;
    /// The tables of [[key]], in file order; none if the key is absent.
    [[nodiscard]] Result<std::vector<TomlReader>> tables(std::string_view key) const;

    /// "vendors/dell.toml:7".
    [[nodiscard]] std::string where() const;
    [[nodiscard]] std::string where(std::string_view key) const;
    /// An error at `key`, or at the table where the key is absent.
    [[nodiscard]] std::unexpected<Error> refuse(std::string_view key, std::string_view what) const;

  private:
    [[nodiscard]] std::string place(const toml::node& node) const;
    [[nodiscard]] Result<std::string> checked(std::string_view key, const toml::node& node) const;

    const TomlFile& file_;
    const toml::table& table_;
};

/// A basic string of TOML 1.0, with its quotes; what is not printable is made so first.
std::string toml_text(std::string_view text);

}  // namespace assay
