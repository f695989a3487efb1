#include "cli/provision/delivery_text.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "cli/table.h"
#include "client/command_line/result_text.h"
#include "evidence/base/rfc3339.h"
#include "evidence/base/stable_sort.h"
#include "evidence/base/text.h"

namespace assay::cli {
namespace {

constexpr std::size_t kDigest = 12;  // digits of a TPM's digest on a screen
constexpr std::size_t kStrangersShown = 8;
constexpr std::size_t kReason = 160;  // bytes of a reason on a screen: two lines of most terminals
constexpr std::size_t kVerdictColumn = 3;

const char* words_of(Stage stage) {
    switch (stage) {
        case Stage::expected:
            return "expected";
        case Stage::refused:
            return "asked and was refused";
        case Stage::enrolled:
            return "enrolled";
        case Stage::attested:
            return "attested";
    }
    return "";
}

/// 0 wants a person most.
int urgency(const DeliveryRow& row) {
    if (row.verdict) {
        switch (*row.verdict) {
            case Tier::contraindicated:
                return 0;
            case Tier::none:
                return 1;
            case Tier::warning:
                return 3;
            case Tier::affirming:
                return 6;
        }
    }
    if (row.stage == Stage::refused) return 2;
    return row.stage == Stage::expected ? 4 : 5;
}

std::string table_text(const std::vector<const DeliveryRow*>& rows, const Standing& standing,
                       const Screen& screen) {
    Table table({"SERVER", "TPM", "STATE", "VERDICT", "SINCE", "REASON"});
    for (const auto* row : rows) {
        const auto colour = screen.colours && row->verdict
                                ? std::string(command_line::colour_of(*row->verdict))
                                : std::string();
        const auto never = row->stage == Stage::expected && row->reason.empty();
        table.add(
            {row->bought.host, row->bought.tpm_digest.substr(0, kDigest), stage_of(*row, standing.ended),
             verdict_of(*row, standing.ended), never ? "-" : utc_text(row->since),
             row->reason.empty() ? "-" : shortened(row->reason, kReason)},
            {.column = kVerdictColumn, .code = colour});
    }
    return table.text(screen.width);
}

/// The rows that have place in `height` lines, in the list's order.
std::string fitting_table(const Delivery& delivery, const Standing& standing, const Screen& screen,
                          std::size_t height) {
    std::vector<const DeliveryRow*> rows;
    for (const auto& row : delivery.rows()) rows.push_back(&row);
    auto by_urgency = rows;
    sort_stably(by_urgency,
                [](const DeliveryRow* a, const DeliveryRow* b) { return urgency(*a) < urgency(*b); });
    // Each row has a line at least, and the headings and the count of the others have one each.
    if (by_urgency.size() + 1 > height) by_urgency.resize(std::max<std::size_t>(height, 3) - 2);
    for (;;) {
        auto shown = by_urgency;
        std::ranges::sort(shown, {}, [](const DeliveryRow* row) { return row->bought.line; });
        auto text = table_text(shown, standing, screen);
        const auto hidden = rows.size() - shown.size();
        if (hidden != 0)
            text += fmt::format("... and {} more that want nobody as much: a higher terminal shows them\n",
                                hidden);
        if (lines_on_screen(text, screen.width) <= height || by_urgency.size() <= 1) return text;
        by_urgency.pop_back();
    }
}

std::string counted(const Delivery& delivery, bool ended) {
    std::map<std::string, std::size_t> counts;
    for (const auto& row : delivery.rows())
        ++counts[row.verdict ? verdict_of(row, ended) : stage_of(row, ended)];
    std::string out;
    for (const auto& [words, count] : counts) out += fmt::format(", {} {}", count, words);
    return out;
}

std::size_t verdicts(const Delivery& delivery) {
    return static_cast<std::size_t>(std::ranges::count_if(
        delivery.rows(), [](const DeliveryRow& row) { return row.verdict.has_value(); }));
}

Json or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

Json time_or_null(std::int64_t time_s) {
    return time_s == 0 ? Json() : Json(rfc3339_text(time_s));
}

Json members_of(const DeliveryRow& row) {
    return {{"host", row.bought.host},
            {"site", row.bought.site},
            {"rack", row.bought.rack},
            {"unit", row.bought.unit},
            {"tpm_digest", row.bought.tpm_digest},
            {"state", to_string(row.stage)},
            {"verdict", row.verdict ? Json(to_string(*row.verdict)) : Json()},
            {"reason", row.reason},
            {"since", time_or_null(row.stage == Stage::expected ? 0 : row.since)},
            {"result_id", or_null(row.result_id)},
            {"policy", or_null(row.policy)}};
}

}  // namespace

std::string verdict_of(const DeliveryRow& row, bool ended) {
    if (row.verdict) return std::string(command_line::verdict_words(*row.verdict));
    return ended ? std::string(command_line::verdict_words(Tier::none)) : "-";
}

std::string stage_of(const DeliveryRow& row, bool ended) {
    if (ended && row.stage == Stage::expected && row.reason.empty()) return "expected, not seen";
    return words_of(row.stage);
}

std::string silence_line(const Standing& standing) {
    if (standing.silent_verifier.empty()) return "";
    return fmt::format(
        "the verifier does not answer since {}: {}; rows are {}", utc_text(standing.silent_since),
        standing.silent_verifier,
        standing.looked_at == 0 ? "what the list says, no more" : "as of " + utc_text(standing.looked_at));
}

std::size_t lines_on_screen(std::string_view text, std::size_t width) {
    std::size_t lines = 0;
    std::size_t column = 0;
    bool in_colour = false;  // an ANSI code, up to its m
    for (const char c : text) {
        if (c == '\n') {
            ++lines;
            column = 0;
        } else if (c == '\x1b' || in_colour) {
            in_colour = c != 'm';
        } else if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80) {  // begins a character
            if (width != 0 && column != 0 && column % width == 0) ++lines;
            ++column;
        }
    }
    return lines;
}

