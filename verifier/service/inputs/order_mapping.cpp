#include "verifier/service/inputs/order_mapping.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"
#include "evidence/codec/toml_file.h"
#include "verifier/judge/accompaniment/reading/case.h"

namespace assay::inputs {
namespace {

constexpr std::array<std::string_view, 6> kLists = {"technicians", "escorts", "hosts",
                                                    "racks",       "devices", "changes"};
constexpr std::array<std::string_view, 14> kOrderMembers = {
    "id",   "issuer", "requester", "technicians", "escorts", "hosts",      "racks",
    "from", "to",     "devices",   "changes",     "state",   "created_at", "created_by"};

bool is_list(std::string_view member) {
    return std::ranges::find(kLists, member) != kLists.end();
}
bool is_time(std::string_view member) {
    return member == "from" || member == "to" || member == "created_at";
}

Result<OrderMapping::Names> names(const TomlReader& in, std::string_view key, bool members) {
    const auto table = TRY(in.optional_table(key));
    if (!table) return OrderMapping::Names{};
    auto out = TRY(table->named_texts());
    for (const auto& [name, text] : out) {
        if (members && std::ranges::find(kOrderMembers, name) == kOrderMembers.end())
            return table->refuse(
                name, fmt::format("'{}' is no member of an order; docs/formats/feeds.md lists them",
                                  printable(name)));
    }
    return out;
}

// "serial=4C53 kind=storage; kind=hid" as device rules, "what=firmware component=bios to=2.20" as changes.
Result<Json> rules(std::string_view member, std::string_view text) {
    Json out = Json::array();
    while (!text.empty()) {
        const auto end = std::min(text.find(';'), text.size());
        auto one = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        Json rule = Json::object();
        while (!one.empty()) {
            const auto space = std::min(one.find(' '), one.size());
            const auto word = one.substr(0, space);
            one = trimmed(one.substr(space));
            const auto equals = word.find('=');
            if (equals == std::string_view::npos)
                return fail(ErrorCode::malformed,
                            fmt::format("{}: expected name=value, as kind=storage, got \"{}\"", member,
                                        printable(word)));
            rule[word.substr(0, equals)] = word.substr(equals + 1);
        }
        if (!rule.empty()) out.push_back(std::move(rule));
    }
    return out;
}

class Mapper {
  public:
    explicit Mapper(const OrderMapping& mapping) : mapping_(mapping) {}

    [[nodiscard]] Result<Json> value(std::string_view member, const std::string& text) const {
        if (member == "devices" || member == "changes") return rules(member, text);
        if (is_list(member)) {
            Json out = Json::array();
            std::string_view rest = text;
            while (!rest.empty()) {
                const auto end = std::min(rest.find(mapping_.separator), rest.size());
                if (const auto item = trimmed(rest.substr(0, end)); !item.empty()) out.push_back(item);
                rest.remove_prefix(std::min(end + mapping_.separator.size(), rest.size()));
            }
            return out;
        }
        if (is_time(member)) {
            if (text.empty()) return Json("");
            const auto span = TRY(with_context(parse_feed_time(mapping_.time, text), member));
            if (span.from != span.to && mapping_.time.zone == nullptr)
                return fail(ErrorCode::malformed,
                            fmt::format("{}: expected an offset with the time, got none; give the mapping's "
                                        "[time] a time_zone or utc_offset",
                                        member));
            // Of an hour that comes twice, the narrower window.
            return Json(accompaniment::instant_text(member == "to" ? span.from : span.to));
        }
        if (member == "state") {
            const auto word = mapping_.states.find(text);
            return Json(word == mapping_.states.end() ? "unknown: " + text : word->second);
        }
        return Json(text);
    }

    [[nodiscard]] Result<Json> change(const JsonReader& item, const std::string& at,
                                      const std::string& by) const {
        const auto field = mapping_.fields.find(item.text_at(mapping_.field));
        if (field == mapping_.fields.end()) return Json();
        const auto when = TRY(with_context(parse_feed_time(mapping_.time, at), "history"));
        auto before = TRY(value(field->second, item.text_at(mapping_.before)));
        auto after = TRY(value(field->second, item.text_at(mapping_.after)));
        if (before == after) return Json();  // from one of their words to another that means the same
        return Json{{"at", accompaniment::instant_text(when.to)},
                    {"by", by},
                    {"field", field->second},
                    {"old", std::move(before)},
                    {"new", std::move(after)}};
    }

