#include "verifier/service/inputs/order_mapping.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"
#include "evidence/codec/mapped_value.h"
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

// A text that holds a list, or a list that holds texts: what is in the latter is not taken apart.
Result<Json> list_of(const MappedTexts& told, std::string_view separator) {
    Json out = Json::array();
    for (const auto& text : told.texts) {
        std::string_view rest = text;
        while (!rest.empty()) {
            const auto end = told.list ? rest.size() : std::min(rest.find(separator), rest.size());
            if (const auto item = trimmed(rest.substr(0, end)); !item.empty()) out.push_back(item);
            rest.remove_prefix(std::min(end + separator.size(), rest.size()));
        }
    }
    return out;
}

// The changes of one record's history, and how many entries they were in.
struct RecordHistory {
    Json changes = Json::array();
    std::size_t entries = 0;
};

class Mapper {
  public:
    explicit Mapper(const OrderMapping& mapping) : mapping_(mapping) {}

    [[nodiscard]] Result<Json> value(std::string_view member, const MappedTexts& told) const {
        if (member == "devices" || member == "changes") {
            std::string all;
            for (const auto& text : told.texts) all += (all.empty() ? "" : ";") + text;
            return rules(member, all);
        }
        if (is_list(member)) return list_of(told, mapping_.separator);
        if (told.list)
            return fail(ErrorCode::malformed,
                        fmt::format("{}: expected one text, got a list of {}", member, told.texts.size()));
        const auto text = told.texts.empty() ? std::string() : told.texts.front();
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

    // An entry of a history; its changes go into `into`.
    Result<> entry(JsonReader& in, RecordHistory& into) {
        ++into.entries;
        const auto at = TRY(mapped_text(in, mapping_.at));
        const auto by = TRY(mapped_text(in, mapping_.by));
        Result<> good;
        const auto one = [&](const JsonReader& item) {
            auto change = this->change(item, at, by);
            if (!change)
                good = std::unexpected(change.error());
            else if (!change->is_null())
                into.changes.push_back(*std::move(change));
        };
        if (mapping_.items.empty() || !in.each_at(mapping_.items, one)) one(in);
        return good;
    }

    // One list for all records, by what tells them apart.
    Result<> read_history(JsonReader& all) {
        if (mapping_.history.empty() || mapping_.history_of.empty()) return {};
        const auto read = [&](JsonReader& in) {
            if (auto good = shared_entry(in); !good) in.refuse("", good.error());
        };
        if (!all.each_at(mapping_.history, read)) return no_history("the export");
        return all.finish();
    }

    Result<Json> order(JsonReader& record) {
        Json out{{"history", Json::array()}};
        for (const auto& [member, text] : mapping_.fixed)
            out[member] = TRY(value(member, MappedTexts{.texts = {text}, .list = false}));
        for (const auto& [member, path] : mapping_.columns)
            out[member] = TRY(value(member, TRY(mapped_texts(record, path))));
        if (!mapping_.history.empty())
            out["history"] = TRY(mapping_.history_of.empty() ? own_history(record) : shared_history(record));
        TRY_VOID(accompaniment::read_order(out.dump(), "", accompaniment::Source::import));
        counted_.changes += out["history"].size();
        return out;
    }

    // When all orders are read: what was counted, and what is left of the history.
    Result<MappedOrders> finish(Json orders) {
        for (const auto& [of, history] : shared_) {
            counted_.strays += history.entries;
            if (counted_.stray_of.size() < MappedOrders::kStrays) counted_.stray_of.push_back(of);
        }
        // Where not one entry belongs to an order, it is the mapping that joins them wrongly.
        const bool lost = joined_ == 0 && !orders.empty();
        if (lost && counted_.strays == 0 && counted_.other_entries > 0)
            return fail(
                ErrorCode::malformed,
                fmt::format("none of the {} entries of \"{}\" is one that the mapping's [history.keep] lists "
                            "by \"{}\"; add what they have there",
                            counted_.other_entries, printable(mapping_.history),
                            printable(mapping_.keep_path)));
        if (lost && counted_.strays > 0)
            return fail(
                ErrorCode::malformed,
                fmt::format("none of the {} entries of \"{}\" belongs to an order of the export: \"{}\" is "
                            "\"{}\" there, and \"{}\" of an order is \"{}\". Let [history] record name the "
                            "member of an order that {} holds, and export them together",
                            counted_.strays, printable(mapping_.history), printable(mapping_.history_of),
                            printable(counted_.stray_of.front()), printable(record_path()),
                            printable(a_record_), printable(mapping_.history_of)));
        counted_.orders = std::move(orders);
        return std::move(counted_);
    }

  private:
    [[nodiscard]] const std::string& record_path() const {
        return mapping_.record.empty() ? mapping_.columns.at("id") : mapping_.record;
    }

    [[nodiscard]] std::unexpected<Error> no_history(std::string_view where) const {
        return fail(
            ErrorCode::malformed,
            fmt::format("expected the history at \"{}\" in {}, got none: without it nothing is approved; "
                        "export it with the orders (docs/formats/feeds.md says how)",
                        printable(mapping_.history), where));
    }

    Result<Json> change(const JsonReader& item, const std::string& at, const std::string& by) {
        const auto field = mapping_.fields.find(TRY(mapped_text(item, mapping_.field)));
        if (field == mapping_.fields.end()) {
            ++counted_.other_fields;
            return Json();
        }
        const auto when = TRY(with_context(parse_feed_time(mapping_.time, at), "history"));
        auto before = TRY(value(field->second, TRY(mapped_texts(item, mapping_.before))));
        auto after = TRY(value(field->second, TRY(mapped_texts(item, mapping_.after))));
        if (before == after) return Json();  // from one of their words to another that means the same
        return Json{{"at", accompaniment::instant_text(when.to)},
                    {"by", by},
                    {"field", field->second},
                    {"old", std::move(before)},
                    {"new", std::move(after)}};
    }

    Result<> shared_entry(JsonReader& in) {
        if (!mapping_.keep_path.empty()) {
            const auto kind = TRY(mapped_text(in, mapping_.keep_path));
            // An entry that does not say it may be one of them.
            if (!kind.empty() && std::ranges::find(mapping_.keep, kind) == mapping_.keep.end()) {
                ++counted_.other_entries;
                return {};
            }
        }
        const auto of = TRY(mapped_text(in, mapping_.history_of));
        if (of.empty())
            return fail(ErrorCode::malformed,
                        fmt::format("expected \"{}\", which says whose history it is, got "
                                    "none",
                                    printable(mapping_.history_of)));
        return entry(in, shared_[of]);
    }

    Result<Json> shared_history(const JsonReader& record) {
        a_record_ = TRY(mapped_text(record, record_path()));
        if (a_record_.empty())
            return fail(ErrorCode::malformed,
                        fmt::format("expected \"{}\", by which its history is found, got none; export it too",
                                    printable(record_path())));
        const auto found = shared_.extract(a_record_);
        if (found.empty()) return Json::array();
        joined_ += found.mapped().entries;
        return std::move(found.mapped().changes);
    }

    Result<Json> own_history(JsonReader& record) {
        RecordHistory own;
        const auto read = [&](JsonReader& in) {
            if (auto good = entry(in, own); !good) in.refuse("", good.error());
        };
        if (!record.each_at(mapping_.history, read)) return no_history("each order");
        const auto total = TRY(mapped_text(record, mapping_.total));
        if (!total.empty() && total != fmt::format("{}", own.entries))
            return fail(
                ErrorCode::malformed,
                fmt::format("expected the {} entries that its history has, got {}: the export was cut; "
                            "export the rest of it too",
                            shortened(printable(total), 20), own.entries));
        return std::move(own.changes);
    }

    const OrderMapping& mapping_;
    std::map<std::string, RecordHistory, std::less<>> shared_;
    std::size_t joined_ = 0;
    std::string a_record_;
    MappedOrders counted_;
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
        TRY_VOID(history->only(
            {"list", "order", "record", "total", "at", "by", "items", "field", "old", "new", "keep"}));
        out.history = TRY(history->text("list"));
        out.history_of = TRY(history->optional_text("order")).value_or("");
        out.record = TRY(history->optional_text("record")).value_or("");
        out.total = TRY(history->optional_text("total")).value_or("");
        if (const auto keep = TRY(history->optional_table("keep"))) {
            TRY_VOID(keep->only({"field", "values"}));
            out.keep_path = TRY(keep->text("field"));
            out.keep = TRY(keep->texts("values"));
        }
        for (const auto* shared : {"record", "keep"}) {
            if (out.history_of.empty() && history->has(shared))
                return history->refuse(shared,
                                       "expected order with it, got none: it is for one list of all "
                                       "histories; add order = \"...\" or leave it out");
        }
        if (!out.history_of.empty() && !out.total.empty())
            return history->refuse("total",
                                   "expected each order's own history, got one list for all; leave out "
                                   "total or order");
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

Result<MappedOrders> map_orders(std::string_view exported, const OrderMapping& mapping) {
    JsonReader all(exported,
                   {.limits = {.bytes = 64U << 20U, .depth = 32, .values = 4'000'000}, .open = true});
    TRY_VOID(all.finish());
    Mapper mapper(mapping);
    Json out = Json::array();
    const auto add = [&](JsonReader& record) {
        auto order =
            with_context(mapper.order(record), fmt::format("order {} of the export", out.size() + 1));
        if (order)
            out.push_back(*std::move(order));
        else
            record.refuse("", order.error());
    };
    TRY_VOID(mapper.read_history(all));
    const bool found = all.each_at(mapping.records, add);
    TRY_VOID(all.finish());
    if (!found)
        return fail(ErrorCode::malformed,
                    fmt::format("no list of orders at \"{}\"; the mapping's \"records\" says where it is",
                                printable(mapping.records)));
    return mapper.finish(std::move(out));
}

}  // namespace assay::inputs
