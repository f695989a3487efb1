#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/judge/accompaniment/reading/reading.h"

namespace assay::accompaniment {
namespace {

constexpr std::int64_t kDay = 86'400'000;

BadgeRow badge_row(JsonReader& in, Source source) {
    BadgeRow out;
    out.source = in.text("source");
    out.event_id = in.text("event_id");
    out.position = in.text_or("feed_pos");
    out.person = in.text_or("person");
    out.credential = in.text_or("credential");
    out.reader = in.text_or("reader");
    out.controller = in.text_or("controller");
    for (const auto& [key, text] : {std::pair{"event_id", &out.event_id},
                                    {"person", &out.person},
                                    {"credential", &out.credential},
                                    {"reader", &out.reader},
                                    {"controller", &out.controller}})
        reading::no_spreadsheet_number(in, key, *text, source);
    if (!in.failed() && out.person.empty() && out.credential.empty())
        in.wrong("person", "a person or a credential");
    out.zone_from = in.text_or("zone_from");
    out.zone_to = in.text_or("zone_to");
    const auto direction = in.word("direction", {"in", "out", "unknown"}, "unknown");
    out.direction = direction == "in"    ? Direction::in
                    : direction == "out" ? Direction::out
                                         : Direction::unknown;
    out.granted = in.word("result", {"granted", "denied"}, "granted") == "granted";
    const auto at = reading::maybe_instant(in, "occurred_at");
    const auto from = reading::maybe_instant(in, "occurred_from");
    const auto to = reading::maybe_instant(in, "occurred_to");
    if (at.has_value() == (from.has_value() && to.has_value()) || from.has_value() != to.has_value())
        in.wrong("occurred_at",
                 "either \"occurred_at\", or \"occurred_from\" and \"occurred_to\" where the moment is not "
                 "known",
                 reading::times_got(at.has_value(), from.has_value(), to.has_value()));
    else
        out.occurred = at ? Span{*at, *at} : Span{*from, *to};
    if (out.occurred.to < out.occurred.from) in.wrong("occurred_to", "a time not before \"occurred_from\"");
    // When somebody else recorded it: told, without a meaning here.
    reading::maybe_instant(in, "recorded_at");
    out.receipt = reading::receipt(in, source);
    out.digest = reading::digest_of(in.as_text());
    return out;
}

// A watermark that goes back would let a row be in time that was late before.
std::vector<PassedWatermark> passed(JsonReader& feed) {
    constexpr std::size_t kPassed = 1'000'000;
    std::vector<PassedWatermark> out;
    feed.each(
        "passed",
        [&](JsonReader& in) {
            const PassedWatermark one{.received_at = reading::instant(in, "received_at"),
                                      .watermark = reading::instant(in, "watermark")};
            if (!out.empty() && one.received_at < out.back().received_at)
                in.wrong("received_at", "a time not before that of the item before");
            if (!out.empty() && one.watermark < out.back().watermark)
                in.wrong("watermark", "a time not before that of the item before");
            out.push_back(one);
        },
        kPassed);
    return out;
}

}  // namespace

Result<BadgeRow> read_badge_row(std::string_view row, std::string_view place, Source source) {
    JsonReader in(row, {.name = place, .nulls = true});
    auto out = badge_row(in, source);
    return in.finish(std::move(out));
}

Result<BadgeData> read_badges(std::string_view json, Source source) {
    BadgeData out;
    TRY_VOID(reading::file(json, [&](JsonReader& file) {
        file.each("feeds", [&](JsonReader& in) {
            Feed feed;
            feed.source = in.text("source");
            feed.watermark = reading::instant(in, "watermark");
            feed.kept_since = reading::maybe_instant(in, "kept_since");
            feed.zones = in.texts_or_none("zones");
            if (reading::verifiers(in, "passed", source)) feed.passed = passed(in);
            out.feeds.push_back(std::move(feed));
        });
        file.each("controllers", [&](JsonReader& in) {
            out.controllers.push_back({.id = in.text("id"),
                                       .fast = in.integer_or("fast_ms", 0, -kDay, kDay),
                                       .bound = in.integer_or("bound_ms", 0, 0, kDay)});
        });
        file.each("releases", [&](JsonReader& in) {
            Release release{.zone = in.text("zone"),
                            .time = {reading::instant(in, "from"), reading::instant(in, "to")}};
            if (release.time.to < release.time.from) in.wrong("to", "a time not before \"from\"");
            out.releases.push_back(std::move(release));
        });
        file.each("rows", [&](JsonReader& in) { out.rows.push_back(badge_row(in, source)); });
    }));
    // A row that was sent twice is one row.
    std::set<std::pair<std::string, std::string>> seen;
    std::erase_if(out.rows,
                  [&](const BadgeRow& row) { return !seen.emplace(row.source, row.event_id).second; });
    return out;
}

}  // namespace assay::accompaniment
