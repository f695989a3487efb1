#include <algorithm>
#include <array>
#include <tuple>

#include "evidence/base/text.h"
#include "vendor-db/identifier.h"
#include "vendor-db/toml_file.h"
#include "vendor-db/vendor_db.h"

namespace assay::vendors {
namespace {

constexpr auto kNameKinds =
    std::to_array<std::string_view>({"legal", "previous", "alias", "native", "smbios"});

bool is_entity_id(std::string_view id) {
    const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), good);
}

bool is_country(std::string_view code) {
    const auto good = [](char c) { return c >= 'A' && c <= 'Z'; };
    return code.size() == 2 && std::all_of(code.begin(), code.end(), good);
}

/// Length-prefixed, so that no two different databases give the same bytes.
class Canonical {
  public:
    void text(std::string_view value) { hasher_.update(std::to_string(value.size()) + ":").update(value); }
    void number(std::size_t value) { text(std::to_string(value)); }
    void time(const std::optional<std::int64_t>& value) { text(value ? std::to_string(*value) : "-"); }
    Digest digest() { return hasher_.finish(); }

  private:
    Hasher hasher_{HashAlgorithm::sha256};
};

}  // namespace

/// Fills a VendorDb file by file; the first error ends it and nothing of the database is given out.
class Loader {
  public:
    Result<> vendor(const SourceFile& source) {
        const auto file = TRY(TomlFile::parse(source.name, source.text));
        const TomlReader root(file, file.root());
        TRY_VOID(root.only({"id", "country", "names", "ids"}));
        Entity entity;
        entity.file = source.name;
        entity.id = TRY(root.text("id"));
        if (!is_entity_id(entity.id))
            return root.refuse("id", "id: only a-z, 0-9 and '-', at most 64; rename it");
        if (const auto other = db_.entities_.find(entity.id); other != db_.entities_.end()) {
            return root.refuse(
                "id", "id '" + entity.id + "' is also in " + other->second.file + "; keep one of them");
        }
        entity.country = TRY(root.optional_text("country")).value_or("");
        if (!entity.country.empty() && !is_country(entity.country)) {
            return root.refuse("country",
                               "country: not an ISO 3166-1 alpha-2 code; write two capital letters");
        }
        TRY_VOID(names(root, entity));
        TRY_VOID(ids(root, entity));
        db_.entities_.emplace(entity.id, std::move(entity));
        return {};
    }

    Result<> decisions(const SourceFile& source) {
        const auto file = TRY(TomlFile::parse(source.name, source.text));
        const TomlReader root(file, file.root());
        TRY_VOID(root.only({"decisions"}));
        for (const auto& table : TRY(root.tables("decisions"))) TRY_VOID(decision(table));
        return {};
    }

    VendorDb finish() {
        db_.digest_ = digest();
        return std::move(db_);
    }

  private:
    Result<> names(const TomlReader& root, Entity& entity) {
        for (const auto& table : TRY(root.tables("names"))) {
            TRY_VOID(table.only({"kind", "texts", "source"}));
            const auto kind = TRY(table.text("kind"));
            if (std::find(kNameKinds.begin(), kNameKinds.end(), kind) == kNameKinds.end()) {
                return table.refuse("kind", "kind: not one of: legal, previous, alias, native, smbios");
            }
            const auto source = TRY(table.text("source"));
            for (const auto& text : TRY(table.texts("texts"))) {
                if (kind == "legal" && !entity.legal_name.empty()) {
                    return table.refuse("texts",
                                        "a second legal name; make one of them 'previous' or 'alias'");
                }
                if (kind == "legal") entity.legal_name = text;
                if (is_placeholder(text) || is_placeholder(normalised_name(text))) {
                    return table.refuse("texts",
                                        "'" + printable(text) + "' is a placeholder, not a name; remove it");
                }
                TRY_VOID(claim(table, "texts", Namespace::smbios, text, entity, source));
                if (std::find(entity.names.begin(), entity.names.end(), text) == entity.names.end()) {
                    entity.names.push_back(text);
                }
            }
        }
        if (entity.legal_name.empty())
            return root.refuse("names", "no legal name; add [[names]] with kind = \"legal\"");
        return {};
    }

    Result<> ids(const TomlReader& root, Entity& entity) {
        for (const auto& table : TRY(root.tables("ids"))) {
            TRY_VOID(table.only({"namespace", "values", "source"}));
            const auto ns = namespace_from_name(TRY(table.text("namespace")));
            if (!ns || *ns == Namespace::smbios) {
                return table.refuse("namespace",
                                    "namespace: not one of: pci, usb, oui, jep106, iana_pen, tpm, pnp, "
                                    "efi_signer (names go into [[names]])");
            }
            const auto source = TRY(table.text("source"));
            for (const auto& value : TRY(table.texts("values"))) {
                TRY_VOID(claim(table, "values", *ns, value, entity, source));
            }
        }
        return {};
    }

