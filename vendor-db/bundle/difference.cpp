#include "vendor-db/bundle/difference.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/core.h>

#include "evidence/base/stable_sort.h"
#include "evidence/base/text.h"
#include "vendor-db/load/loader.h"

namespace assay::vendors {
namespace {

using Of = Change::Of;

std::string in_brackets(const std::string& text) {
    return text.empty() ? "" : fmt::format(" ({})", printable(text));
}

std::string with_span(const std::string& text, const Span& span) {
    const auto when = span_text(span);
    return when.empty() ? text : text + ", " + when;
}

std::string beside(const std::string& product) {
    return fmt::format(", beside the product '{}'", printable(product));
}

/// Things by what they are, each with its description: what has the same key and another description has
/// changed.
using Descriptions = std::map<std::string, std::string>;

/// What is in `from` alone, in both, and in `to` alone, by key.
template <typename Map, typename Gone, typename Both, typename Fresh>
void walk(const Map& from, const Map& to, Gone gone, Both both, Fresh fresh) {
    for (const auto& [key, before] : from) {
        if (const auto now = to.find(key); now == to.end()) {
            gone(key, before);
        } else {
            both(key, before, now->second);
        }
    }
    for (const auto& [key, now] : to) {
        if (!from.contains(key)) fresh(key, now);
    }
}

class Differences {
  public:
    void say(Of of, const std::string& subject, std::string text) {
        out_.push_back({of, subject, std::move(text)});
    }
    /// The facts about one subject.
    void compare(Of of, const std::string& subject, const Descriptions& from, const Descriptions& to) {
        walk(
            from, to, [&](auto& key, auto& text) { say(of, subject, key + " removed" + in_brackets(text)); },
            [&](auto& key, auto& before, auto& now) {
                if (before != now) say(of, subject, key + ": " + was_and_is(before, now));
            },
            [&](auto& key, auto& text) { say(of, subject, key + " added" + in_brackets(text)); });
    }
    /// Where each thing is a subject of its own.
    void compare_whole(Of of, const Descriptions& from, const Descriptions& to) {
        walk(
            from, to, [&](auto& key, auto& text) { say(of, key, "removed" + in_brackets(text)); },
            [&](auto& key, auto& before, auto& now) {
                if (before != now) say(of, key, was_and_is(before, now));
            },
            [&](auto& key, auto& text) { say(of, key, "new" + in_brackets(text)); });
    }
    std::vector<Change> take() { return std::move(out_); }

