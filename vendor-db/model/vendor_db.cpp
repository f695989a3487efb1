#include "vendor-db/model/vendor_db.h"

#include <algorithm>
#include <array>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "vendor-db/load/loader.h"
#include "vendor-db/resolve/identifier.h"

namespace assay::vendors {
namespace {

constexpr std::byte kGroup{0x01};  // I/G bit: a multicast address has no maker (IEEE 802, 8.2)
constexpr std::byte kLocal{0x02};  // U/L bit: locally administered
constexpr std::size_t kAddressDigits = 12;

/// The bytes of "ac:1f:6b:01:02:03"; nothing where it is no whole address.
std::optional<std::array<std::byte, 6>> address_of(std::string_view text) {
    std::string digits;
    for (const char c : text) {
        if (c == ':' || c == '-' || c == '.') continue;
        if (digits.size() == kAddressDigits) return std::nullopt;
        digits.push_back(c);
    }
    const auto bytes = from_hex(digits, kAddressDigits / 2);
    if (digits.size() != kAddressDigits || !bytes) return std::nullopt;
    std::array<std::byte, 6> out{};
    std::ranges::copy(*bytes, out.begin());
    return out;
}

/// Whether the product is of this family: the family's words begin it.
bool begins(std::string_view product, std::string_view family) {
    return product.starts_with(family) && (product.size() == family.size() || product[family.size()] == ' ');
}

/// Those rows of one identifier that the product names, the longest family alone; all where it names none.
template <typename Rows>
Rows told_apart(const Rows& all, std::string_view product) {
    if (all.size() == 1 || product.empty()) return all;
    const auto normal = normalised_name(product);
    Rows out;
    for (const auto* row : all) {
        if (row->product.empty() || !begins(normal, row->product)) continue;
        if (!out.empty() && out.front()->product.size() > row->product.size()) continue;
        out = {row};
    }
    return out.empty() ? all : out;
}

}  // namespace

std::uint64_t index_hash(Namespace ns, std::string_view canonical_value) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    const auto add = [&](std::uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3ULL; };
    add(static_cast<std::uint8_t>(ns));
    for (const char c : canonical_value) add(static_cast<std::uint8_t>(c));
    return hash;
}

bool Resolution::may_be(std::string_view id) const {
    return outcome == Outcome::known &&
           (entity == id || std::ranges::find(others, id, &Other::entity) != others.end());
}

std::vector<const VendorDb::IndexRow*> VendorDb::find(Namespace ns, std::string_view canonical_value) const {
    std::vector<const IndexRow*> out;
    const auto hash = index_hash(ns, canonical_value);
    for (auto row = std::ranges::lower_bound(index_, hash, {}, &IndexRow::hash);
         row != index_.end() && row->hash == hash; ++row) {
        if (row->ns == ns && row->value == canonical_value) out.push_back(&*row);
    }
    return out;
}

Resolution VendorDb::resolve(Namespace ns, std::string_view value, std::string_view product) const {
    constexpr auto kPlaceholder = Resolution::Outcome::placeholder;
    if (ns == Namespace::smbios && is_placeholder(value)) return {.outcome = kPlaceholder};
    if (ns == Namespace::oui) {
        if (const auto address = address_of(value)) return resolve_oui(*address);
    }
    const auto key = canonical(ns, value);
    if (!key) return {};
    if (ns == Namespace::smbios && is_placeholder(*key)) return {.outcome = kPlaceholder};
    const auto all = find(ns, *key);
    if (all.empty()) return {};
    const auto rows = told_apart(all, product);
    const auto& first = *rows.front();
    Resolution out{.outcome = Resolution::Outcome::known,
                   .entity = first.entity->id,
                   .legal_name = first.entity->legal_name,
                   .matched_by = ns == Namespace::smbios
                                     ? "smbios name '" + printable(shortened(trimmed(value), 64)) + "'"
                                     : std::string(to_string(ns)) + " " + *key,
                   .why = first.why};
    if (!first.product.empty() && rows.size() < all.size())
        out.matched_by += ", product '" + printable(shortened(trimmed(product), 64)) + "'";
    for (const auto* row : rows) {
        if (!out.may_be(row->entity->id))
            out.others.push_back({row->entity->id, row->entity->legal_name, row->why});
    }
    return out;
}

Resolution VendorDb::resolve_oui(ByteView mac) const {
    if (mac.empty() || (mac[0] & (kGroup | kLocal)) != std::byte{0}) return {};
    const auto digits = to_hex(mac.first(std::min<std::size_t>(mac.size(), 5)));
    for (const std::size_t length : {9U, 7U, 6U}) {  // MA-S 36 bits, MA-M 28, MA-L 24
        if (digits.size() < length) continue;
        auto found = resolve(Namespace::oui, std::string_view(digits).substr(0, length));
        if (found.outcome == Resolution::Outcome::known) return found;
    }
    return {};
}

std::string VendorDb::legal_name(std::string_view entity) const {
    const auto found = entities_.find(entity);
    return found == entities_.end() ? std::string(entity) : found->second.legal_name;
}

}  // namespace assay::vendors
