// What names the data: docs/formats/vendor-files.md, "What names the data".
#include <algorithm>
#include <set>
#include <tuple>

#include "vendor-db/load/loader.h"

namespace assay::vendors {
namespace {

/// Length-prefixed, so that no two different databases give the same bytes.
class Canonical {
  public:
    void text(std::string_view value) { hasher_.update(std::to_string(value.size()) + ":").update(value); }
    void number(std::size_t value) { text(std::to_string(value)); }
    void time(const std::optional<std::int64_t>& value) {
        text(value ? std::to_string(*value) : "-");
        if (value) times_.insert(*value);
    }
    void share(const std::optional<Share>& value) { text(value ? std::to_string(*value) : "-"); }
    void span(const Span& value) {
        time(value.from);
        time(value.to);
    }
    template <typename T, typename Each>
    void list(const std::vector<T>& values, Each each) {
        number(values.size());
        for (const auto& value : values) each(value);
    }
    Digest digest() { return hasher_.finish(); }
    [[nodiscard]] const std::set<std::int64_t>& times() const { return times_; }

  private:
    Hasher hasher_{HashAlgorithm::sha256};
    std::set<std::int64_t> times_;
};

template <typename T, typename Key>
std::vector<T> sorted(std::vector<T> values, Key key) {
    std::ranges::sort(values, {}, key);
    return values;
}

void write(Canonical& out, const Entity& entity) {
    out.text(entity.id);
    out.text(entity.country);
    const auto names =
        sorted(entity.names, [](const Name& name) { return std::tie(name.text, name.source); });
    out.list(names, [&](const Name& name) {
        out.text(name.text);
        out.text(to_string(name.kind));
        out.list(name.products, [&](const std::string& product) { out.text(product); });
        out.span(name.span);
        out.text(name.source);
        out.text(to_string(name.confidence));
    });
    const auto ids = sorted(entity.identifiers, [](const Identifier& id) {
        return std::tie(id.ns, id.value, id.product, id.source);
    });
    out.list(ids, [&](const Identifier& id) {
        out.text(to_string(id.ns));
        out.text(id.value);
        out.text(id.product);
        out.text(id.source);
    });
    out.list(entity.owners, [&](const Ownership& owner) {
        out.text(owner.owner);
        out.share(owner.share);
        out.span(owner.span);
        out.text(owner.source);
        out.text(to_string(owner.confidence));
    });
}

void write(Canonical& out, const StatusChange& change) {
    out.text(to_string(change.status));
    out.time(change.from);
    out.text(change.source);
    out.text(to_string(change.confidence));
}

void write(Canonical& out, const List& list) {
    for (const auto* text : {&list.id, &list.title, &list.authority, &list.bars, &list.extends})
        out.text(*text);
    out.share(list.reach);
    out.list(list.statuses, [&](const StatusChange& change) { write(out, change); });
    out.list(list.documents, [&](const ListDocument& document) {
        out.text(document.id);
        out.text(document.title);
        out.time(document.published);
        out.time(document.retrieved);
        out.text(document.sha256);
    });
    out.list(list.entries, [&](const ListEntry& entry) {
        out.list(entry.entities, [&](const std::string& entity) { out.text(entity); });
        out.list(entry.names, [&](const std::string& name) { out.text(name); });
        out.text(entry.text);
        out.text(entry.document);
        out.time(entry.listed);
        out.time(entry.effective_from);
        out.list(entry.statuses, [&](const StatusChange& change) { write(out, change); });
        out.text(to_string(entry.confidence));
    });
}

void write(Canonical& out, const Ruling& ruling) {
    out.text(to_string(ruling.subject));
    out.text(ruling.target);
    out.share(ruling.reach);
    out.text(to_string(ruling.component));
    out.text(ruling.site);
    out.text(to_string(ruling.decision));
    for (const auto* text : {&ruling.reason, &ruling.document, &ruling.approver, &ruling.where})
        out.text(*text);
    out.span(ruling.span);
    out.time(ruling.grandfather ? std::optional(ruling.grandfather->first_seen_before) : std::nullopt);
    out.time(ruling.grandfather ? std::optional(ruling.grandfather->expires) : std::nullopt);
}

void write(Canonical& out, const FirmwareRule& rule) {
    for (const auto* text :
         {&rule.entity, &rule.model, &rule.series, &rule.minimum, &rule.advisory, &rule.source, &rule.where})
        out.text(*text);
    out.text(to_string(rule.component));
    out.text(to_string(rule.scheme));
    out.list(rule.denied, [&](const std::string& version) { out.text(version); });
    out.time(rule.date);
}

void write(Canonical& out, const Baseline& baseline) {
    for (const auto* text : {&baseline.model, &baseline.generation, &baseline.source, &baseline.where})
        out.text(*text);
    out.span(baseline.span);
    out.list(baseline.devices, [&](const BaselineDevice& device) {
        for (const auto* text :
             {&device.controller, &device.port, &device.vid, &device.pid, &device.descriptors, &device.note})
            out.text(*text);
        out.list(device.interfaces, [&](const std::string& kind) { out.text(kind); });
        out.text(device.bmc ? "bmc" : "-");
    });
}

void write(Canonical& out, const ReferenceSet& set) {
    for (const auto* text : {&set.name, &set.version, &set.model, &set.source, &set.where}) out.text(*text);
    out.text(to_string(set.origin));
    out.span(set.span);
    const auto value = [&](const ReferenceValue& each) {
        out.number(each.pcr ? *each.pcr + 1 : 0);
        out.text(to_string(each.digest.algorithm()));
        out.text(each.digest.hex());
        out.text(each.what);
    };
    out.list(set.events, value);
    out.list(set.pcrs, value);
    out.list(set.files, value);
}

}  // namespace

void Loader::name_data() {
    Canonical out;
    out.text("assay vendor data 4");
    out.number(db_.entities_.size());
    for (const auto& [id, entity] : db_.entities_) write(out, entity);
    out.number(db_.lists_.size());
    for (const auto& [id, list] : db_.lists_) write(out, list);
    out.list(db_.rulings_, [&](const Ruling& ruling) { write(out, ruling); });
    out.list(db_.firmware_, [&](const FirmwareRule& rule) { write(out, rule); });
    if (!db_.baselines_.empty())
        out.list(db_.baselines_, [&](const Baseline& baseline) { write(out, baseline); });
    if (!db_.references_.empty())
        out.list(db_.references_, [&](const ReferenceSet& set) { write(out, set); });
    db_.digest_ = out.digest();
    db_.times_.assign(out.times().begin(), out.times().end());
}

}  // namespace assay::vendors
