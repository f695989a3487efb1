#include "verifier/service/casework/site_receipts.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/codec/json_door.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/casework/directory_history.h"
#include "verifier/service/casework/site_case.h"
#include "verifier/service/store/site/site_writes.h"

namespace assay::api::site {
namespace {

using accompaniment::Millis;
using nlohmann::json;
using store::ActReceipt;
using Stored = std::vector<store::SiteDocument>;

constexpr std::int64_t kMostStoredRows = 2'000'000;
constexpr std::int64_t kMostVersions = 1'000'000;
constexpr std::int64_t kBeforeActs = 1;

/// Of acts that were read together.
class Receipts {
  public:
    template <typename Rows>
    static Result<Receipts> of(Service& service, const Rows& rows) {
        std::set<std::int64_t> acts;
        for (const auto& row : rows)
            if (row.act > kBeforeActs) acts.insert(row.act);
        Receipts out;
        out.known_ = TRY(store::SiteWrites(service.store).receipts(acts));
        return out;
    }
    /// Of what was there before there were acts, as it was stored then. An act that is missing came last of
    /// all.
    [[nodiscard]] ActReceipt of(const store::SiteDocument& document) const {
        if (document.act <= kBeforeActs)
            return {document.stored_at * 1000,
                    document.stored_by.empty() ? std::string() : "operator:" + document.stored_by};
        return of_act(document.act);
    }
    [[nodiscard]] ActReceipt of_act(std::int64_t act) const {
        const auto found = known_.find(act);
        constexpr Millis kNever = 253'402'300'799'000;  // the year 9999, which can be written
        return found == known_.end() ? ActReceipt{kNever, {}} : found->second;
    }

