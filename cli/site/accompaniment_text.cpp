#include "cli/site/accompaniment_text.h"

#include <fmt/core.h>

#include "cli/context.h"
#include "verifier/judge/accompaniment/timeline/timeline.h"

namespace assay::cli {
namespace {

constexpr const char* kQuestions[] = {"the order counts",        "the host is in its scope",
                                      "the technician is there", "an escort is there",
                                      "the escort signed",       "the device is allowed"};

}  // namespace

std::string decision_text(JsonReader& verdict) {
    const auto reason = verdict.peek("reason");
    const auto from = verdict.peek("from");
    const auto to = verdict.peek("to");
    std::string out = fmt::format("{} on {}: {}{}, {}\n", cell(verdict.peek("event")),
                                  cell(verdict.peek("host")), verdict.peek("outcome"),
                                  reason.empty() ? "" : "(" + cell(reason) + ")", verdict.peek("severity"));
    if (verdict.has("row")) out += fmt::format("  row {} of the decision table\n", number_of(verdict, "row"));
    out += fmt::format("  {}\n  time        {}{}{}\n", cell(verdict.peek("text")), from,
                       from == to ? "" : " to ", from == to ? "" : to);
    out += fmt::format("  order       {}\n  technician  {}\n  escort      {}\n", cell(verdict.peek("order")),
                       cell(verdict.peek("technician")), cell(verdict.peek("escort")));
    if (verdict.size("people") != 0)
        out += fmt::format("  there       {}\n", joined(verdict, "people", ", "));
    for (std::size_t i = 0; i < std::size(kQuestions); ++i) {
        const auto condition = fmt::format("conditions.A{}.", i + 1);
        out += fmt::format("  A{} {:<26}{:<9}{}\n", i + 1, kQuestions[i],
                           verdict.text_at(condition + "value"), cell(verdict.text_at(condition + "reason")));
    }
    verdict.each("notes", [&](JsonReader& note) {
        out += fmt::format("  {} ({}): {}\n", cell(note.peek("id")), note.peek("severity"),
                           cell(note.peek("text")));
    });
    verdict.object("timeline", [&](JsonReader& timeline) {
        const auto picture = accompaniment::drawn(timeline, 100);
        std::size_t at = 0;
        while (at < picture.size()) {
            const auto end = picture.find('\n', at);
            out += "  " + picture.substr(at, end - at) + "\n";
            at = end + 1;
        }
    });
    return out;
}

}  // namespace assay::cli