    /// One identifier belongs to one entity. Two spellings of one name in the same entity are one identifier.
    Result<> claim(const TomlReader& table, std::string_view key, Namespace ns, const std::string& value,
                   Entity& entity, const std::string& source) {
        const auto spelled = std::string(to_string(ns)) + " '" + printable(shortened(value, 64)) + "'";
        const auto known = canonical(ns, value);
        if (!known) return table.refuse(key, spelled + ": " + known.error().context + "; correct it");
        const auto [slot, fresh] = db_.index_.try_emplace({ns, *known}, entity.id);
        const auto [first, _] = claimed_at_.try_emplace({ns, *known}, table.where(key));
        if (!fresh && (slot->second != entity.id || ns != Namespace::smbios)) {
            return table.refuse(
                key, spelled + " is also at " + first->second +
                         "; an identifier belongs to one entity, once: remove it from one of them");
        }
        if (fresh) entity.identifiers.push_back({ns, *known, source});
        return {};
    }

    Result<> decision(const TomlReader& table) {
        TRY_VOID(table.only(
            {"entities", "component", "decision", "reason", "document", "approver", "from", "to"}));
        Ruling ruling;
        const auto component = component_from_name(TRY(table.optional_text("component")).value_or("any"));
        if (!component) return table.refuse("component", "component: " + component.error().context);
        const auto decision = decision_from_name(TRY(table.text("decision")));
        if (!decision) return table.refuse("decision", "decision: " + decision.error().context);
        ruling.component = *component;
        ruling.decision = *decision;
        ruling.reason = TRY(table.text("reason"));
        ruling.document = TRY(table.optional_text("document")).value_or("");
        ruling.approver = TRY(table.text("approver"));
        ruling.from = TRY(table.optional_time("from"));
        ruling.to = TRY(table.optional_time("to"));
        if (ruling.from && ruling.to && *ruling.to <= *ruling.from) {
            return table.refuse("to", "'to' is not after 'from'; correct one of the dates");
        }
        ruling.where = table.where();
        for (const auto& entity : TRY(table.texts("entities"))) {
            if (!db_.entities_.contains(entity)) {
                return table.refuse("entities", "no vendor file has id '" + printable(shortened(entity, 64)) +
                                                    "'; correct the id, or add vendors/<id>.toml");
            }
            ruling.entity = entity;
            db_.rulings_.push_back(ruling);
        }
        return {};
    }

    Digest digest() const {
        Canonical out;
        out.text("assay vendor data 1");
        out.number(db_.entities_.size());
        for (const auto& [id, entity] : db_.entities_) {
            for (const auto& text : {id, entity.legal_name, entity.country}) out.text(text);
            auto names = entity.names;
            std::sort(names.begin(), names.end());
            out.number(names.size());
            for (const auto& name : names) out.text(name);
            auto identifiers = entity.identifiers;
            std::sort(identifiers.begin(), identifiers.end(), [](const Identifier& a, const Identifier& b) {
                return std::tie(a.ns, a.value) < std::tie(b.ns, b.value);
            });
            out.number(identifiers.size());
            for (const auto& identifier : identifiers) {
                for (const std::string_view text :
                     {to_string(identifier.ns), std::string_view(identifier.value),
                      std::string_view(identifier.source)}) {
                    out.text(text);
                }
            }
        }
        out.number(db_.rulings_.size());
        for (const auto& ruling : db_.rulings_) {
            for (const std::string_view text :
                 {std::string_view(ruling.entity), to_string(ruling.component), to_string(ruling.decision),
                  std::string_view(ruling.reason), std::string_view(ruling.document),
                  std::string_view(ruling.approver), std::string_view(ruling.where)}) {
                out.text(text);
            }
            out.time(ruling.from);
            out.time(ruling.to);
        }
        return out.digest();
    }

    VendorDb db_;
    std::map<std::pair<Namespace, std::string>, std::string> claimed_at_;
};

namespace {

/// By name, whatever order a directory gave: rulings and messages must not depend on it.
Result<std::vector<const SourceFile*>> in_order(const std::vector<SourceFile>& files) {
    std::vector<const SourceFile*> out;
    out.reserve(files.size());
    for (const auto& file : files) out.push_back(&file);
    std::sort(out.begin(), out.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    const auto twice = std::adjacent_find(out.begin(), out.end(),
                                          [](const auto* a, const auto* b) { return a->name == b->name; });
    if (twice != out.end())
        return fail(ErrorCode::usage,
                    "file '" + printable((*twice)->name) + "' is given twice; give it once");
    return out;
}

Result<> none_of(const std::vector<SourceFile>& files, std::string_view kind) {
    if (files.empty()) return {};
    return fail(ErrorCode::unsupported, printable(files.front().name) + ": " + std::string(kind) +
                                            " are not read yet; remove the file");
}

}  // namespace

Result<VendorDb> load(const Sources& sources) {
    Loader loader;
    for (const auto* file : TRY(in_order(sources.vendors))) TRY_VOID(loader.vendor(*file));
    // Half of what the owner wrote is worse than none: a kind of file that nothing reads is refused.
    TRY_VOID(none_of(sources.lists, "lists"));
    TRY_VOID(none_of(sources.firmware, "firmware versions"));
    for (const auto* file : TRY(in_order(sources.decisions))) TRY_VOID(loader.decisions(*file));
    return loader.finish();
}

}  // namespace assay::vendors