  private:
    std::map<std::int64_t, ActReceipt> known_;
};

void set_receipt(json& of, const ActReceipt& receipt) {
    of["received_at"] = accompaniment::instant_text(receipt.at_ms);
    if (receipt.hand.empty())
        of.erase("hand");
    else
        of["hand"] = receipt.hand;
}

ActReceipt later(const ActReceipt& a, const ActReceipt& b) {
    return a.at_ms < b.at_ms ? b : a;
}

struct Number {
    json order;
    ActReceipt receipt;
    std::int64_t act = 0;
    std::string created;  // digest of what it says that the order was when it was created
};

// What an order says that it was created as stands in no change of its history. So where that became another,
// the whole order is no older than this.
json with_receipts(std::vector<Number> numbers) {
    auto& newest = numbers.back();
    std::size_t first = numbers.size() - 1;
    while (first > 0 && !newest.created.empty() && numbers[first - 1].created == newest.created) --first;
    const auto received = numbers[first].receipt;
    auto out = newest.order;
    set_receipt(out, received);
    for (auto& change : out["history"]) {
        const auto has = [&](const Number& number) {
            const auto& all = number.order.value("history", json::array());
            return std::ranges::find(all, change) != all.end();
        };
        set_receipt(change, later(received, std::ranges::find_if(numbers, has)->receipt));
    }
    if (out["history"].empty()) out.erase("history");
    return out;
}

Result<Number> number_of(const store::SiteDocument& document, const ActReceipt& receipt) {
    auto order = TRY(parse_json(document.document, kStoredJson));
    Number out{std::move(order), receipt, document.act, {}};
    if (const auto read = accompaniment::read_order(document.document, ""); read && !read->versions.empty())
        out.created = read->versions.front().digest;
    return out;
}

// Every number of one order, the newest last.
Result<std::vector<Number>> numbers_of(Service& service, const store::SiteDocument& newest,
                                       const Receipts& receipts) {
    std::vector<Number> out;
    if (newest.number > 1) {
        const auto all = TRY(store::SiteDocuments(service.store)
                                 .list({.kind = "order", .id = newest.id, .all_numbers = true}));
        const auto of = TRY(Receipts::of(service, all));
        for (const auto& document : all)
            if (document.number < newest.number) out.push_back(TRY(number_of(document, of.of(document))));
    }
    out.push_back(TRY(number_of(newest, receipts.of(newest))));
    return out;
}

std::string feeds_json(const Stored& newest, const Stored& told, const Receipts& receipts) {
    std::map<std::string, json> passed;
    for (const auto& document : told) {
        auto& of = passed.try_emplace(document.id, json::array()).first->second;
        of.push_back({{"received_at", accompaniment::instant_text(receipts.of(document).at_ms)},
                      {"watermark", accompaniment::instant_text(document.to_ms)}});
    }
    std::string out;
    for (const auto& document : newest) {
        const auto of = passed.find(document.id);
        auto text = document.document;
        if (of != passed.end()) text.insert(text.size() - 1, ",\"passed\":" + of->second.dump());
        out.append(out.empty() ? "" : ",").append(text);
    }
    return "[" + out + "]";
}

// Written without reading each row: there may be a million of them.
Result<std::string> rows_json(const std::vector<store::StoredBadgeRow>& rows, const Receipts& receipts) {
    std::map<std::int64_t, std::string> members;
    std::string out;
    for (const auto& row : rows) {
        auto& more = members[row.act];
        if (more.empty() && row.act > kBeforeActs) {
            const auto receipt = receipts.of_act(row.act);
            more = ",\"received_at\":\"" + accompaniment::instant_text(receipt.at_ms) + '"';
            if (!receipt.hand.empty()) more += ",\"hand\":" + Json(receipt.hand).dump();
        }
        out.append(out.empty() ? "" : ",");
        // Mappings of before kept a time under this name: it was their word.
        if (row.document.contains("\"received_at\"")) {
            auto document = TRY(parse_json(row.document, kStoredJson));
            document.erase("received_at");
            out += document.dump();
        } else {
            out += row.document;
        }
        out.insert(out.size() - 1, more);
    }
    return "[" + out + "]";
}

}  // namespace

Result<std::string> received_orders(Service& service, const Stored& newest, Millis watermark) {
    const auto receipts = TRY(Receipts::of(service, newest));
    const auto exported = TRY(store::SiteDocuments(service.store).list({.kind = "export"}));
    const auto exported_at = TRY(Receipts::of(service, exported));
    std::map<std::int64_t, std::int64_t> export_of;  // act -> the number of its export
    json exports = json::array();
    for (const auto& document : exported) {
        auto one = TRY(parse_json(document.document, kStoredJson));
        export_of[document.act] = one.value("number", std::int64_t{0});
        one["received_at"] = accompaniment::instant_text(exported_at.of(document).at_ms);
        exports.push_back(std::move(one));
    }
    std::string orders;
    for (const auto& document : newest) {
        auto numbers = TRY(numbers_of(service, document, receipts));
        const auto of = export_of.find(numbers.front().act);  // that brought it first
        auto order = with_receipts(std::move(numbers));
        if (of != export_of.end()) order["export"] = of->second;
        orders.append(orders.empty() ? "" : ",").append(order.dump());
    }
    return "{\"orders\":[" + orders + "],\"exports\":" + exports.dump() + ",\"watermark\":\"" +
           accompaniment::instant_text(watermark) + "\"}";
}

Result<std::string> received_badges(Service& service, const accompaniment::Span& wide) {
    auto documents = store::SiteDocuments(service.store);
    const auto rows = TRY(store::BadgeRows(service.store).list(wide.from, wide.to, kMostStoredRows));
    const auto told = TRY(documents.list({.kind = "feed",
                                          .from_ms = wide.from,
                                          .to_ms = wide.to,
                                          .all_numbers = true,
                                          .limit = kMostVersions}));
    const auto feeds =
        feeds_json(TRY(documents.list({.kind = "feed"})), told, TRY(Receipts::of(service, told)));
    return "{\"feeds\":" + feeds + ",\"controllers\":" + joined(TRY(documents.list({.kind = "controller"}))) +
           ",\"releases\":" +
           joined(TRY(documents.list({.kind = "release", .from_ms = wide.from, .to_ms = wide.to}))) +
           ",\"rows\":" + TRY(rows_json(rows, TRY(Receipts::of(service, rows)))) + "}";
}

Result<DirectoryHistory> directory_history(Service& service, std::int64_t newest) {
    auto documents = store::SiteDocuments(service.store);
    DirectoryHistory out;
    if (const auto kept = TRY(documents.newest(kDirectoryHistory, "directory")))
        out = DirectoryHistory::of(TRY(parse_json(kept->document, kStoredJson)));
    for (auto number = out.newest() + 1; number <= newest; ++number) {
        const auto one = TRY(documents.list({.kind = "directory", .id = "directory", .number = number}));
        if (one.empty()) return fail(ErrorCode::internal, fmt::format("directory {} is missing", number));
        out.add(number, TRY(parse_json(one.front().document, kStoredJson)));
    }
    return out;
}

Result<json> received_directory(Service& service) {
    const auto versions = TRY(
        store::SiteDocuments(service.store)
            .list({.kind = "directory", .id = "directory", .all_numbers = true, .without_document = true}));
    if (versions.empty()) {
        return fail(ErrorCode::not_found,
                    "no directory of persons and zones: 'assay people import FILE' gives one");
    }
    const auto receipts = TRY(Receipts::of(service, versions));
    const auto acts = TRY(store::Acts(service.store).list({.subject = "directory", .limit = kMostVersions}));
    DirectoryReceipts all;
    for (const auto& document : versions) {
        const auto receipt = receipts.of(document);
        auto& version = all[document.number];
        version.received_at = receipt.at_ms;
        version.hands = {receipt.hand};
        const auto act = std::ranges::lower_bound(acts, document.act, {}, &store::StoredAct::number);
        if (document.act <= kBeforeActs || act == acts.end() || act->number != document.act) continue;
        version.narrowed = act->kind == to_string(store::ActKind::directory_narrowed);
        const auto said = TRY(parse_json(act->document, kStoredJson));
        if (said.contains("proposed_by")) version.hands.insert(version.hands.begin(), said["proposed_by"]);
    }
    auto out = TRY(directory_history(service, versions.back().number)).document(all);
    json hands = json::array();
    for (const auto& hand : TRY(store::SiteWrites(service.store).hands()))
        hands.push_back({{"id", hand.hand}, {"person", hand.person}});
    out["hands"] = std::move(hands);
    return out;
}

Result<json> received_policy(Service& service) {
    const auto versions = TRY(
        store::SiteDocuments(service.store).list({.kind = "policy", .id = "policy", .all_numbers = true}));
    if (versions.empty()) return json::object();
    const auto receipts = TRY(Receipts::of(service, versions));
    std::map<std::string, ActReceipt> first;  // of each exception, as it is
    json newest;
    for (const auto& document : versions) {
        newest = TRY(parse_json(document.document, kStoredJson));
        for (const auto& exception : newest.value("exceptions", json::array()))
            first.emplace(exception.dump(), receipts.of(document));
    }
    if (!newest.contains("exceptions")) return newest;
    for (auto& exception : newest["exceptions"]) {
        const auto& receipt = first.at(exception.dump());
        exception["received_at"] = accompaniment::instant_text(receipt.at_ms);
    }
    return newest;
}

Result<Millis> judged_since(Service& service) {
    const auto first = TRY(store::SiteDocuments(service.store)
                               .list({.kind = "directory",
                                      .id = "directory",
                                      .all_numbers = true,
                                      .without_document = true,
                                      .limit = 1}));
    return first.empty() ? INT64_MAX : TRY(Receipts::of(service, first)).of(first.front()).at_ms;
}

}  // namespace assay::api::site
