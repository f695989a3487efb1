#include "evidence/codec/spreadsheet.h"

#include <algorithm>

#include <fmt/core.h>

namespace assay {
namespace {

/// Takes one to `most` digits off the front; false where there are none, or more.
bool take_digits(std::string_view& text, std::size_t most) {
    const auto count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count > 0 && count <= most;
}

}  // namespace

bool is_spreadsheet_number(std::string_view text) {
    constexpr std::size_t kDigits = 3;     // before the point, as engineering notation has them
    constexpr std::size_t kFraction = 17;  // digits that a double can have
    const auto take = [&](std::string_view wanted) {
        if (text.empty() || wanted.find(text.front()) == std::string_view::npos) return false;
        text.remove_prefix(1);
        return true;
    };
    take("+-");
    if (!take_digits(text, kDigits)) return false;
    if (take(".,") && !take_digits(text, kFraction)) return false;
    return take("Ee") && take("+-") && take_digits(text, kDigits) && text.empty();
}

Result<> not_a_spreadsheet_number(std::string_view text) {
    if (!is_spreadsheet_number(text)) return {};
    return fail(
        ErrorCode::malformed,
        fmt::format("expected what was written, got {}, which a spreadsheet made of it: the digits are "
                    "lost. Format the column as text there, and take the list from its source again",
                    text));
}

}  // namespace assay
