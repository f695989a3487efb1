#include "vendor-db/model/version_scheme.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace assay::vendors {
namespace {

constexpr std::size_t kLongest = 64;
constexpr std::array kNames{"dotted", "hpe", "dell", "date"};

/// Reads a text from its front. What does not fit sticks: `done` is false then.
class Cursor {
  public:
    explicit Cursor(std::string_view text) : rest_(text) {}

    bool take(std::string_view what) {
        if (!rest_.starts_with(what)) return false;
        rest_.remove_prefix(what.size());
        return true;
    }
    void want(std::string_view what) { ok_ = take(what) && ok_; }
    /// One character between these, or 0.
    char one_of(char first, char last) {
        if (rest_.empty() || rest_.front() < first || rest_.front() > last) return 0;
        const char out = rest_.front();
        rest_.remove_prefix(1);
        return out;
    }
    /// A number of so many digits, all there are.
    std::uint32_t number(std::size_t least, std::size_t most) {
        std::size_t size = 0;
        while (size < rest_.size() && rest_[size] >= '0' && rest_[size] <= '9') ++size;
        std::uint32_t out = 0;
        ok_ = ok_ && size >= least && size <= most;
        const auto digits = rest_.substr(0, size);
        if (ok_) std::from_chars(digits.begin(), digits.end(), out);
        rest_.remove_prefix(size);
        return out;
    }
    /// The number that the next `digits` characters are.
    std::uint32_t fixed(std::size_t digits) {
        Cursor part(rest_.substr(0, digits));
        const auto out = part.number(digits, digits);
        ok_ = ok_ && part.ok_ && rest_.size() >= digits;
        rest_.remove_prefix(std::min(digits, rest_.size()));
        return out;
    }
    [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }

  private:
    std::string_view rest_;
    bool ok_ = true;
};

std::optional<Version> whole(const Cursor& in, Version version) {
    if (!in.done()) return std::nullopt;
    return version;
}

/// [v|V|A-Z] n{.n} [a-z]
std::optional<Version> parse_dotted(std::string_view text) {
    constexpr std::size_t kFields = 8;
    constexpr std::size_t kDigits = 9;
    Cursor in(text);
    Version out;
    if (!in.take("v") && !in.take("V")) {
        if (const char family = in.one_of('A', 'Z'); family != 0) out.family = family;
    }
    do {
        out.fields.push_back(in.number(1, kDigits));
    } while (out.fields.size() < kFields && in.take("."));
    out.suffix = in.one_of('a', 'z');
    return whole(in, out);
}

/// HPE's drives: HP, a letter, a number.
std::optional<Version> parse_hpe_drive(std::string_view text) {
    Cursor in(text);
    in.want("HP");
    const char line = in.one_of('A', 'Z');
    if (line == 0) return std::nullopt;
    return whole(in, {std::string("HP") + line, {in.number(1, 2)}, 0});
}

/// [A-Z nn blank] [v] n.n [blank (MM/DD/YYYY)]
std::optional<Version> parse_hpe(std::string_view text) {
    if (auto drive = parse_hpe_drive(text)) return drive;
    constexpr std::size_t kFamily = 3;
    constexpr std::size_t kDigits = 3;
    Cursor in(text);
    Version out;
    if (in.one_of('A', 'Z') != 0) {
        in.fixed(kFamily - 1);
        in.want(" ");
        out.family = text.substr(0, kFamily);
    }
    in.take("v");
    out.fields.push_back(in.number(1, kDigits));
    in.want(".");
    out.fields.push_back(in.number(1, kDigits));
    if (in.take(" (")) {
        in.fixed(2);
        in.want("/");
        in.fixed(2);
        in.want("/");
        in.fixed(4);
        in.want(")");
    }
    return whole(in, out);
}

/// n.n.n, or A and two digits.
std::optional<Version> parse_dell(std::string_view text) {
    constexpr std::size_t kDigits = 5;
    Cursor in(text);
    if (in.take("A")) return whole(in, {"A", {in.number(2, 2)}, 0});
    Version out;
    out.fields.push_back(in.number(1, kDigits));
    in.want(".");
    out.fields.push_back(in.number(1, kDigits));
    in.want(".");
    out.fields.push_back(in.number(1, kDigits));
    return whole(in, out);
}

/// MM/DD/YYYY as SMBIOS wants it (DSP0134 7.1.1), YYYY-MM-DD, YYYYMMDD.
std::optional<Version> parse_date(std::string_view text) {
    constexpr std::uint32_t kFirst = 1980;
    constexpr std::uint32_t kLast = 2099;
    Cursor in(text);
    std::uint32_t year = 0;
    std::uint32_t month = 0;
    std::uint32_t day = 0;
    if (text.find('/') != std::string_view::npos) {
        month = in.fixed(2);
        in.want("/");
        day = in.fixed(2);
        in.want("/");
        year = in.fixed(4);
    } else {
        const bool dashes = text.find('-') != std::string_view::npos;
        year = in.fixed(4);
        if (dashes) in.want("-");
        month = in.fixed(2);
        if (dashes) in.want("-");
        day = in.fixed(2);
    }
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                           std::chrono::month(month), std::chrono::day(day)};
    if (!date.ok() || year < kFirst || year > kLast) return std::nullopt;
    return whole(in, {{}, {year, month, day}, 0});
}

}  // namespace

std::string_view to_string(VersionScheme scheme) {
    return kNames.at(static_cast<std::size_t>(scheme));
}

Result<VersionScheme> version_scheme_from_name(std::string_view name) {
    const auto* const found = std::ranges::find(kNames, name);
    if (found == kNames.end()) return fail(ErrorCode::malformed, "expected dotted, hpe, dell or date");
    return static_cast<VersionScheme>(found - kNames.begin());
}

std::optional<Version> parse_version(VersionScheme scheme, std::string_view text) {
    if (text.size() > kLongest) return std::nullopt;
    switch (scheme) {
        case VersionScheme::dotted:
            return parse_dotted(text);
        case VersionScheme::hpe:
            return parse_hpe(text);
        case VersionScheme::dell:
            return parse_dell(text);
        case VersionScheme::date:
            return parse_date(text);
    }
    return std::nullopt;
}

std::partial_ordering compare(const Version& a, const Version& b) {
    if (a.family != b.family) return std::partial_ordering::unordered;
    for (std::size_t i = 0; i < std::max(a.fields.size(), b.fields.size()); ++i) {
        const auto left = i < a.fields.size() ? a.fields[i] : 0;
        const auto right = i < b.fields.size() ? b.fields[i] : 0;
        if (left != right) return left <=> right;
    }
    return a.suffix <=> b.suffix;
}

}  // namespace assay::vendors
