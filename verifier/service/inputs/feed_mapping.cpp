#include "verifier/service/inputs/feed_mapping.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/codec/toml_file.h"

namespace assay::inputs {
namespace {

using vendors::TomlFile;
using vendors::TomlReader;

constexpr std::array<std::string_view, 14> kMappingMembers = {
    "event_id", "feed_pos",  "person", "credential",  "reader",     "controller",  "zone_from",
    "zone_to",  "direction", "result", "occurred_at", "created_at", "received_at", "source"};

Result<std::map<std::string, std::string, std::less<>>> texts_of(const TomlReader& reader,
                                                                 const toml::table& table,
                                                                 std::string_view what) {
    std::map<std::string, std::string, std::less<>> out;
    for (const auto& [key, node] : table) {
        const auto* value = node.as_string();
        if (value == nullptr || value->get().empty() || value->get().size() > 256)
            return reader.refuse(key.str(), fmt::format("{}: a text is wanted", what));
        out.emplace(std::string(key.str()), value->get());
    }
    return out;
}

Result<> known_members(const TomlReader& reader,
                       const std::map<std::string, std::string, std::less<>>& members) {
    for (const auto& [member, column] : members) {
        if (std::ranges::find(kMappingMembers, member) == kMappingMembers.end())
            return reader.refuse(
                member, fmt::format("'{}' is no member of a badge row; docs/formats/feeds.md lists them",
                                    printable(member)));
    }
    return {};
}

std::optional<std::int64_t> offset_minutes(std::string_view text) {
    if (text == "Z") return 0;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return {};
    std::int64_t out = 0;
    for (const auto at : {1U, 2U, 4U, 5U}) {
        if (text[at] < '0' || text[at] > '9') return {};
    }
    out = ((text[1] - '0') * 10 + (text[2] - '0')) * 60 + (text[4] - '0') * 10 + (text[5] - '0');
    if (out > 14 * 60) return {};
    return text[0] == '-' ? -out : out;
}

// "M3.5.0/02:00"
std::optional<YearlyMoment> yearly_moment(std::string_view text) {
    std::array<std::int64_t, 5> numbers{};
    constexpr std::string_view kMarks = "M../:";
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (text.empty() || text.front() != kMarks[i]) return {};
        text.remove_prefix(1);
        std::size_t digits = 0;
        while (!text.empty() && text.front() >= '0' && text.front() <= '9' && digits < 2) {
            numbers.at(i) = numbers.at(i) * 10 + (text.front() - '0');
            text.remove_prefix(1);
            ++digits;
        }
        if (digits == 0) return {};
    }
    const auto [month, week, day, hour, minute] = numbers;
    if (!text.empty() || month < 1 || month > 12 || week < 1 || week > 5 || day > 6 || hour > 24 ||
        minute > 59)
        return {};
    return YearlyMoment{static_cast<unsigned>(month), static_cast<unsigned>(week), static_cast<unsigned>(day),
                        hour * 60 + minute};
}

}  // namespace

Result<TimeForm> read_time_form(const TomlReader& in) {
    TRY_VOID(in.only({"format", "utc_offset", "summer_from", "summer_to", "unknown_span_s"}));
    TimeForm out;
    out.format = TRY(in.optional_text("format")).value_or(out.format);
    if (const auto offset = TRY(in.optional_text("utc_offset"))) {
        out.offset_minutes = offset_minutes(*offset);
        if (!out.offset_minutes) return in.refuse("utc_offset", "an offset as \"+01:00\" is wanted");
    }
    const auto moment = [&](std::string_view key, std::optional<YearlyMoment>& into) -> Result<> {
        const auto text = TRY(in.optional_text(key));
        if (!text) return {};
        into = yearly_moment(*text);
        if (!into)
            return in.refuse(key, "a rule as \"M3.5.0/02:00\" is wanted: the last Sunday of March at 2:00");
        return {};
    };
    TRY_VOID(moment("summer_from", out.summer_from));
    TRY_VOID(moment("summer_to", out.summer_to));
    if (out.summer_from.has_value() != out.summer_to.has_value())
        return in.refuse("summer_from", "summer time wants both summer_from and summer_to");
    if (out.summer_from && !out.offset_minutes)
        return in.refuse("summer_from", "summer time wants utc_offset, the winter's");
    if (const auto span = TRY(in.optional_text("unknown_span_s"))) {
        if (span->size() > 7 || !std::ranges::all_of(*span, [](char c) { return c >= '0' && c <= '9'; }))
            return in.refuse("unknown_span_s", "a text of digits is wanted: seconds");
        out.unknown_span_s = std::stoll(*span);
    }
    return out;
}

Result<FeedMapping> read_feed_mapping(const std::string& name, std::string_view text) {
    const auto file = TRY(TomlFile::parse(name, text));
    const TomlReader in(file, file.root());
    TRY_VOID(in.only({"kind", "source", "format", "time", "columns", "words", "fixed", "keep"}));
    FeedMapping out;
    if (TRY(in.text("kind")) != "badges") return in.refuse("kind", "\"badges\" is wanted");
    out.source = TRY(in.text("source"));
    out.format = TRY(in.text("format"));
    if (out.format != "csv" && out.format != "jsonl")
        return in.refuse("format", "\"csv\" or \"jsonl\" is wanted");
    if (const auto time = TRY(in.optional_table("time"))) out.time = TRY(read_time_form(*time));
    const auto table = [&](const char* key) { return file.root()[key].as_table(); };
    if (const auto* columns = table("columns")) out.columns = TRY(texts_of(in, *columns, "a column's name"));
    if (const auto* fixed = table("fixed")) out.fixed = TRY(texts_of(in, *fixed, "a value"));
    TRY_VOID(known_members(in, out.columns));
    TRY_VOID(known_members(in, out.fixed));
    if (const auto* words = table("words")) {
        for (const auto& [member, node] : *words) {
            const auto* of = node.as_table();
            if (of == nullptr || (member.str() != "direction" && member.str() != "result"))
                return in.refuse("words", "a table for direction or result is wanted: [words.direction]");
            out.words[std::string(member.str())] =
                TRY(texts_of(in, *of, "in, out, unknown, granted or denied"));
        }
    }
    if (const auto keep = TRY(in.optional_table("keep"))) {
        TRY_VOID(keep->only({"column", "values"}));
        out.keep_column = TRY(keep->text("column"));
        out.keep = TRY(keep->texts("values"));
    }
    for (const auto* wanted : {"event_id", "occurred_at"}) {
        if (!out.columns.contains(wanted) &&
            !(wanted == std::string_view("occurred_at") && out.columns.contains("created_at")))
            return in.refuse("columns", fmt::format("a column for {} is wanted", wanted));
    }
    if (!out.columns.contains("person") && !out.columns.contains("credential"))
        return in.refuse("columns", "a column for person or credential is wanted: else a row is nobody's");
    return out;
}

}  // namespace assay::inputs
