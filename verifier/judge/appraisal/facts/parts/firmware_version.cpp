#include "verifier/judge/appraisal/facts/parts/firmware_version.h"

#include <string>

#include "evidence/base/text.h"

namespace assay::judge {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

enum class FieldKind { nothing, letters, number };
struct FieldOf {
    FieldKind kind = FieldKind::nothing;
    std::string text;  // a number without leading zeros (empty: 0), letters in lower case
};

template <typename Belongs>
std::string take_run(std::string_view& rest, Belongs belongs) {
    std::string run;
    while (!rest.empty() && belongs(rest.front())) {
        run += lower(rest.front());
        rest.remove_prefix(1);
    }
    return run;
}

std::string without_zeros(const std::string& digits) {
    const auto first = digits.find_first_not_of('0');
    return first == std::string::npos ? std::string() : digits.substr(first);
}

FieldOf next_field(std::string_view& rest) {
    while (!rest.empty() && !is_digit(rest.front()) && !is_letter(rest.front())) rest.remove_prefix(1);
    if (rest.empty()) return {};
    if (is_digit(rest.front())) return {FieldKind::number, without_zeros(take_run(rest, is_digit))};
    return {FieldKind::letters, take_run(rest, is_letter)};
}

std::weak_ordering compare_numbers(const std::string& a, const std::string& b) {
    if (a.size() != b.size()) return a.size() <=> b.size();
    return a.compare(b) <=> 0;
}

std::weak_ordering compare_fields(const FieldOf& a, const FieldOf& b) {
    if (a.kind == b.kind)
        return a.kind == FieldKind::number ? compare_numbers(a.text, b.text) : a.text.compare(b.text) <=> 0;
    const auto is_zero = [](const FieldOf& field) {
        return field.kind == FieldKind::number && field.text.empty();
    };
    const auto is_nothing = [](const FieldOf& field) { return field.kind == FieldKind::nothing; };
    if ((is_nothing(a) && is_zero(b)) || (is_zero(a) && is_nothing(b))) return std::weak_ordering::equivalent;
    return a.kind <=> b.kind;
}

bool is_hex(std::string_view text) {
    return text.size() > 2 && text.starts_with("0x") &&
           text.substr(2).find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string hex_digits(std::string_view text) {
    return without_zeros(lower(text.substr(2)));
}

}  // namespace

std::weak_ordering compare_versions(std::string_view a, std::string_view b) {
    if (is_hex(a) && is_hex(b)) return compare_numbers(hex_digits(a), hex_digits(b));
    while (true) {
        const auto left = next_field(a);
        const auto right = next_field(b);
        if (left.kind == FieldKind::nothing && right.kind == FieldKind::nothing)
            return std::weak_ordering::equivalent;
        if (const auto order = compare_fields(left, right); order != std::weak_ordering::equivalent)
            return order;
    }
}

}  // namespace assay::judge
