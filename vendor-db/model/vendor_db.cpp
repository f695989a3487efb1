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

}  // namespace

std::uint64_t index_hash(Namespace ns, std::string_view canonical_value) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    const auto add = [&](std::uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3ULL; };
    add(static_cast<std::uint8_t>(ns));
    for (const char c : canonical_value) add(static_cast<std::uint8_t>(c));
    return hash;
}

const VendorDb::IndexRow* VendorDb::find(Namespace ns, std::string_view canonical_value) const {
    const auto hash = index_hash(ns, canonical_value);
    for (auto row = std::ranges::lower_bound(index_, hash, {}, &IndexRow::hash);
         row != index_.end() && row->hash == hash; ++row) {
        if (row->ns == ns && row->value == canonical_value) return &*row;
    }
    return nullptr;
}

Resolution VendorDb::resolve(Namespace ns, std::string_view value) const {
    if (ns == Namespace::smbios && is_placeholder(value))
        return {Resolution::Outcome::placeholder, {}, {}, {}, {}};
    if (ns == Namespace::oui) {
        if (const auto address = address_of(value)) return resolve_oui(*address);
    }
    const auto key = canonical(ns, value);
    if (!key) return {};
    if (ns == Namespace::smbios && is_placeholder(*key))
        return {Resolution::Outcome::placeholder, {}, {}, {}, {}};
    const auto* row = find(ns, *key);
    if (row == nullptr) return {};
    auto shown = ns == Namespace::smbios ? "smbios name '" + printable(shortened(trimmed(value), 64)) + "'"
                                         : std::string(to_string(ns)) + " " + *key;
    return {Resolution::Outcome::known, row->entity->id, row->entity->legal_name, std::move(shown), row->why};
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
