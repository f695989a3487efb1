#include "cli/site/accompaniment_text.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/context.h"
#include "verifier/judge/accompaniment/timeline/timeline.h"

namespace assay::cli {
namespace {

constexpr const char* kQuestions[] = {"the order counts",        "the host is in its scope",
                                      "the technician is there", "an escort is there",
                                      "the escort signed",       "the device is allowed"};

}  // namespace

std::string decision_text(const nlohmann::json& verdict) {
    const auto reason = text_of(verdict, "reason");
    std::string out =
        fmt::format("{} on {}: {}{}, {}\n", cell(text_of(verdict, "event")), cell(text_of(verdict, "host")),
                    text_of(verdict, "outcome"), reason.empty() ? "" : "(" + cell(reason) + ")",
                    text_of(verdict, "severity"));
    if (verdict.contains("row") && verdict["row"].is_number_integer())
        out += fmt::format("  row {} of the decision table\n", verdict["row"].get<int>());
    out += fmt::format("  {}\n", cell(text_of(verdict, "text")));
    out += fmt::format(
        "  time        {}{}\n", text_of(verdict, "from"),
        text_of(verdict, "from") == text_of(verdict, "to") ? "" : " to " + text_of(verdict, "to"));
    out +=
        fmt::format("  order       {}\n  technician  {}\n  escort      {}\n", cell(text_of(verdict, "order")),
                    cell(text_of(verdict, "technician")), cell(text_of(verdict, "escort")));
    if (verdict.contains("people") && verdict["people"].is_array() && !verdict["people"].empty()) {
        std::string people;
        for (const auto& person : verdict["people"])
            people +=
                (people.empty() ? "" : ", ") + cell(person.is_string() ? person.get<std::string>() : "");
        out += fmt::format("  there       {}\n", people);
    }
    const auto conditions = verdict.value("conditions", nlohmann::json::object());
    for (std::size_t i = 0; i < std::size(kQuestions); ++i) {
        const auto condition = conditions.value(fmt::format("A{}", i + 1), nlohmann::json::object());
        out += fmt::format("  A{} {:<26}{:<9}{}\n", i + 1, kQuestions[i], text_of(condition, "value"),
                           cell(text_of(condition, "reason")));
    }
    for (const auto& note : verdict.value("notes", nlohmann::json::array())) {
        out += fmt::format("  {} ({}): {}\n", cell(text_of(note, "id")), text_of(note, "severity"),
                           cell(text_of(note, "text")));
    }
    if (verdict.contains("timeline")) {
        const auto picture = accompaniment::drawn(verdict["timeline"], 100);
        std::size_t at = 0;
        while (at < picture.size()) {
            const auto end = picture.find('\n', at);
            out += "  " + picture.substr(at, end - at) + "\n";
            at = end + 1;
        }
    }
    return out;
}

}  // namespace assay::cli
