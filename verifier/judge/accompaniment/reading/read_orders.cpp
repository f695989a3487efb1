#include <algorithm>
#include <array>
#include <map>

#include <fmt/core.h>

#include "evidence/base/stable_sort.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"
#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/judge/accompaniment/reading/reading.h"

// An order says what it is now, and by its history what it was. Its versions are the truth that is judged.
namespace assay::accompaniment {
namespace {

constexpr std::array<std::string_view, 12> kFields = {"issuer",  "requester",    "technicians", "escorts",
                                                      "hosts",   "racks",        "from",        "to",
                                                      "devices", "remote_media", "state",       "changes"};

// Of a field, as it is when it was never set.
Json unset(std::string_view field) {
    if (field == "technicians" || field == "escorts" || field == "hosts" || field == "racks" ||
        field == "devices" || field == "changes")
        return Json::encoded("[]");
    if (field == "remote_media") return false;
    return field == "state" ? "draft" : "";
}

// Two ways to write one time, or nothing at all, are one value.
Json normal(std::string_view field, JsonReader& in, std::string_view key) {
    if (!in.has(key)) return unset(field);
    if (field == "from" || field == "to") {
        if (const auto at = parse_instant(in.peek(key))) return instant_text(*at);
    }
    return Json::encoded(in.encoded(key));
}

std::vector<PlannedChange> changes_of(JsonReader& in) {
    std::vector<PlannedChange> out;
    if (!in.has("changes")) return out;
    in.each("changes", [&](JsonReader& entry) {
        PlannedChange change;
        change.what = entry.text("what");
        if (!entry.failed() && std::ranges::find(kPlannedKinds, change.what) == kPlannedKinds.end())
            entry.wrong("what", "firmware, part, boot, keys or section");
        change.component = entry.text_or("component");
        change.match = entry.text_or("match");
        change.to = entry.text_or("to");
        change.serial = entry.text_or("serial");
        change.digest = entry.text_or("digest");
        out.push_back(std::move(change));
    });
    return out;
}

OrderFields fields_of(JsonReader& in) {
    OrderFields out;
    out.issuer = in.text_or("issuer");
    out.requester = in.text_or("requester");
    out.technicians = in.texts_or_none("technicians");
    out.escorts = in.texts_or_none("escorts");
    out.hosts = in.texts_or_none("hosts");
    out.racks = in.texts_or_none("racks");
    const auto moment = [&](std::string_view key) {
        return !in.has(key) || in.encoded(key) == R"("")" ? 0 : reading::instant(in, key);
    };
    out.window = {moment("from"), moment("to")};
    out.devices = reading::device_rules(in, "devices");
    out.changes = changes_of(in);
    out.remote_media = in.flag_or("remote_media", false);
    out.state = in.text_or("state", "draft");
    return out;
}

struct Change {
    Millis at = 0;
    std::string by;
    std::string field;
    Json before, after;
    Receipt receipt;
};

std::vector<Change> history_of(JsonReader& in, Source source) {
    std::vector<Change> out;
    in.each("history", [&](JsonReader& entry) {
        Change change{.at = reading::instant(entry, "at"),
                      .by = entry.text("by"),
                      .field = entry.text("field"),
                      .before = {},
                      .after = {},
                      .receipt = reading::receipt(entry, source)};
        if (!entry.failed() && std::ranges::find(kFields, change.field) == kFields.end())
            entry.wrong("field",
                        "a field of the order: issuer, requester, technicians, escorts, hosts, racks, from, "
                        "to, devices, remote_media, state or changes");
        change.before = normal(change.field, entry, "old");
        change.after = normal(change.field, entry, "new");
        out.push_back(std::move(change));
    });
    sort_stably(out, {}, &Change::at);
    return out;
}

// The fields' state at one time as JSON, read into a version.
Result<OrderVersion> version_of(const Json& state, const std::string& id, std::string_view place) {
    OrderVersion out;
    const auto text = state.dump();
    JsonReader in(text, {.name = place, .limits = reading::kFile.limits, .nulls = true});
    out.fields = fields_of(in);
    out.digest = reading::digest_of(Json{{"id", id}, {"fields", Json::encoded(text)}}.dump());
    return in.finish(std::move(out));
}

// Undoes the history from its end: what is left is the order as it was created.
Result<> rebuild(WorkOrder& order, Json state, std::vector<Change> history, std::string_view place) {
    while (!history.empty()) {
        const auto at = history.back().at;
        const auto by = history.back().by;
        auto version = TRY(version_of(state, order.id, place));
        version.from = std::max(at, order.created_at);
        version.by = by;
        version.receipt = history.back().receipt;
        while (!history.empty() && history.back().at == at && history.back().by == by) {
            const auto& change = history.back();
            // It is whole when the last of its changes is here.
            if (change.receipt.at > version.receipt.at) version.receipt = change.receipt;
            if (order.contradiction.empty() && state[change.field] != change.after) {
                order.contradiction = fmt::format(
                    "the change of {} by {} at {} leads to another value than the next one starts from",
                    change.field, printable(by), instant_text(at));
            }
            if (order.contradiction.empty() && at < order.created_at)
                order.contradiction =
                    fmt::format("a change at {}, before the order was created", instant_text(at));
            state[change.field] = change.before;
            version.changed.push_back(change.field);
            history.pop_back();
        }
        order.versions.push_back(std::move(version));
    }
    auto first = TRY(version_of(state, order.id, place));
    first.from = order.created_at;
    first.by = order.created_by;
    first.receipt = order.receipt;
    if (first.fields.state != "draft") first.changed.emplace_back("state");
    order.versions.push_back(std::move(first));
    std::ranges::reverse(order.versions);
    return {};
}

// What it names now and named before: serial numbers, hosts, persons.
void no_spreadsheet_numbers(JsonReader& in, const WorkOrder& order, Source source) {
    reading::no_spreadsheet_number(in, "id", order.id, source);
    for (const auto& version : order.versions) {
        const auto& fields = version.fields;
        for (const auto& [key, names] : {std::pair{"technicians", &fields.technicians},
                                         {"escorts", &fields.escorts},
                                         {"hosts", &fields.hosts},
                                         {"racks", &fields.racks}}) {
            for (const auto& name : *names) reading::no_spreadsheet_number(in, key, name, source);
        }
        for (const auto& rule : fields.devices)
            reading::no_spreadsheet_number(in, "devices", rule.serial, source);
        for (const auto& change : fields.changes)
            reading::no_spreadsheet_number(in, "changes", change.serial, source);
    }
}

}  // namespace

Result<WorkOrder> read_order(std::string_view text, std::string_view place, Source source) {
    WorkOrder order;
    JsonReader in(text, {.name = place, .limits = reading::kFile.limits, .nulls = true});
    order.id = in.text("id");
    order.created_at = reading::instant(in, "created_at");
    order.created_by = in.text("created_by");
    order.receipt = reading::receipt(in, source);
    if (reading::verifiers(in, "export", source))
        order.export_number = in.maybe_integer("export", 0, INT64_MAX);
    auto history = history_of(in, source);
    Json state;
    // An order without changes has the digest that it had before there were any.
    const bool changes =
        in.has("changes") || std::ranges::find(history, "changes", &Change::field) != history.end();
    for (const auto field : kFields) {
        if (field != "changes" || changes) state[field] = normal(field, in, field);
    }
    TRY_VOID(in.finish());
    // What it says now must be whole; what it said before may have been empty.
    for (const auto* key : {"issuer", "requester", "from", "to"}) {
        if (state[key] == Json("")) in.wrong(key, "a value");
    }
    TRY_VOID(in.finish());
    TRY_VOID(rebuild(order, std::move(state), std::move(history), place));
    if (order.versions.back().fields.window.to < order.versions.back().fields.window.from)
        in.wrong("to", "a time not before \"from\"");
    no_spreadsheet_numbers(in, order, source);
    return in.finish(std::move(order));
}

Result<OrderFile> read_orders(std::string_view text, Source source) {
    OrderFile out;
    std::set<std::string> ids;
    TRY_VOID(reading::file(text, [&](JsonReader& file) {
        out.watermark = reading::instant(file, "watermark");
        std::size_t i = 0;
        file.each("orders", [&](JsonReader& item) {
            auto order = read_order(item.encoded(""), fmt::format("/orders/{}", i++), source);
            if (!order) return file.refuse("", std::move(order).error());
            if (!ids.insert(order->id).second)
                return item.refuse(
                    "id",
                    {ErrorCode::malformed, fmt::format("\"{}\" is there twice", printable(order->id)), {}});
            out.orders.push_back(*std::move(order));
        });
        if (!reading::verifiers(file, "exports", source)) return;
        file.each("exports", [&](JsonReader& in) {
            out.exports.push_back({.hand = in.text("hand"),
                                   .number = in.integer("number", 0),
                                   .received_at = reading::instant(in, "received_at")});
        });
    }));
    const auto place = [](const OrderExport& one) { return std::tie(one.hand, one.number); };
    std::ranges::sort(out.exports, {}, place);
    const auto twice = std::ranges::adjacent_find(out.exports, {}, place);
    if (twice != out.exports.end()) {
        return fail(ErrorCode::malformed,
                    fmt::format("/exports: expected each number of a hand once, got {} of {} twice",
                                twice->number, printable(twice->hand)));
    }
    return out;
}

}  // namespace assay::accompaniment
