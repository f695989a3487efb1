#include "verifier/service/casework/site.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "verifier/judge/accompaniment/timeline/timeline.h"
#include "verifier/judge/accompaniment/verdict/verdict_json.h"
#include "verifier/judge/devices/device_sightings.h"
#include "verifier/service/casework/improved_verdict.h"
#include "verifier/service/casework/site_case.h"
#include "verifier/service/casework/site_receipts.h"

namespace assay::api::site {
namespace {

using accompaniment::Span;
using nlohmann::json;

constexpr std::size_t kResultText = 1024;  // bytes of a text that goes into a result

// What decides, as JSON: texts and the digests of inputs may change without changing the verdict.
std::string decisive(const accompaniment::Verdict& verdict) {
    auto notes = Json::array();
    for (const auto& note : verdict.notes) notes.push_back({note.id, to_string(note.severity)});
    Json out{{"row", verdict.row},       {"outcome", accompaniment::info(verdict.outcome).name},
             {"reason", verdict.reason}, {"severity", to_string(verdict.severity)},
             {"order", verdict.order},   {"technician", verdict.technician},
             {"escort", verdict.escort}, {"count", verdict.count},
             {"notes", std::move(notes)}};
    for (std::size_t i = 0; i < verdict.conditions.size(); ++i)
        out[fmt::format("A{}", i + 1)] = to_string(verdict.conditions[i].value);
    if (verdict.improved) out["improved"] = deciding(*verdict.improved);
    return out.dump();
}

// All events of one host, with those that are not stored yet, as they pair up.
Result<std::vector<accompaniment::Occurrence>> occurrences_of_host(
    Service& service, const std::string& host, const Span& span, const accompaniment::Policy& policy,
    const std::vector<store::SiteDocument>& fresh = {}) {
    const auto wide = widened(span);
    auto documents = TRY(store::SiteDocuments(service.store)
                             .list({.kind = "event", .host = host, .from_ms = wide.from, .to_ms = wide.to}));
    std::erase_if(documents, [&](const store::SiteDocument& stored) {
        return std::ranges::any_of(fresh, [&](const auto& event) { return event.id == stored.id; });
    });
    documents.insert(documents.end(), fresh.begin(), fresh.end());
    auto events = TRY(accompaniment::read_events("{\"events\":" + joined(documents) + "}"));
    return accompaniment::occurrences_of(std::move(events), policy);
}

// "rack-7/41" is of record 41.
std::uint64_t record_of(std::string_view event) {
    std::uint64_t record = 0;
    const auto digits = event.substr(std::min(event.rfind('/') + 1, event.size()));
    std::from_chars(digits.data(), digits.data() + digits.size(), record);
    return record;
}

struct Wanted {
    Span span{INT64_MAX, INT64_MIN};
    std::set<std::string> events;
};

Result<std::map<std::string, Wanted>> wanted_of(Service& service, const Scope& scope) {
    std::map<std::string, Wanted> out;
    const auto add = [&](const store::SiteDocument& document) {
        auto& of = out[document.host];
        of.events.insert(document.id);
        of.span.from = std::min(of.span.from, document.from_ms);
        of.span.to = std::max(of.span.to, document.to_ms);
    };
    const auto host = scope.host.empty() ? std::nullopt : std::optional(scope.host);
    for (const auto& document :
         TRY(store::SiteDocuments(service.store)
                 .list(
                     {.kind = "event", .host = host, .from_ms = scope.span.from, .to_ms = scope.span.to}))) {
        add(document);
    }
    if (scope.open_ones) {
        for (const auto& document : TRY(store::SiteDocuments(service.store)
                                            .list({.kind = "event", .host = host, .open_only = true}))) {
            add(document);
            auto& span = out[document.host].span;
            span.to = std::max(span.to, service.now() * 1000);  // its device may still be in
        }
    }
    return out;
}

// A verdict with what decides in it, and whether nothing can change it any more but what is late.
struct Ruling {
    accompaniment::Verdict verdict;
    std::string digest;
    bool settled = false;
};

// `newest`: the verdict before, number 0 where there is none.
Result<Ruling> rule(Service& service, const accompaniment::Occurrence& occurrence,
                    const accompaniment::Knowledge& knowledge, const store::SiteDocument& newest,
                    std::int64_t now) {
    Ruling out;
    out.verdict = accompaniment::judge(occurrence, knowledge, now * 1000);
    out.verdict.improved = TRY(improved_by(service, newest, out.verdict));
    out.digest = sha256(as_view(decisive(out.verdict))).hex();
    // A device that is still in can be left alone yet.
    const bool may_be_left = !occurrence.removal && out.verdict.row.value_or(0) >= 12;
    out.settled = !accompaniment::is_open(out.verdict) && !may_be_left;
    return out;
}

// As it is stored, with its picture.
store::SiteDocument stored(const Ruling& ruling, const accompaniment::Occurrence& occurrence,
                           const accompaniment::Knowledge& knowledge, const std::string& host,
                           std::int64_t now) {
    auto document = accompaniment::to_json(ruling.verdict);
    document["judged_at"] = accompaniment::instant_text(now * 1000);
    document["timeline"] =
        accompaniment::to_json(accompaniment::timeline_of(ruling.verdict, occurrence, knowledge, now * 1000));
    return {.kind = "verdict",
            .id = ruling.verdict.event,
            .host = host,
            .from_ms = ruling.verdict.time.from,
            .to_ms = ruling.verdict.time.to,
            .digest = ruling.digest,
            .document = document.dump(),
            .stored_at = now,
            .stored_by = "verifier"};
}

// The newest verdicts of a host before its case was read. What was judged by less than they were does not
// take their place.
class VerdictsBefore {
  public:
    static Result<VerdictsBefore> read(Service& service, const std::string& host, const Span& span) {
        VerdictsBefore out;
        for (auto& verdict : TRY(store::SiteDocuments(service.store)
                                     .list({.kind = "verdict",
                                            .host = host,
                                            .from_ms = widened(span).from,
                                            .without_document = true}))) {
            out.newest_.emplace(verdict.id, std::move(verdict));
        }
        return out;
    }
    // Number 0 where there is none: then there was none before.
    [[nodiscard]] Result<store::SiteDocument> of(Service& service, const std::string& event) const {
        if (const auto found = newest_.find(event); found != newest_.end()) return found->second;
        auto late = TRY(store::SiteDocuments(service.store)
                            .list({.kind = "verdict", .id = event, .without_document = true}));
        return late.empty() ? store::SiteDocument() : std::move(late.front());
    }

