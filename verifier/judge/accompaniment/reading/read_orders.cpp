#include <algorithm>
#include <array>
#include <map>

#include <fmt/core.h>

#include "evidence/base/stable_sort.h"
#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/judge/accompaniment/reading/reading.h"

// An order says what it is now, and by its history what it was. Its versions are the truth that is judged.
namespace assay::accompaniment {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 11> kFields = {"issuer",  "requester",    "technicians", "escorts",
                                                      "hosts",   "racks",        "from",        "to",
                                                      "devices", "remote_media", "state"};

// Of a field, as it is when it was never set.
json unset(std::string_view field) {
    if (field == "technicians" || field == "escorts" || field == "hosts" || field == "racks" ||
        field == "devices")
        return json::array();
    if (field == "remote_media") return false;
    return field == "state" ? "draft" : "";
}

// Two ways to write one time, or nothing at all, are one value.
json normal(std::string_view field, const json* value) {
    if (value == nullptr || value->is_null()) return unset(field);
    if ((field == "from" || field == "to") && value->is_string()) {
        const auto at = parse_instant(value->get_ref<const std::string&>());
        if (at) return instant_text(*at);
    }
    return *value;
}

OrderFields fields_of(JsonFields& in) {
    OrderFields out;
    out.issuer = in.text_or("issuer");
    out.requester = in.text_or("requester");
    out.technicians = in.texts_or_none("technicians");
    out.escorts = in.texts_or_none("escorts");
    out.hosts = in.texts_or_none("hosts");
    out.racks = in.texts_or_none("racks");
    out.window = {
        in.raw("from") == nullptr || in.raw("from")->get<std::string>().empty() ? 0 : in.instant("from"),
        in.raw("to") == nullptr || in.raw("to")->get<std::string>().empty() ? 0 : in.instant("to")};
    out.devices = reading::device_rules(in, "devices");
    out.remote_media = in.flag_or("remote_media", false);
    out.state = in.text_or("state", "draft");
    return out;
}

struct Change {
    Millis at = 0;
    std::string by;
    std::string field;
    json before, after;
};

std::vector<Change> history_of(JsonFields& in) {
    std::vector<Change> out;
    in.each("history", [&](JsonFields& entry) {
        Change change{.at = entry.instant("at"),
                      .by = entry.text("by"),
                      .field = entry.text("field"),
                      .before = {},
                      .after = {}};
        if (!entry.failed() && std::ranges::find(kFields, change.field) == kFields.end())
            entry.wrong("field",
                        "a field of the order: issuer, requester, technicians, escorts, hosts, racks, from, "
                        "to, devices, remote_media or state");
        change.before = normal(change.field, entry.raw("old"));
        change.after = normal(change.field, entry.raw("new"));
        out.push_back(std::move(change));
    });
    sort_stably(out, {}, &Change::at);
    return out;
}

// The fields' state at one time as JSON, read into a version.
OrderVersion version_of(const json& state, const std::string& id, std::string_view place,
                        std::optional<Error>& error) {
    OrderVersion out;
    JsonFields in(state, std::string(place), error);
    // A text in place of a time or a list would throw below; it is refused here.
    for (const auto* key : {"from", "to"}) {
        if (in.raw(key) != nullptr && !in.raw(key)->is_string()) {
            in.wrong(key, "a time");
            return out;
        }
    }
    out.fields = fields_of(in);
    out.digest = reading::digest_of(json{{"id", id}, {"fields", state}});
    return out;
}

// Undoes the history from its end: what is left is the order as it was created.
void rebuild(WorkOrder& order, json state, std::vector<Change> history, std::string_view place,
             std::optional<Error>& error) {
    while (!history.empty() && !error) {
        const auto at = history.back().at;
        const auto by = history.back().by;
        auto version = version_of(state, order.id, place, error);
        version.from = std::max(at, order.created_at);
        version.by = by;
        while (!history.empty() && history.back().at == at && history.back().by == by) {
            const auto& change = history.back();
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
    auto first = version_of(state, order.id, place, error);
    first.from = order.created_at;
    first.by = order.created_by;
    if (first.fields.state != "draft") first.changed.emplace_back("state");
    order.versions.push_back(std::move(first));
    std::ranges::reverse(order.versions);
}

}  // namespace

Result<WorkOrder> read_order(const json& value, std::string_view place) {
    WorkOrder order;
    std::optional<Error> error;
    JsonFields in(value, std::string(place), error);
    order.id = in.text("id");
    order.created_at = in.instant("created_at");
    order.created_by = in.text("created_by");
    auto history = history_of(in);
    json state;
    for (const auto field : kFields) state[std::string(field)] = normal(field, in.raw(field));
    in.done();
    // What it says now must be whole; what it said before may have been empty.
    if (!error) {
        for (const auto* key : {"issuer", "requester", "from", "to"}) {
            if (state[key] == "") in.wrong(key, "a value");
        }
    }
    if (!error) rebuild(order, std::move(state), std::move(history), place, error);
    if (!error && order.versions.back().fields.window.to < order.versions.back().fields.window.from)
        in.wrong("to", "a time not before \"from\"");
    if (error) return std::unexpected(*std::move(error));
    return order;
}

Result<OrderFile> read_orders(std::string_view text) {
    OrderFile out;
    const auto document = TRY(parse_json(text, reading::kFile));
    std::optional<Error> error;
    JsonFields file(document, "", error);
    out.watermark = file.instant("watermark");
    const auto* list = file.raw("orders");
    file.done();
    if (error) return std::unexpected(*std::move(error));
    if (list != nullptr && !list->is_array())
        return fail(ErrorCode::malformed, "/orders: expected a list of objects; write [{...}]");
    std::set<std::string> ids;
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        out.orders.push_back(TRY(read_order((*list)[i], "/orders/" + std::to_string(i))));
        if (!ids.insert(out.orders.back().id).second)
            return fail(ErrorCode::malformed, fmt::format("/orders/{}/id: \"{}\" is there twice", i,
                                                          printable(out.orders.back().id)));
    }
    return out;
}

}  // namespace assay::accompaniment
