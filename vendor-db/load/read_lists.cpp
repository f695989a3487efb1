#include <algorithm>

#include "evidence/base/text.h"
#include "vendor-db/load/loader.h"
#include "vendor-db/resolve/identifier.h"

namespace assay::vendors {
namespace {

bool is_sha256(std::string_view text) {
    const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return text.size() == 64 && std::all_of(text.begin(), text.end(), hex);
}

}  // namespace

void Loader::read_list(const TomlReader& root, const std::string& file) {
    complaints_.take(root.only(
        {"id", "title", "authority", "bars", "extends", "minimum_pct", "statuses", "documents", "entries"}));
    List list;
    list.file = file;
    list.id = complaints_.take(root.text("id"));
    if (!is_id(list.id)) {
        if (!list.id.empty())
            complaints_.add(root.where("id"), "id: only a-z, 0-9 and '-', at most 64", "rename it");
        list.id = "?" + file;
    }
    if (const auto other = db_.lists_.find(list.id); other != db_.lists_.end()) {
        complaints_.add(root.where("id"), "id '" + list.id + "' is also in " + other->second.file,
                        "keep one of them");
        return;
    }
    list.title = complaints_.take(root.text("title"));
    list.authority = complaints_.take(root.text("authority"));
    list.bars = complaints_.take(root.text("bars"));
    list.extends = complaints_.take(root.optional_text("extends")).value_or("");
    const auto reach = complaints_.take(root.optional_percent("minimum_pct"));
    if (root.has("extends") != root.has("minimum_pct")) {
        complaints_.add(root.where("minimum_pct"),
                        "'extends' and 'minimum_pct' are given together or not at all",
                        "add the other one, or remove this one");
    }
    list.reach = reach.value_or(kWhole);
    list.statuses = read_statuses(root);
    if (list.statuses.empty() && !root.has("statuses")) {
        complaints_.add(root.where(), "a list without a status",
                        "add [[statuses]] with status, from and source");
    }
    read_documents(root, list);
    read_entries(root, list);
    db_.lists_.emplace(list.id, std::move(list));
}

std::vector<StatusChange> Loader::read_statuses(const TomlReader& owner) {
    std::vector<StatusChange> changes;
    for (const auto& table : complaints_.take(owner.tables("statuses"))) {
        complaints_.take(table.only({"status", "from", "source", "confidence"}));
        StatusChange change;
        const auto status =
            list_status_from_name(complaints_.take(table.text("status"), std::string("active")));
        if (!status) {
            complaints_.add(table.where("status"), "status: " + status.error().context, "use one of them");
            continue;
        }
        change.status = *status;
        change.from = complaints_.take(table.time("from"));
        change.source = complaints_.take(table.text("source"));
        change.confidence = read_confidence(table);
        if (!changes.empty() && change.from <= changes.back().from) {
            complaints_.add(table.where("from"), "a status that does not begin after the one before it",
                            "order [[statuses]] by 'from', one status at a time");
        }
        changes.push_back(std::move(change));
    }
    return changes;
}

void Loader::read_documents(const TomlReader& root, List& list) {
    for (const auto& table : complaints_.take(root.tables("documents"))) {
        complaints_.take(table.only({"id", "title", "published", "retrieved", "sha256"}));
        ListDocument document;
        document.id = complaints_.take(table.text("id"));
        document.title = complaints_.take(table.text("title"));
        document.published = complaints_.take(table.optional_time("published"));
        document.retrieved = complaints_.take(table.optional_time("retrieved"));
        document.sha256 = complaints_.take(table.optional_text("sha256")).value_or("");
        if (!document.sha256.empty() && !is_sha256(document.sha256)) {
            complaints_.add(table.where("sha256"), "sha256: not 64 lower-case hex digits",
                            "write the digest of the copy that was read");
        }
        if (!document.sha256.empty() && !document.retrieved) {
            complaints_.add(table.where("sha256"), "a digest without the day on which the copy was read",
                            "add retrieved = 2026-01-31");
        }
        const auto same = [&](const ListDocument& other) { return other.id == document.id; };
        if (std::any_of(list.documents.begin(), list.documents.end(), same)) {
            complaints_.add(table.where("id"), "document '" + printable(document.id) + "' twice",
                            "rename or remove one");
        }
        list.documents.push_back(std::move(document));
    }
}

void Loader::read_entries(const TomlReader& root, List& list) {
    for (const auto& table : complaints_.take(root.tables("entries"))) {
        complaints_.take(table.only(
            {"entities", "names", "text", "document", "listed", "effective_from", "statuses", "confidence"}));
        ListEntry entry;
        entry.where = table.where();
        entry.entities = complaints_.take(table.optional_texts("entities"));
        entry.names = complaints_.take(table.texts("names"));
        entry.text = complaints_.take(table.text("text"));
        entry.document = complaints_.take(table.text("document"));
        entry.listed = complaints_.take(table.time("listed"));
        entry.effective_from = complaints_.take(table.optional_time("effective_from"));
        entry.statuses = read_statuses(table);
        entry.confidence = read_confidence(table);
        const auto document =
            std::find_if(list.documents.begin(), list.documents.end(),
                         [&](const ListDocument& other) { return other.id == entry.document; });
        if (document == list.documents.end()) {
            complaints_.add(table.where("document"),
                            "no [[documents]] of this list has id '" + printable(entry.document) + "'",
                            "add it, or correct the id");
        } else if (document->sha256.empty() && entry.confidence == Confidence::sourced) {
            complaints_.add(table.where("document"),
                            "an entry that is not weak, from a document of which no copy was kept",
                            "add the document's 'retrieved' and 'sha256', or confidence = \"weak\" here");
        }
        list.entries.push_back(std::move(entry));
    }
    if (!list.extends.empty() && !list.entries.empty()) {
        complaints_.add(root.where("entries"), "a list that extends another one has entries of its own",
                        "put them into a list of their own");
    }
}

}  // namespace assay::vendors
