#include <algorithm>
#include <array>

#include "evidence/base/text.h"
#include "vendor-db/load/loader.h"
#include "vendor-db/resolve/identifier.h"

namespace assay::vendors {
namespace {

bool is_country(std::string_view code) {
    const auto good = [](char c) { return c >= 'A' && c <= 'Z'; };
    return code.size() == 2 && std::all_of(code.begin(), code.end(), good);
}

std::string why_of(const Name& name, std::string_view legal_name) {
    std::string why;
    if (name.kind == NameKind::legal) {
        why = "its legal name";
    } else if (name.kind == NameKind::smbios) {
        why = "as firmware of " + std::string(legal_name) + " spells it";
    } else {
        why = std::string(to_string(name.kind)) + (name.kind == NameKind::alias ? " of " : " name of ") +
              std::string(legal_name);
    }
    if (const auto span = span_text(name.span); !span.empty()) why += ", " + span;
    return why;
}

}  // namespace

void Loader::read_vendor(const TomlReader& root, const std::string& file) {
    complaints_.take(root.only({"id", "country", "names", "ids", "owned_by"}));
    Entity entity;
    entity.file = file;
    entity.id = complaints_.take(root.text("id"));
    if (!is_id(entity.id)) {
        if (!entity.id.empty())
            complaints_.add(root.where("id"), "id: only a-z, 0-9 and '-', at most 64", "rename it");
        entity.id = "?" + file;  // the rest of the file is still read, under a name that no id has
    }
    if (const auto other = db_.entities_.find(entity.id); other != db_.entities_.end()) {
        complaints_.add(root.where("id"), "id '" + entity.id + "' is also in " + other->second.file,
                        "keep one of them");
        return;
    }
    entity.country = complaints_.take(root.optional_text("country")).value_or("");
    if (!entity.country.empty() && !is_country(entity.country)) {
        complaints_.add(root.where("country"), "country: not an ISO 3166-1 alpha-2 code",
                        "write two capital letters");
    }
    read_names(root, entity);
    read_ids(root, entity);
    read_owners(root, entity);
    db_.entities_.emplace(entity.id, std::move(entity));
}

void Loader::read_names(const TomlReader& root, Entity& entity) {
    const auto tables = complaints_.take(root.tables("names"));
    std::vector<std::pair<Name, const TomlReader*>> found;
    for (const auto& table : tables) {
        complaints_.take(table.only({"kind", "texts", "products", "from", "to", "source", "confidence"}));
        const auto kind_text = complaints_.take(table.text("kind"), std::string("legal"));
        const auto kind = name_kind_from_name(kind_text);
        if (!kind) {
            complaints_.add(table.where("kind"), "kind: " + kind.error().context, "use one of them");
            continue;
        }
        Name name;
        name.kind = *kind;
        name.source = complaints_.take(table.text("source"));
        name.products = read_products(table);
        if (*kind == NameKind::legal && !name.products.empty())
            complaints_.add(table.where("products"), "a legal name that holds beside some products",
                            "remove 'products', or make the name 'smbios'");
        name.span = read_span(table);
        name.confidence = read_confidence(table);
        for (auto& text : complaints_.take(table.texts("texts"))) {
            if (*kind == NameKind::legal && !entity.legal_name.empty()) {
                complaints_.add(table.where("texts"), "a second legal name",
                                "make one of them 'previous' or 'alias'");
            } else if (*kind == NameKind::legal) {
                entity.legal_name = text;
            }
            if (is_placeholder(text) || is_placeholder(normalised_name(text))) {
                complaints_.add(table.where("texts"),
                                "'" + printable(text) + "' is a placeholder, not a name", "remove it");
                continue;
            }
            name.text = std::move(text);
            found.emplace_back(name, &table);
        }
    }
    if (entity.legal_name.empty()) {
        complaints_.add(root.where("names"), "no legal name", "add [[names]] with kind = \"legal\"");
    }
    for (auto& [name, table] : found) {
        claim(*table, "texts", {Namespace::smbios, name.text, name.source, {}}, name.products,
              why_of(name, entity.legal_name), entity);
        const auto known =
            std::find_if(entity.names.begin(), entity.names.end(),
                         [&text = name.text](const Name& other) { return other.text == text; });
        if (known == entity.names.end()) entity.names.push_back(std::move(name));
    }
}

void Loader::read_ids(const TomlReader& root, Entity& entity) {
    for (const auto& table : complaints_.take(root.tables("ids"))) {
        complaints_.take(table.only({"namespace", "values", "products", "source"}));
        const auto name = complaints_.take(table.text("namespace"), std::string("pci"));
        const auto ns = namespace_from_name(name);
        if (!ns || *ns == Namespace::smbios) {
            complaints_.add(table.where("namespace"),
                            "namespace: not one of: pci, usb, oui, jep106, iana_pen, tpm, pnp, efi_signer",
                            "use one of them; names go into [[names]]");
            continue;
        }
        const auto source = complaints_.take(table.text("source"));
        const auto products = read_products(table);
        for (const auto& value : complaints_.take(table.texts("values"))) {
            claim(table, "values", {*ns, value, source, {}}, products,
                  products.empty() ? "assigned to it" : "printed by it", entity);
        }
    }
}

std::vector<std::string> Loader::read_products(const TomlReader& table) {
    if (!table.has("products")) return {};
    auto products = complaints_.take(table.texts("products"));
    if (products.empty())
        complaints_.add(table.where("products"), "no product", "name one, or remove 'products'");
    for (const auto& each : products) {
        if (is_placeholder(each))
            complaints_.add(table.where("products"), "'" + printable(each) + "' names no product",
                            "remove it");
    }
    return products;
}

void Loader::read_owners(const TomlReader& root, Entity& entity) {
    for (const auto& table : complaints_.take(root.tables("owned_by"))) {
        complaints_.take(table.only({"owner", "pct", "control", "from", "to", "source", "confidence"}));
        Ownership owner;
        owner.owner = complaints_.take(table.text("owner"));
        owner.share = complaints_.take(table.optional_percent("pct"));
        const bool control = complaints_.take(table.flag("control", false));
        if (owner.share && control) {
            complaints_.add(table.where("control"), "both a share and control without a figure",
                            "keep 'pct'");
        } else if (!owner.share && !control && !table.has("pct")) {
            complaints_.add(table.where(), "neither a share nor control",
                            "add pct = 51, or control = true where no figure is known");
        }
        owner.span = read_span(table);
        owner.source = complaints_.take(table.text("source"));
        owner.confidence = read_confidence(table);
        owner.where = table.where();
        entity.owners.push_back(std::move(owner));
    }
}

void Loader::claim(const TomlReader& table, std::string_view key, const Identifier& identifier,
                   const std::vector<std::string>& products, const std::string& why, Entity& entity) {
    if (products.empty()) return claim_one(table, key, identifier, why + "; " + identifier.source, entity);
    for (const auto& each : products) {
        auto one = identifier;
        one.product = normalised_name(each);
        claim_one(
            table, key, std::move(one),
            why + " where the product is '" + printable(shortened(each, 64)) + "'; " + identifier.source,
            entity);
    }
}

void Loader::claim_one(const TomlReader& table, std::string_view key, Identifier identifier,
                       const std::string& why, Entity& entity) {
    const auto ns = identifier.ns;
    const auto spelled = std::string(to_string(ns)) + " '" + printable(shortened(identifier.value, 64)) + "'";
    auto known = canonical(ns, identifier.value);
    if (!known)
        return complaints_.add(table.where(key), spelled + ": " + known.error().context, "correct it");
    const auto [slot, fresh] =
        claims_.try_emplace({ns, *known, identifier.product}, Claim{entity.id, table.where(key), why});
    if (!fresh && (slot->second.entity != entity.id || ns != Namespace::smbios)) {
        return complaints_.add(table.where(key), spelled + " is also at " + slot->second.where,
                               "an identifier belongs to one entity, once: remove it from one of them");
    }
    identifier.value = std::move(*known);
    if (fresh) entity.identifiers.push_back(std::move(identifier));
}

}  // namespace assay::vendors
