#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/store/site/site_writes.h"

/// Badge feeds: rows in batches, each batch all or nothing, each row once whatever is sent again.
namespace assay::api {
namespace {

using nlohmann::json;

constexpr std::size_t kBatch = 8U << 20U;
constexpr JsonLimits kManyRows{.bytes = kBatch, .depth = 8, .values = 400'000};
constexpr std::size_t kContent = 4096;
constexpr std::size_t kSource = 256;

struct Batch {
    std::vector<store::StoredBadgeRow> rows;
    std::vector<store::RejectedRow> rejected;
    accompaniment::Span span{INT64_MAX, INT64_MIN};
};

// A row that cannot be read is set aside with its reason; the rest goes on.
void take_row(JsonReader& in, std::int64_t number, std::int64_t now, Batch& out) {
    const auto text = in.encoded("");
    const auto row =
        accompaniment::read_badge_row(text, fmt::format("/rows/{}", number), accompaniment::Source::import);
    if (!row) {
        const auto source = in.peek("source");
        out.rejected.push_back({shortened(source.empty() ? "unknown" : source, kSource),
                                sha256(as_view(text)).hex(), number, row.error().context,
                                shortened(text, kContent), now});
        return;
    }
    out.span = {std::min(out.span.from, row->occurred.from), std::max(out.span.to, row->occurred.to)};
    out.rows.push_back({.source = row->source,
                        .event_id = row->event_id,
                        .from_ms = row->occurred.from,
                        .to_ms = row->occurred.to,
                        .document = text,
                        .line = number});
}

// What the sender itself could not read of its export.
void take_rejected(JsonReader& in, std::int64_t now, Batch& out) {
    const auto content = shortened(in.peek("content"), kContent);
    const auto source = in.peek("source");
    out.rejected.push_back({shortened(source.empty() ? "unknown" : source, kSource),
                            sha256(as_view(content)).hex(), in.integer_or("line", 0, 0, INT64_MAX),
                            shortened(in.peek("reason"), kContent), content, now});
}

// The feed, unless its watermark would go back: what was complete stays complete. Nobody has received yet
// what is to come, so a watermark is at most now. It stands from the one before to its own: what it says is
// news of that span, and a row of it that comes later is late.
Result<> add_feed(Service& service, json feed, accompaniment::Feed read,
                  std::vector<store::SiteDocument>& out) {
    read.watermark = std::min(read.watermark, service.now() * 1000);
    feed["watermark"] = accompaniment::instant_text(read.watermark);
    const auto stored = TRY(store::SiteDocuments(service.store).newest("feed", read.source));
    if (stored && stored->to_ms > read.watermark) return {};
    for (const auto& before : out) {
        if (before.id == read.source && before.to_ms > read.watermark) return {};
    }
    out.push_back({.kind = "feed",
                   .id = read.source,
                   .from_ms = stored ? stored->to_ms : 0,
                   .to_ms = read.watermark,
                   .document = feed.dump(),
                   .made_from = stored ? stored->number : 0});
    return {};
}

// Everything but the rows, as it is to be stored.
Result<std::vector<store::SiteDocument>> documents_of_badges(Service& service, const json& rest,
                                                             const accompaniment::BadgeData& data,
                                                             const std::string& by) {
    std::vector<store::SiteDocument> out;
    for (std::size_t i = 0; i < data.feeds.size(); ++i)
        TRY_VOID(add_feed(service, rest["feeds"][i], data.feeds[i], out));
    for (std::size_t i = 0; i < data.controllers.size(); ++i) {
        out.push_back({.kind = "controller",
                       .id = data.controllers[i].id,
                       .to_ms = INT64_MAX,
                       .document = rest["controllers"][i].dump()});
    }
    for (std::size_t i = 0; i < data.releases.size(); ++i) {
        const auto& time = data.releases[i].time;
        out.push_back({.kind = "release",
                       .id = fmt::format("{}/{}", data.releases[i].zone, time.from),
                       .from_ms = time.from,
                       .to_ms = time.to,
                       .document = rest["releases"][i].dump()});
    }
    for (auto& document : out) document = site::stamped(service, std::move(document), by);
    return out;
}

// A feed whose certificate names a source brings rows of no other.
Result<> are_of_feed(const Caller& caller, const Batch& batch, const accompaniment::BadgeData& data) {
    const auto is_other = [&](const std::string& source) {
        return !caller.feed.empty() && source != caller.feed;
    };
    const auto refused = [&](const std::string& place, const std::string& source) {
        return fail(ErrorCode::refused,
                    fmt::format("{}.source: expected {}, the feed of this certificate, got {}", place,
                                printable(caller.feed), printable(source)));
    };
    for (std::size_t i = 0; i < batch.rows.size(); ++i)
        if (is_other(batch.rows[i].source)) return refused(fmt::format("rows[{}]", i), batch.rows[i].source);
    for (std::size_t i = 0; i < data.feeds.size(); ++i)
        if (is_other(data.feeds[i].source)) return refused(fmt::format("feeds[{}]", i), data.feeds[i].source);
    return {};
}

store::Act act_of(const Caller& caller, const Batch& batch, const accompaniment::BadgeData& data) {
    json watermarks = json::object();
    for (const auto& feed : data.feeds) watermarks[feed.source] = accompaniment::instant_text(feed.watermark);
    return {.kind = store::ActKind::badges_imported,
            .hand = caller.hand(),
            .subject = "badges",
            .document = json{{"rows", batch.rows.size()},
                             {"rejected", batch.rejected.size()},
                             {"watermarks", std::move(watermarks)}}
                            .dump()};
}

Result<Response> import_rows(const Request& request, Service& service) {
    JsonReader body(request.body, {.limits = kManyRows, .open = true});
    Batch batch;
    const auto now = service.now();
    std::int64_t number = 0;
    body.each("rows", [&](JsonReader& row) { take_row(row, number++, now, batch); });
    body.each("rejected", [&](JsonReader& row) { take_rejected(row, now, batch); });
    const bool judge = body.flag_or("judge", true);
    TRY_VOID(body.finish());
    // Everything but the rows must be as badges.json has it.
    auto rest = body.value();
    rest.erase("rows");
    rest.erase("rejected");
    rest.erase("judge");
    const auto data = TRY(accompaniment::read_badges(rest.dump(), accompaniment::Source::import));

    TRY_VOID(are_of_feed(request.caller, batch, data));
    for (const auto& release : data.releases) {
        batch.span = {std::min(batch.span.from, release.time.from), std::max(batch.span.to, release.time.to)};
    }
    // A row can change events of its time and of the longest stay after it; a watermark only open ones.
    std::optional<store::JudgeSpan> to_judge;
    constexpr std::int64_t kLongestStay = 24LL * 3'600'000;
    if (batch.span.from <= batch.span.to)
        to_judge = {.from_ms = batch.span.from, .to_ms = batch.span.to + kLongestStay};
    const auto written = TRY(site::made_anew([&]() -> store::Written<store::SiteWritten> {
        store::SiteWrite write{.rows = batch.rows, .rejected = batch.rejected, .to_judge = to_judge};
        write.documents = TRY(documents_of_badges(service, rest, data, request.caller.name));
        return store::SiteWrites(service.store).put(write, act_of(request.caller, batch, data), now);
    }));

    const auto judged = judge ? TRY(site::judge_left(service)) : site::Rejudged();
    const json answer{{"rows", batch.rows.size()},
                      {"added", written.rows},
                      {"rejected", static_cast<std::int64_t>(batch.rejected.size()) + written.refused},
                      {"judged", judged.events},
                      {"verdicts_changed", judged.changes.size()}};
    return json_response(answer.dump());
}

Result<Response> list_feeds(const Request&, Service& service) {
    json feeds = json::array();
    for (const auto& document : TRY(store::SiteDocuments(service.store).list({.kind = "feed"}))) {
        auto feed = TRY(parse_json(document.document, kStoredJson));
        feed["received_at"] = document.stored_at;
        feeds.push_back(std::move(feed));
    }
    const auto rows = TRY(store::BadgeRows(service.store).count());
    const json answer{{"feeds", std::move(feeds)}, {"rows", rows}};
    return json_response(answer.dump());
}

Result<Response> list_rejected(const Request& request, Service& service) {
    Query query(request);
    const auto source = query.text("source", kSource);
    TRY_VOID(query.finish());
    json answer = json::array();
    for (const auto& row : TRY(store::BadgeRows(service.store).rejected(source))) {
        answer.push_back({{"source", row.source},
                          {"line", row.line},
                          {"reason", row.reason},
                          {"content", row.content},
                          {"rejected_at", row.rejected_at}});
    }
    return json_response(answer.dump());
}

}  // namespace

Endpoint create_badge_rows() {
    return {.verb = Verb::post,
            .path = "/v1/badges",
            .role = Role::badge_feed,
            .summary = "Rows of badge feeds, their watermarks, controllers' clocks and released doors",
            .handler = import_rows,
            .accepts = "application/json",
            .body_limit = kBatch};
}

Endpoint list_badge_feeds() {
    return {.verb = Verb::get,
            .path = "/v1/badges",
            .role = Role::viewer,
            .summary = "Badge feeds: up to when each was received, and how many rows there are",
            .handler = list_feeds};
}

Endpoint list_rejected_rows() {
    return {.verb = Verb::get,
            .path = "/v1/badges/rejected",
            .role = Role::viewer,
            .summary = "Rows that could not be read, or came again with other content, each with its reason",
            .handler = list_rejected};
}

}  // namespace assay::api