  private:
    static std::string was_and_is(const std::string& before, const std::string& now) {
        return fmt::format("was{}, is now{}", in_brackets(before), in_brackets(now));
    }
    std::vector<Change> out_;
};

Descriptions facts_of(const Entity& entity) {
    Descriptions out;
    out["country"] = entity.country;
    for (const auto& name : entity.names) {
        auto text = with_span(fmt::format("{}; {}", name.source, to_string(name.confidence)), name.span);
        for (const auto& product : name.products) text += beside(product);
        out[fmt::format("{} name '{}'", to_string(name.kind), printable(name.text))] = std::move(text);
    }
    for (const auto& id : entity.identifiers) {
        if (id.ns == Namespace::smbios) continue;  // the names, normalised
        auto& text = out[fmt::format("{} {}", to_string(id.ns), id.value)];
        if (text.empty()) text = id.source;
        if (!id.product.empty()) text += beside(id.product);
    }
    for (const auto& link : entity.owners) {
        auto& text = out["owner " + link.owner];
        if (!text.empty()) text += "; ";
        text += with_span(fmt::format("{}, {}; {}", link.share ? share_text(*link.share) : "control",
                                      link.source, to_string(link.confidence)),
                          link.span);
    }
    return out;
}

std::string describe(const StatusChange& status) {
    return fmt::format("{} since {}{}", to_string(status.status), date_text(status.from),
                       status.confidence == Confidence::weak ? ", weakly sourced" : "");
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const auto& text : texts) out += (out.empty() ? "" : ", ") + text;
    return out;
}

std::string statuses(const std::vector<StatusChange>& all) {
    std::vector<std::string> texts;
    texts.reserve(all.size());
    for (const auto& each : all) texts.push_back(describe(each));
    return joined(texts);
}

Descriptions facts_of(const List& list) {
    Descriptions out{{"title", list.title},
                     {"authority", list.authority},
                     {"bars", list.bars},
                     {"status", statuses(list.statuses)}};
    if (!list.extends.empty())
        out["extends"] = fmt::format("{}, over steps of at least {}", list.extends, share_text(list.reach));
    for (const auto& document : list.documents) {
        out["document " + document.id] =
            fmt::format("{}; retrieved {}; sha256 {}", document.title,
                        document.retrieved ? date_text(*document.retrieved) : "-", document.sha256);
    }
    for (const auto& entry : list.entries) {
        auto& text = out["entry " + joined(entry.entities.empty() ? entry.names : entry.entities) + " of " +
                         date_text(entry.listed)];
        text += fmt::format("{}{}; document {}{}{}{}", text.empty() ? "" : "; ", entry.text, entry.document,
                            entry.effective_from ? ", effective " + date_text(*entry.effective_from) : "",
                            entry.statuses.empty() ? "" : ", " + statuses(entry.statuses),
                            entry.confidence == Confidence::weak ? ", weakly sourced" : "");
    }
    return out;
}

std::string whom(const Ruling& ruling) {
    return fmt::format("{} {}{}", to_string(ruling.subject), ruling.target,
                       ruling.reach ? " and whom they own by " + share_text(*ruling.reach) : "");
}

/// What a ruling says, apart from where it stands. Two that differ in the decision alone are one that
/// changed.
Descriptions rulings_by_key(const VendorDb& db) {
    Descriptions out;
    for (const auto& ruling : db.rulings()) {
        const auto key = fmt::format("{}, {}{}", whom(ruling), to_string(ruling.component),
                                     ruling.site.empty() ? "" : ", site " + ruling.site);
        auto text =
            with_span(fmt::format("{}: {}; approved by {}{}", to_string(ruling.decision), ruling.reason,
                                  ruling.approver, ruling.document.empty() ? "" : "; " + ruling.document),
                      ruling.span);
        if (ruling.grandfather) {
            text += fmt::format("; except the same part seen before {}, until {}",
                                date_text(ruling.grandfather->first_seen_before),
                                date_text(ruling.grandfather->expires));
        }
        auto& described = out[key];
        described += (described.empty() ? "" : " | ") + text;
    }
    return out;
}

Descriptions firmware_by_key(const VendorDb& db) {
    Descriptions out;
    for (const auto& rule : db.firmware()) {
        auto& described = out[fmt::format("{} {}{}{}", rule.entity, to_string(rule.component),
                                          rule.model.empty() ? "" : " " + rule.model,
                                          rule.series.empty() ? "" : ", series " + rule.series)];
        described += fmt::format("{}at least {}, denied {}; {} of {}; {}", described.empty() ? "" : " | ",
                                 rule.minimum.empty() ? "-" : rule.minimum,
                                 rule.denied.empty() ? "-" : joined(rule.denied), rule.advisory,
                                 date_text(rule.date), rule.source);
    }
    return out;
}

Descriptions baselines_by_key(const VendorDb& db) {
    Descriptions out;
    for (const auto& baseline : db.baselines()) {
        const auto of = fmt::format("{}, {}", baseline.model, baseline.generation);
        auto& described = out[of];
        described += (described.empty() ? "" : " | ") + with_span(baseline.source, baseline.span);
        for (const auto& device : baseline.devices) {
            auto& text = out[fmt::format("{}, {} port {}, {}:{}", of, device.controller, device.port,
                                         device.vid, device.pid)];
            text +=
                fmt::format("{}{}{}; descriptors {}", text.empty() ? "" : " | ", joined(device.interfaces),
                            device.bmc ? ", a port of the BMC" : "", device.descriptors);
        }
    }
    return out;
}

Descriptions references_by_key(const VendorDb& db) {
    Descriptions out;
    for (const auto& set : db.references()) {
        const auto of = fmt::format("{}, {}, of {}", set.name, set.version, set.model);
        out[of] = fmt::format("{}: {}", to_string(set.origin), with_span(set.source, set.span));
        for (const auto* values : {&set.events, &set.pcrs, &set.files}) {
            for (const auto& value : *values) {
                auto& text =
                    out[fmt::format("{} {}:{}", of, to_string(value.digest.algorithm()), value.digest.hex())];
                text += fmt::format("{}{}{}", text.empty() ? "" : " | ",
                                    value.pcr ? fmt::format("PCR {}: ", *value.pcr) : "", value.what);
            }
        }
    }
    return out;
}

template <typename Map>
void compare_all(Of of, const Map& from, const Map& to, Differences& out) {
    walk(
        from, to, [&](auto& id, auto&) { out.say(of, id, "removed"); },
        [&](auto& id, auto& before, auto& now) { out.compare(of, id, facts_of(before), facts_of(now)); },
        [&](auto& id, auto& now) {
            out.say(of, id, "new");
            out.compare(of, id, {}, facts_of(now));
        });
}

/// An identifier that another entity has now is the most important thing to see.
void report_moves(const VendorDb& from, const VendorDb& to, Differences& out) {
    std::map<std::tuple<Namespace, std::string, std::string>, std::string> before;
    for (const auto& [id, entity] : from.entities()) {
        for (const auto& each : entity.identifiers) before[{each.ns, each.value, each.product}] = id;
    }
    for (const auto& [id, entity] : to.entities()) {
        for (const auto& each : entity.identifiers) {
            const auto had = before.find({each.ns, each.value, each.product});
            if (had == before.end() || had->second == id) continue;
            out.say(Of::vendor, id,
                    fmt::format("{} {} moved here from {}", to_string(each.ns), each.value, had->second));
        }
    }
}

}  // namespace

std::string_view to_string(Of of) {
    switch (of) {
        case Of::vendor:
            return "vendor";
        case Of::list:
            return "list";
        case Of::decision:
            return "decision";
        case Of::firmware:
            return "firmware";
        case Of::baseline:
            return "baseline";
        case Of::reference:
            return "reference";
    }
    return "vendor";
}

std::vector<Change> difference(const VendorDb& from, const VendorDb& to) {
    Differences out;
    report_moves(from, to, out);
    compare_all(Of::vendor, from.entities(), to.entities(), out);
    compare_all(Of::list, from.lists(), to.lists(), out);
    out.compare_whole(Of::decision, rulings_by_key(from), rulings_by_key(to));
    out.compare_whole(Of::firmware, firmware_by_key(from), firmware_by_key(to));
    out.compare_whole(Of::baseline, baselines_by_key(from), baselines_by_key(to));
    out.compare_whole(Of::reference, references_by_key(from), references_by_key(to));
    auto changes = out.take();
    sort_stably(changes, [](const Change& a, const Change& b) {
        return std::tie(a.of, a.subject) < std::tie(b.of, b.subject);
    });
    return changes;
}

}  // namespace assay::vendors