  private:
    std::map<std::string, store::SiteDocument> newest_;
};

bool is_of(const accompaniment::Occurrence& occurrence, const std::set<std::string>& events) {
    return events.contains(occurrence.event.id) ||
           std::ranges::any_of(occurrence.also, [&](const auto& id) { return events.contains(id); });
}

Result<std::string> outcome_of(Service& service, const store::SiteDocument& verdict) {
    if (verdict.number == 0) return std::string();
    const auto found = TRY(store::SiteDocuments(service.store).newest("verdict", verdict.id));
    if (!found) return std::string();
    JsonReader before(found->document, {.limits = kStoredJson, .open = true});
    return std::string(before.peek("outcome"));
}

// Before there was a directory it was judged by work sessions, and told so.
bool is_older(const accompaniment::Occurrence& occurrence, const store::SiteDocument& newest,
              accompaniment::Millis since) {
    return newest.number == 0 && occurrence.event.time.to < since;
}

store::Written<Rejudged> rejudge_host(Service& service, const std::string& host, const Wanted& wanted) {
    Rejudged out;
    const auto now = service.now();
    const auto before = TRY(VerdictsBefore::read(service, host, wanted.span));
    const auto knowledge = TRY(knowledge_of(service, wanted.span));
    const auto since = TRY(judged_since(service));
    std::vector<store::SiteDocument> verdicts;
    std::vector<std::string> settled, changed;
    for (const auto& occurrence : TRY(occurrences_of_host(service, host, wanted.span, knowledge->policy()))) {
        if (!is_of(occurrence, wanted.events)) continue;
        const auto& event = occurrence.event.id;
        const auto newest = TRY(before.of(service, event));
        if (is_older(occurrence, newest, since)) {
            settled.push_back(event);
            settled.insert(settled.end(), occurrence.also.begin(), occurrence.also.end());
            continue;
        }
        ++out.events;
        const auto ruling = TRY(rule(service, occurrence, *knowledge, newest, now));
        const bool same = newest.number != 0 && newest.digest == ruling.digest;
        // The host's next report tells what became of it, and settles it; before the first directory nobody
        // was told of a verdict.
        if (newest.number != 0 && !same) changed.push_back(event);
        if (newest.number == 0 && ruling.settled) {
            settled.push_back(event);
            settled.insert(settled.end(), occurrence.also.begin(), occurrence.also.end());
        }
        if (same) continue;
        const auto was = TRY(outcome_of(service, newest));
        const std::string outcome(accompaniment::info(ruling.verdict.outcome).name);
        if (was != outcome) out.changes.push_back({host, event, was, outcome});
        verdicts.push_back(stored(ruling, occurrence, *knowledge, host, now));
        verdicts.back().made_from = newest.number;
    }
    TRY_VOID(store::SiteDocuments(service.store).add_verdicts(verdicts, settled, changed));
    return out;
}

// Of a record that the host delivered before.
MatterDevice device_of(const accompaniment::Occurrence& occurrence) {
    const auto& event = occurrence.event;
    const auto& device = event.device;
    MatterDevice out;
    if (!device.vid.empty()) out.ids = fmt::format("{}:{}", device.vid, device.pid);
    if (!device.vid.empty() || !device.digest.empty()) {
        const auto identity =
            judge::device_identity(device.vid.empty() ? device.digest : out.ids, device.serial);
        out.identity = from_hex(identity, identity.size()).value_or(Bytes());
    }
    if (out.ids.empty()) out.ids = "unknown device";
    out.descriptors = from_hex(device.digest, device.digest.size()).value_or(Bytes());
    out.serial = device.serial;
    out.port = device.port.substr(device.port.rfind('/') + 1);  // of a drive its path
    out.controller = device.controller;
    out.how = to_string(event.kind);
    out.came_from_ms = event.time.from;
    out.came_to_ms = event.time.to;
    out.count = occurrence.count;
    if (const auto& removal = occurrence.removal) {
        out.gone_record = record_of(removal->id);
        out.gone_from_ms = removal->time.from;
        out.gone_to_ms = removal->time.to;
    }
    return out;
}

JudgedEvent judged_event(const Ruling& ruling) {
    const auto& verdict = ruling.verdict;
    JudgedEvent out{.record = record_of(verdict.event),
                    .outcome = std::string(accompaniment::info(verdict.outcome).name),
                    .row = verdict.row.value_or(-1),
                    .reason = verdict.reason,
                    .severity = std::string(to_string(verdict.severity)),
                    .text = shortened(verdict.text, kResultText),
                    .sha256 = sha256(as_view(accompaniment::to_json(verdict).dump())).hex(),
                    .notes = {},
                    .device = {}};
    if (verdict.improved) {
        out.notes.push_back({"VERDICT_IMPROVED", std::string(to_string(accompaniment::Severity::medium)),
                             shortened(in_words(*verdict.improved, verdict), kResultText)});
    }
    for (const auto& note : verdict.notes) {
        if (out.notes.size() == limits::kJudgedNotes) break;
        out.notes.push_back(
            {note.id, std::string(to_string(note.severity)), shortened(note.text, kResultText)});
    }
    return out;
}

}  // namespace

Result<bool> has_directory(Service& service) {
    return store::SiteDocuments(service.store).has("directory", "directory");
}

void leave_names_out(json& directory) {
    for (auto& person : directory["persons"]) person.erase("name");
}

store::SiteDocument stamped(Service& service, store::SiteDocument document, const std::string& by) {
    if (document.digest.empty()) document.digest = sha256(as_view(document.document)).hex();
    document.stored_at = service.now();
    document.stored_by = by;
    return document;
}

Result<Rejudged> rejudge(Service& service, const Scope& scope) {
    Rejudged out;
    if (!TRY(has_directory(service))) return out;
    for (const auto& [host, wanted] : TRY(wanted_of(service, scope))) {
        auto judged = TRY(made_anew([&] { return rejudge_host(service, host, wanted); }));
        out.events += judged.events;
        std::ranges::move(judged.changes, std::back_inserter(out.changes));
    }
    return out;
}

Result<Rejudged> judge_left(Service& service) {
    const auto left = TRY(store::SiteDocuments(service.store).list({.kind = "to-judge", .open_only = true}));
    Scope scope;
    if (!left.empty()) scope.span = {INT64_MAX, INT64_MIN};
    for (const auto& each : left)
        scope.span = {std::min(scope.span.from, each.from_ms), std::max(scope.span.to, each.to_ms)};
    auto out = TRY(rejudge(service, scope));
    TRY_VOID(store::SiteDocuments(service.store).settle(left));
    return out;
}

Result<Judged> judged_now(Service& service, const store::Host& of,
                          std::vector<store::SiteDocument>& documents) {
    Judged out;
    if (of.none.directory) return out;
    const auto& host = of.known.name;
    Span span{INT64_MAX, INT64_MIN};
    std::set<std::string> wanted, earlier;
    const auto want = [&](const store::SiteDocument& document) {
        wanted.insert(document.id);
        span = {std::min(span.from, document.from_ms), std::max(span.to, document.to_ms)};
    };
    std::vector<store::SiteDocument> events, statements;
    for (const auto& document : documents)
        (document.kind == "event" ? events : statements).push_back(document);
    for (const auto& event : events) want(event);
    if (!of.none.open_events) {
        for (const auto& document : TRY(store::SiteDocuments(service.store)
                                            .list({.kind = "event", .host = host, .open_only = true}))) {
            if (!wanted.contains(document.id)) earlier.insert(document.id);
            want(document);
        }
    }
    out.events.emplace();
    if (wanted.empty()) return out;  // a steady report: no case is made for it
    const auto now = service.now();
    span = {std::min(span.from, now * 1000), std::max(span.to, now * 1000)};
    const auto before = TRY(VerdictsBefore::read(service, host, span));
    const auto knowledge = TRY(knowledge_of(service, span, statements));
    const auto since = TRY(judged_since(service));
    std::vector<store::SiteDocument> verdicts;
    for (const auto& occurrence :
         TRY(occurrences_of_host(service, host, span, knowledge->policy(), events))) {
        if (!is_of(occurrence, wanted) || out.events->size() == limits::kJudgedEvents) continue;
        const auto newest = TRY(before.of(service, occurrence.event.id));
        const bool is_news =
            std::ranges::find(events, occurrence.event.id, &store::SiteDocument::id) != events.end();
        if (!is_news && is_older(occurrence, newest, since)) continue;
        const auto ruling = TRY(rule(service, occurrence, *knowledge, newest, now));
        out.events->push_back(judged_event(ruling));
        if (!is_news) out.events->back().device = device_of(occurrence);
        verdicts.push_back(stored(ruling, occurrence, *knowledge, host, now));
        verdicts.back().made_from = newest.number;
        if (!ruling.settled) continue;
        auto ids = occurrence.also;
        ids.push_back(occurrence.event.id);
        for (auto& event : documents)
            if (std::ranges::find(ids, event.id) != ids.end()) event.open = false;
        std::ranges::copy_if(ids, std::back_inserter(out.settled),
                             [&](const auto& id) { return earlier.contains(id); });
    }
    std::ranges::move(verdicts, std::back_inserter(documents));
    return out;
}

Result<json> verdicts_of(Service& service, const std::string& host, const std::optional<std::string>& event) {
    json out = json::array();
    for (const auto& document :
         TRY(store::SiteDocuments(service.store)
                 .list({.kind = "verdict", .id = event, .host = host, .all_numbers = event.has_value()}))) {
        auto verdict = TRY(parse_json(document.document, kStoredJson));
        verdict["version"] = document.number;
        out.push_back(std::move(verdict));
    }
    return out;
}

}  // namespace assay::api::site