std::string summary_text(const Delivery& delivery, const Standing& standing) {
    std::string out;
    if (const auto& strangers = delivery.strangers(); !strangers.empty()) {
        const auto shown = std::min(strangers.size(), kStrangersShown);
        out += fmt::format(
            "{} enrolled that {} not on the list: {}{}\n", strangers.size(),
            strangers.size() == 1 ? "is" : "are",
            fmt::join(strangers.begin(), strangers.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
            shown == strangers.size() ? "" : ", ...");
    }
    if (const auto silence = silence_line(standing); !silence.empty()) out += silence + "\n";
    out += fmt::format("{} of {} servers have their verdict{}; {} {}\n", verdicts(delivery),
                       delivery.rows().size(), counted(delivery, standing.ended),
                       standing.ended ? "ended" : "looked", utc_text(standing.now));
    return out;
}

std::string screen_text(const Delivery& delivery, const Standing& standing, const Screen& screen) {
    const auto below = summary_text(delivery, standing);
    if (screen.height == 0) {
        std::vector<const DeliveryRow*> rows;
        for (const auto& row : delivery.rows()) rows.push_back(&row);
        return table_text(rows, standing, screen) + below;
    }
    const auto taken = lines_on_screen(below, screen.width);
    return fitting_table(delivery, standing, screen, screen.height > taken ? screen.height - taken : 0) +
           below;
}

std::string row_line(const DeliveryRow& row, const Standing& standing) {
    return fmt::format("{}  {}  {}  {}{}{}", utc_text(standing.now), row.bought.host,
                       stage_of(row, standing.ended), verdict_of(row, standing.ended),
                       row.reason.empty() ? "" : "  ", row.reason);
}

Json row_json(const DeliveryRow& row) {
    auto json = members_of(row);
    json["event"] = "row";
    return json;
}

Json silence_json(const Standing& standing) {
    return {{"event", "verifier"},
            {"answers", standing.silent_verifier.empty()},
            {"reason", standing.silent_verifier},
            {"since", time_or_null(standing.silent_verifier.empty() ? standing.now : standing.silent_since)}};
}

Json end_json(const Delivery& delivery, const Standing& standing) {
    Json rows = Json::array();
    for (const auto& row : delivery.rows()) {
        auto each = members_of(row);
        if (!row.verdict) each["verdict"] = to_string(Tier::none);
        rows.push_back(std::move(each));
    }
    return {{"event", "end"},
            {"finished", delivery.finished()},
            {"verdict", to_string(delivery.tier())},
            {"servers", delivery.rows().size()},
            {"with_verdict", verdicts(delivery)},
            {"not_on_the_list", delivery.strangers()},
            {"verifier_answers", standing.silent_verifier.empty()},
            {"at", time_or_null(standing.now)},
            {"rows", std::move(rows)}};
}

}  // namespace assay::cli
