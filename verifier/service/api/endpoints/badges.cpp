#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/text.h"
#include "evidence/codec/json_door.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/json_body.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/store/site/site.h"

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
void take_rows(const json& rows, std::int64_t now, Batch& out) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto row = accompaniment::read_badge_row(rows[i], "/rows/" + std::to_string(i));
        const auto text = rows[i].dump();
        if (!row) {
            const auto source =
                rows[i].is_object() && rows[i].contains("source") && rows[i]["source"].is_string()
                    ? rows[i]["source"].get<std::string>()
                    : std::string("unknown");
            out.rejected.push_back({shortened(source, kSource), sha256(as_view(text)).hex(),
                                    static_cast<std::int64_t>(i), row.error().context,
                                    shortened(text, kContent), now});
            continue;
        }
        out.span = {std::min(out.span.from, row->occurred.from), std::max(out.span.to, row->occurred.to)};
        out.rows.push_back({row->source, row->event_id, row->occurred.from, row->occurred.to, text});
    }
}

// The feed, unless its watermark would go back: what was complete stays complete.
Result<> add_feed(Service& service, const json& feed, const accompaniment::Feed& read,
                  std::vector<store::SiteDocument>& out) {
    const auto stored = TRY(store::SiteDocuments(service.store).list({.kind = "feed", .id = read.source}));
    if (!stored.empty() && stored.front().to_ms > read.watermark) return {};
    for (const auto& before : out) {
        if (before.id == read.source && before.to_ms > read.watermark) return {};
    }
    out.push_back({.kind = "feed",
                   .id = read.source,
                   .to_ms = read.watermark,
                   .document = feed.dump(),
                   .made_from = stored.empty() ? 0 : stored.front().number});
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

Result<Response> import_rows(const Request& request, Service& service) {
    const auto body = TRY(parse_json(request.body, kManyRows));
    if (!body.is_object())
        return fail(ErrorCode::malformed, fmt::format("expected an object as badges.json, got {}; see "
                                                      "docs/formats/accompaniment-case.md",
                                                      body.type_name()));
    Batch batch;
    const auto now = service.now();
    const auto rows = body.value("rows", json::array());
    if (!rows.is_array())
        return fail(ErrorCode::malformed,
                    fmt::format("/rows: expected a list of objects, got {}", rows.type_name()));
    take_rows(rows, now, batch);
    // What the sender itself could not read of its export.
    for (const auto& rejected : body.value("rejected", json::array())) {
        if (!rejected.is_object()) continue;
        const auto content = shortened(rejected.value("content", ""), kContent);
        batch.rejected.push_back({shortened(rejected.value("source", "unknown"), kSource),
                                  sha256(as_view(content)).hex(), rejected.value("line", std::int64_t{0}),
                                  shortened(rejected.value("reason", ""), kContent), content, now});
    }
    // Everything but the rows must be as badges.json has it.
    auto rest = body;
    rest.erase("rows");
    rest.erase("rejected");
    for (const auto* key : {"judge", "judge_from", "judge_to"}) rest.erase(key);
    const auto data = TRY(accompaniment::read_badges(rest.dump()));

    const auto added = TRY(store::BadgeRows(service.store).add(batch.rows));
    TRY_VOID(store::BadgeRows(service.store).add_rejected(batch.rejected));
    for (const auto& release : data.releases) {
        batch.span = {std::min(batch.span.from, release.time.from), std::max(batch.span.to, release.time.to)};
    }
    TRY_VOID(site::made_anew([&]() -> store::Written<std::int64_t> {
        return store::SiteDocuments(service.store)
            .put(TRY(documents_of_badges(service, rest, data, request.caller.name)));
    }));

    // A late row can change events of its time and of the longest stay after it; a watermark only open ones.
    site::Rejudged judged;
    if (body.value("judge", true)) {
        constexpr std::int64_t kLongestStay = 24LL * 3'600'000;
        if (body.contains("judge_from") &&
            body.contains("judge_to")) {  // of batches before, sent without judging
            batch.span.from = TRY(accompaniment::parse_instant(body.value("judge_from", "")));
            batch.span.to = TRY(accompaniment::parse_instant(body.value("judge_to", "")));
        }
        if (batch.span.from > batch.span.to)
            batch.span = {INT64_MIN, INT64_MIN};
        else
            batch.span.to += kLongestStay;
        judged = TRY(site::rejudge(service, {.host = {}, .span = batch.span}));
    }
    const json answer{{"rows", batch.rows.size()},
                      {"added", added},
                      {"rejected", batch.rejected.size()},
                      {"judged", judged.events},
                      {"verdicts_changed", judged.changes.size()}};
    return json_response(answer.dump());
}

Result<Response> list_feeds(const Request&, Service& service) {
    json feeds = json::array();
    for (const auto& document : TRY(store::SiteDocuments(service.store).list({.kind = "feed"}))) {
        auto feed = json::parse(document.document);
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
            .role = Role::operator_,
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
            .summary = "Rows that could not be read, each with its reason",
            .handler = list_rejected};
}

}  // namespace assay::api