    void add_history(Json& order, JsonReader& entry) const {
        if (!mapping_.history_of.empty() && Json(entry.text_at(mapping_.history_of)) != order["id"]) return;
        const auto add = [&](JsonReader& item) {
            auto change = this->change(item, entry.text_at(mapping_.at), entry.text_at(mapping_.by));
            if (!change) return entry.refuse("", change.error());
            if (!change->is_null()) order["history"].push_back(*std::move(change));
        };
        if (mapping_.items.empty() || !entry.each_at(mapping_.items, add)) add(entry);
    }

    [[nodiscard]] Result<Json> order(JsonReader& record, JsonReader& all) const {
        Json out{{"history", Json::array()}};
        for (const auto& [member, text] : mapping_.fixed) out[member] = TRY(value(member, text));
        for (const auto& [member, path] : mapping_.columns)
            out[member] = TRY(value(member, record.text_at(path)));
        if (!mapping_.history.empty()) {
            auto& holder = mapping_.history_of.empty() ? record : all;
            holder.each_at(mapping_.history, [&](JsonReader& entry) { add_history(out, entry); });
        }
        TRY_VOID(all.finish());
        TRY_VOID(accompaniment::read_order(out.dump(), "", accompaniment::Source::import));
        return out;
    }

  private:
    const OrderMapping& mapping_;
};

}  // namespace

Result<OrderMapping> read_order_mapping(const std::string& name, std::string_view text) {
    const auto file = TRY(TomlFile::parse(name, text));
    const auto in = file.root();
    TRY_VOID(
        in.only({"kind", "records", "separator", "time", "columns", "fixed", "states", "history", "fields"}));
    if (const auto kind = TRY(in.text("kind")); kind != "orders")
        return in.refuse("kind", fmt::format("expected \"orders\", got \"{}\"", printable(kind)));
    OrderMapping out;
    out.records = TRY(in.optional_text("records")).value_or("");
    out.separator = TRY(in.optional_text("separator")).value_or(",");
    if (const auto time = TRY(in.optional_table("time"))) out.time = TRY(read_time_form(*time));
    out.columns = TRY(names(in, "columns", true));
    out.fixed = TRY(names(in, "fixed", true));
    out.states = TRY(names(in, "states", false));
    out.fields = TRY(names(in, "fields", false));
    if (const auto history = TRY(in.optional_table("history"))) {
        TRY_VOID(history->only({"list", "order", "at", "by", "items", "field", "old", "new"}));
        out.history = TRY(history->text("list"));
        out.history_of = TRY(history->optional_text("order")).value_or("");
        out.at = TRY(history->text("at"));
        out.by = TRY(history->text("by"));
        out.items = TRY(history->optional_text("items")).value_or("");
        out.field = TRY(history->text("field"));
        out.before = TRY(history->text("old"));
        out.after = TRY(history->text("new"));
    }
    for (const auto* wanted : {"id", "state"}) {
        if (!out.columns.contains(wanted))
            return in.refuse("columns", fmt::format("expected a column for {}, got none; add {} = \"...\"",
                                                    wanted, wanted));
    }
    return out;
}

Result<Json> map_orders(std::string_view exported, const OrderMapping& mapping) {
    JsonReader all(exported,
                   {.limits = {.bytes = 64U << 20U, .depth = 32, .values = 4'000'000}, .open = true});
    const Mapper mapper(mapping);
    Json out = Json::array();
    const auto add = [&](JsonReader& record) {
        auto order =
            with_context(mapper.order(record, all), fmt::format("order {} of the export", out.size() + 1));
        if (order)
            out.push_back(*std::move(order));
        else
            record.refuse("", order.error());
    };
    if (!all.each_at(mapping.records, add))
        return fail(ErrorCode::malformed,
                    fmt::format("no list of orders at \"{}\"; the mapping's \"records\" says where it is",
                                printable(mapping.records)));
    TRY_VOID(all.finish());
    return out;
}

}  // namespace assay::inputs
