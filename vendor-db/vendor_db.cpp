#include "vendor-db/vendor_db.h"

#include <algorithm>
#include <array>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "vendor-db/identifier.h"

namespace assay::vendors {
namespace {

constexpr std::byte kGroup{0x01};  // I/G bit: a multicast address has no maker (IEEE 802, 8.2)
constexpr std::byte kLocal{0x02};  // U/L bit: locally administered

int strictness(Decision decision) {
    switch (decision) {
        case Decision::deny:
            return 2;
        case Decision::review:
            return 1;
        case Decision::allow:
            return 0;
    }
    return 2;
}

bool in_force(const Ruling& ruling, std::int64_t at) {
    return (!ruling.from || *ruling.from <= at) && (!ruling.to || at < *ruling.to);
}

}  // namespace

Resolution VendorDb::resolve(Namespace ns, std::string_view value) const {
    if (ns == Namespace::smbios && (is_placeholder(value) || is_placeholder(normalised_name(value))))
        return {Resolution::Outcome::placeholder, {}, {}, {}};
    const auto key = canonical(ns, value);
    if (!key) return {};
    const auto found = index_.find({ns, *key});
    if (found == index_.end()) return {};
    const auto shown = ns == Namespace::smbios
                           ? "smbios name '" + printable(shortened(trimmed(value), 64)) + "'"
                           : std::string(to_string(ns)) + " " + *key;
    return {Resolution::Outcome::known, found->second, entities_.at(found->second).legal_name, shown};
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

Approval VendorDb::approval(std::string_view entity, Component component, std::int64_t at) const {
    for (const auto scope : {component, Component::any}) {
        const Ruling* strictest = nullptr;
        for (const auto& ruling : rulings_) {
            if (ruling.entity != entity || ruling.component != scope || !in_force(ruling, at)) continue;
            if (strictest == nullptr || strictness(ruling.decision) > strictness(strictest->decision))
                strictest = &ruling;
        }
        if (strictest != nullptr) {
            return {strictest->decision, strictest->reason, strictest->where, strictest->document};
        }
    }
    return {Decision::review, "", "no decision", ""};
}

}  // namespace assay::vendors
