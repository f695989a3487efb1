#include "evidence/device/serial_grade.h"

#include <algorithm>
#include <set>

#include "evidence/base/text.h"

namespace assay::usb {
namespace {

constexpr std::size_t kDistinct = 8;
constexpr std::size_t kRun = 4;  // characters to a run, on average, from which on it was counted up

constexpr bool is_printable(char c) {
    return c > ' ' && c <= '~';
}

// "0123456789ABCDEF", "12345678", "0000000012345678": each character is the one before, or the next one.
bool continues(char before, char c) {
    return c == before || c == before + 1 || (before == '9' && (c == '0' || c == 'A' || c == 'a'));
}

bool is_counted_up(std::string_view serial) {
    std::size_t runs = 1;
    for (std::size_t i = 1; i < serial.size(); ++i) {
        if (!continues(serial[i - 1], serial[i])) ++runs;
    }
    return runs * kRun <= serial.size();
}

}  // namespace

std::string_view to_string(SerialGrade grade) {
    switch (grade) {
        case SerialGrade::a:
            return "A";
        case SerialGrade::b:
            return "B";
        case SerialGrade::c:
            break;
    }
    return "C";
}

SerialGrade grade_by_form(std::string_view serial) {
    const auto text = trimmed(serial);
    const std::set<char> distinct(text.begin(), text.end());
    if (distinct.size() <= 1) return SerialGrade::c;
    if (distinct.size() < kDistinct || !std::ranges::all_of(text, is_printable) || is_counted_up(text))
        return SerialGrade::b;
    return SerialGrade::a;
}

SerialGrade serial_grade(std::string_view serial, bool on_another_device) {
    const auto grade = grade_by_form(serial);
    return grade == SerialGrade::a && on_another_device ? SerialGrade::b : grade;
}

}  // namespace assay::usb
