#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/endpoints/limits.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/store/site/site_writes.h"

/// Work orders, with their history. What was received is never forgotten: a history may grow, and nothing
/// else.
namespace assay::api {
namespace {

using nlohmann::json;

constexpr std::size_t kId = 256;

// Every change that was received must still be there, as it was. The number that it was compared with, 0 for
// the first.
Result<std::int64_t> history_grew(Service& service, const json& order, const std::string& id) {
    const auto stored = TRY(store::SiteDocuments(service.store).newest("order", id));
    if (!stored) return 0;
    JsonReader before(stored->document, {.limits = kStoredJson, .open = true});
    JsonReader now(order, {.open = true});
    std::string lost;
    before.each("history", [&](JsonReader& change) {
        bool kept = false;
        now.each("history", [&](JsonReader& each) { kept = kept || each.value() == *change.raw(""); });
        if (!kept && lost.empty())
            lost = fmt::format("the change of {} by {} at {}", change.peek("field"),
                               printable(change.peek("by")), change.peek("at"));
    });
    if (!lost.empty())
        return fail(
            ErrorCode::conflict,
            fmt::format("order {}: its history does not have {} any more; the order is kept as it was. "
                        "Ask the ticket system's keeper who rewrote it",
                        printable(id), lost));
    for (const auto* key : {"created_at", "created_by"}) {
        if (before.peek(key) != now.peek(key)) {
            return fail(ErrorCode::conflict,
                        fmt::format("order {}: its {} is another than before; the order is kept as it was",
                                    printable(id), key));
        }
    }
    return stored->number;
}

// As they are to be stored, each made from what it was compared with.
Result<std::vector<store::SiteDocument>> documents_of_orders(
    Service& service, const json& orders, const std::vector<accompaniment::WorkOrder>& read,
    const std::string& by) {
    std::vector<store::SiteDocument> out;
    for (std::size_t i = 0; i < read.size(); ++i) {
        store::SiteDocument stored{.kind = "order",
                                   .id = read[i].id,
                                   .from_ms = INT64_MAX,
                                   .to_ms = INT64_MIN,
                                   .document = orders[i].dump()};
        stored.made_from = TRY(history_grew(service, orders[i], read[i].id));
        for (const auto& version : read[i].versions) {
            stored.from_ms = std::min(stored.from_ms, version.fields.window.from);
            stored.to_ms = std::max(stored.to_ms, version.fields.window.to);
        }
        out.push_back(site::stamped(service, std::move(stored), by));
    }
    return out;
}

// A feed whose certificate names an issuer brings orders of no other.
Result<> are_of_feed(const Caller& caller, const std::vector<accompaniment::WorkOrder>& orders) {
    for (std::size_t i = 0; i < orders.size() && !caller.feed.empty(); ++i) {
        for (const auto& version : orders[i].versions) {
            if (version.fields.issuer == caller.feed) continue;
            return fail(ErrorCode::refused,
                        fmt::format("orders[{}].issuer: expected {}, the issuer of this certificate, got {}",
                                    i, printable(caller.feed), printable(version.fields.issuer)));
        }
    }
    return {};
}

// What a hand exported, by its own count: the first of each number stands.
store::SiteDocument export_document(const std::string& hand, std::int64_t number) {
    return {.kind = "export",
            .id = fmt::format("{}/{}", hand, number),
            .document = json{{"hand", hand}, {"number", number}}.dump()};
}

store::Act act_of(const Caller& caller, const std::vector<accompaniment::WorkOrder>& orders) {
    constexpr std::size_t kMostNamed = 1000;
    json ids = json::array();
    for (const auto& order : orders)
        if (ids.size() < kMostNamed) ids.push_back(order.id);
    return {.kind = store::ActKind::orders_imported,
            .hand = caller.hand(),
            .subject = orders.size() == 1 ? "order:" + orders.front().id : "orders",
            .document = json{{"orders", std::move(ids)}, {"count", orders.size()}}.dump()};
}

Result<Response> import_orders(const Request& request, Service& service) {
    JsonReader body(request.body, {.limits = kLarge, .open = true});
    const bool alone = !body.has("orders");
    const auto number = alone ? std::nullopt : body.maybe_integer("export", 0, INT64_MAX);
    body.each("orders", [](JsonReader&) {});
    const bool complete = body.has("watermark");
    TRY_VOID(body.finish());
    auto document = body.value();
    if (!alone) document.erase("export");
    // One order alone is a list of one that says nothing of what else there is.
    if (alone) document = json{{"orders", json::array({document})}};
    if (!complete) document["watermark"] = "1970-01-01T00:00:00Z";
    const auto read = TRY(accompaniment::read_orders(document.dump(), accompaniment::Source::import));
    TRY_VOID(are_of_feed(request.caller, read.orders));
    // Nobody has received yet what is to come.
    const auto watermark = std::min(read.watermark, service.now() * 1000);

    accompaniment::Span span{INT64_MAX, INT64_MIN};
    for (const auto& order : read.orders) {
        for (const auto& version : order.versions) {
            span = {std::min(span.from, version.fields.window.from),
                    std::max(span.to, version.fields.window.to)};
        }
    }
    std::vector<store::SiteDocument> beside;
    if (complete)
        beside.push_back({.kind = "watermark",
                          .id = "orders",
                          .from_ms = 0,
                          .to_ms = watermark,
                          .digest = std::to_string(watermark),
                          .document = "{}"});
    if (number) beside.push_back(export_document(request.caller.hand(), *number));
    for (auto& each : beside) each = site::stamped(service, std::move(each), request.caller.name);
    const auto written = TRY(site::made_anew([&]() -> store::Written<store::SiteWritten> {
        auto documents =
            TRY(documents_of_orders(service, document["orders"], read.orders, request.caller.name));
        documents.insert(documents.end(), beside.begin(), beside.end());
        return store::SiteWrites(service.store)
            .put({.documents = std::move(documents), .to_judge = store::JudgeSpan{span.from, span.to}},
                 act_of(request.caller, read.orders), service.now());
    }));
    const auto judged = TRY(site::judge_left(service));
    json answer{{"orders", read.orders.size()},
                {"changed", written.documents},
                {"judged", judged.events},
                {"verdicts_changed", judged.changes.size()}};
    if (complete) answer["watermark_taken"] = accompaniment::instant_text(watermark);
    return json_response(answer.dump());
}

Result<Response> list_orders(const Request& request, Service& service) {
    Query query(request);
    const auto id = query.text("id", kId);
    const bool versions = query.integer("versions", 0, 1).value_or(0) == 1;
    TRY_VOID(query.finish());
    auto answer = json::array();
    for (const auto& document :
         TRY(store::SiteDocuments(service.store)
                 .list({.kind = "order", .id = id, .all_numbers = versions, .limit = 1000}))) {
        const auto order = TRY(parse_json(document.document, kStoredJson));
        const auto read = accompaniment::read_order(document.document, "");
        json one{{"order", order},
                 {"received_at", document.stored_at},
                 {"received_by", document.stored_by},
                 {"number", document.number},
                 {"versions", json::array()}};
        if (read) {
            one["contradiction"] = read->contradiction;
            for (const auto& version : read->versions) {
                one["versions"].push_back({{"from", accompaniment::instant_text(version.from)},
                                           {"by", version.by},
                                           {"changed", version.changed},
                                           {"sha256", version.digest}});
            }
        }
        answer.push_back(std::move(one));
    }
    return json_response(answer.dump());
}

}  // namespace

Endpoint create_work_orders() {
    return {.verb = Verb::post,
            .path = "/v1/work-orders",
            .role = Role::order_feed,
            .summary = "One work order or a list of them, with their history",
            .handler = import_orders,
            .accepts = "application/json",
            .body_limit = kDocument};
}

Endpoint list_work_orders() {
    return {.verb = Verb::get,
            .path = "/v1/work-orders",
            .role = Role::viewer,
            .summary = "Work orders as received, with the versions that their history tells",
            .handler = list_orders};
}

}  // namespace assay::api
