#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/timeline/timeline.h"

// The picture of a timeline, for a terminal and as SVG. Takes the JSON that the API sends, so both ends draw
// alike.
namespace assay::accompaniment {
namespace {

Millis time_of(JsonReader& object, const char* key) {
    return parse_instant(object.peek(key)).value_or(0);
}

std::string text_of(JsonReader& object, const char* key) {
    return printable(object.peek(key));
}

struct Scale {
    Millis from, to;
    std::int64_t width;

    // Years 1970 to 9999 in milliseconds, times a thousand columns, are less than 2^63.
    [[nodiscard]] std::int64_t at(Millis time) const {
        if (to <= from) return 0;
        return (std::clamp(time, from, to) - from) * width / (to - from);
    }
};

void fill(std::string& line, const Scale& scale, JsonReader& span, char with) {
    if (line.empty()) return;
    const auto first = std::min(static_cast<std::size_t>(scale.at(time_of(span, "from"))), line.size() - 1);
    const auto last = std::min(static_cast<std::size_t>(scale.at(time_of(span, "to"))), line.size() - 1);
    for (auto i = first; i <= last; ++i) line[i] = with;
}

// "14:07" of an instant's text; the date stands at the left end.
std::string clock_text(Millis at) {
    return instant_text(at).substr(11, 5);
}

}  // namespace

std::string drawn(JsonReader& timeline, std::size_t width) {
    constexpr std::size_t kName = 12;
    const std::size_t columns = std::clamp<std::size_t>(width, 60, 200) - kName - 2;
    const Scale scale{time_of(timeline, "from"), time_of(timeline, "to"), static_cast<std::int64_t>(columns)};
    std::string out = fmt::format("{:<{}}{:<{}}{}\n", instant_text(scale.from).substr(0, 10), kName,
                                  clock_text(scale.from), columns - 4, clock_text(scale.to));
    timeline.each("lanes", [&](JsonReader& row) {
        std::string line(columns, '.');
        row.each("stretches", [&](JsonReader& stretch) {
            fill(line, scale, stretch, stretch.peek("value") == "true" ? '=' : '?');
        });
        if (row.peek("name") == "device")
            timeline.each("uncovered", [&](JsonReader& span) { fill(line, scale, span, '!'); });
        out += fmt::format("{:<{}}{}  {}\n", text_of(row, "name"), kName, line,
                           text_of(row, "label").empty() ? "-" : shortened(text_of(row, "label"), 40));
    });
    return out +
           fmt::format("{:<{}}= covered  ? not known  . nothing  ! the device was there and not covered\n",
                       "", kName);
}

std::string svg(JsonReader& timeline) {
    constexpr std::int64_t kLeft = 130;
    constexpr std::int64_t kWidth = 620;
    constexpr std::int64_t kRow = 26;
    const Scale scale{time_of(timeline, "from"), time_of(timeline, "to"), kWidth};
    const auto height = kRow * static_cast<std::int64_t>(timeline.size("lanes")) + 46;
    std::string out = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 920 {0}\" width=\"920\" height=\"{0}\" "
        "font-family=\"sans-serif\" font-size=\"12\" role=\"img\" aria-label=\"Who and what covered the "
        "device\">\n",
        height);
    const auto bar = [&](JsonReader& span, std::int64_t y, std::string_view colour) {
        const auto from = scale.at(time_of(span, "from"));
        const auto to = std::max(scale.at(time_of(span, "to")), from + 2);
        out += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"16\" fill=\"{}\"/>\n", kLeft + from,
                           y, to - from, colour);
    };
    std::int64_t y = 6;
    timeline.each("lanes", [&](JsonReader& row) {
        out += fmt::format("<text x=\"4\" y=\"{}\">{}</text>\n", y + 13, html_escaped(text_of(row, "name")));
        out += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"16\" fill=\"#eeeeee\"/>\n", kLeft,
                           y, kWidth);
        const bool device = row.peek("name") == "device";
        row.each("stretches", [&](JsonReader& stretch) {
            bar(stretch, y, stretch.peek("value") != "true" ? "#bbbbbb" : device ? "#4a4a4a" : "#3a7d44");
        });
        if (device) timeline.each("uncovered", [&](JsonReader& span) { bar(span, y, "#c62828"); });
        out += fmt::format("<text x=\"{}\" y=\"{}\">{}</text>\n", kLeft + kWidth + 8, y + 13,
                           html_escaped(shortened(text_of(row, "label"), 24)));
        y += kRow;
    });
    out += fmt::format("<text x=\"{}\" y=\"{}\">{}</text>\n", kLeft, y + 12, instant_text(scale.from));
    out += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", kLeft + kWidth, y + 12,
                       instant_text(scale.to));
    out += fmt::format(
        "<text x=\"4\" y=\"{}\" fill=\"#555555\">green: covered; grey: not known; red: the device was there "
        "and not "
        "covered</text>\n",
        y + 32);
    return out + "</svg>\n";
}

}  // namespace assay::accompaniment
