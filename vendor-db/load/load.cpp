#include <algorithm>

#include "evidence/base/stable_sort.h"
#include "evidence/base/text.h"
#include "vendor-db/load/loader.h"
#include "vendor-db/resolve/identifier.h"

namespace assay::vendors {
namespace {

/// By name, whatever order a directory gave: rulings and messages must not depend on it.
std::vector<const SourceFile*> in_order(const std::vector<SourceFile>& files, Complaints& complaints) {
    std::vector<const SourceFile*> out;
    out.reserve(files.size());
    for (const auto& file : files) out.push_back(&file);
    const auto name = [](const SourceFile* file) -> const std::string& { return file->name; };
    sort_stably(out, {}, name);
    const auto twice = std::ranges::adjacent_find(out, {}, name);
    if (twice != out.end()) {
        complaints.add(printable((*twice)->name), "the file is given twice", "give it once");
        out.erase(std::ranges::unique(out, {}, name).begin(), out.end());
    }
    return out;
}

}  // namespace

bool is_id(std::string_view id) {
    const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), good);
}

Span Loader::read_span(const TomlReader& table) {
    const Span span{complaints_.take(table.optional_time("from")),
                    complaints_.take(table.optional_time("to"))};
    if (span.from && span.to && *span.to <= *span.from) {
        complaints_.add(table.where("to"), "'to' is not after 'from'", "correct one of the dates");
        return {};
    }
    return span;
}

Confidence Loader::read_confidence(const TomlReader& table) {
    const auto text = complaints_.take(table.optional_text("confidence")).value_or("sourced");
    const auto confidence = confidence_from_name(text);
    if (!confidence) {
        complaints_.add(table.where("confidence"), "confidence: " + confidence.error().context,
                        "use one of them");
    }
    return confidence.value_or(Confidence::weak);
}

void Loader::read(const Sources& sources) {
    const auto each = [&](const std::vector<SourceFile>& files, auto read_one) {
        for (const auto* source : in_order(files, complaints_)) {
            const auto file = TomlFile::parse(source->name, source->text);
            if (!file) {
                complaints_.add(file.error());
                continue;
            }
            read_one(file->root(), source->name);
        }
    };
    each(sources.vendors, [&](const TomlReader& root, const std::string& name) { read_vendor(root, name); });
    each(sources.lists, [&](const TomlReader& root, const std::string& name) { read_list(root, name); });
    each(sources.decisions, [&](const TomlReader& root, const std::string&) { read_decisions(root); });
    each(sources.firmware, [&](const TomlReader& root, const std::string&) { read_firmware(root); });
    each(sources.baselines, [&](const TomlReader& root, const std::string&) { read_baselines(root); });
    each(sources.references, [&](const TomlReader& root, const std::string&) { read_references(root); });
    check_owners();
    check_circles();
    check_lists();
    check_rulings();
    check_firmware();
}

VendorDb Loader::finish(const std::optional<Edition>& edition) {
    name_data();
    db_.edition_ = edition;
    db_.index_ = index();
    for (const auto& [id, entity] : db_.entities_) {
        for (const auto& link : entity.owners) db_.owns_[link.owner].push_back({id, &link});
    }
    for (const auto& [id, list] : db_.lists_) {
        for (const auto& entry : list.entries) {
            for (const auto& entity : entry.entities) db_.listed_[entity].push_back({&list, &entry});
        }
    }
    for (std::size_t i = 0; i < db_.rulings_.size(); ++i) {
        const auto& ruling = db_.rulings_[i];
        if (ruling.subject == Subject::entity) db_.naming_[ruling.target].push_back(i);
        if (ruling.subject != Subject::entity || ruling.reach) db_.by_rule_.push_back(i);
    }
    return std::move(db_);
}

std::vector<VendorDb::IndexRow> Loader::index() const {
    std::vector<VendorDb::IndexRow> rows;
    rows.reserve(claims_.size());
    for (const auto& [key, claim] : claims_) {
        const auto& [ns, value, product] = key;
        rows.push_back(
            {index_hash(ns, value), ns, value, product, claim.why, &db_.entities_.at(claim.entity)});
    }
    // Those without a product stay first.
    sort_stably(rows, {}, &VendorDb::IndexRow::hash);
    return rows;
}

std::vector<Complaint> check(const Sources& sources) {
    Loader loader;
    loader.read(sources);
    return loader.take_complaints();
}

Result<VendorDb> load(const Sources& sources, const std::optional<Edition>& edition) {
    Loader loader;
    loader.read(sources);
    const auto complaints = loader.take_complaints();
    if (complaints.empty()) return loader.finish(edition);
    auto text = to_string(complaints.front());
    if (complaints.size() > 1) text += " (and " + std::to_string(complaints.size() - 1) + " more)";
    return fail(complaints.front().code, std::move(text));
}

}  // namespace assay::vendors
