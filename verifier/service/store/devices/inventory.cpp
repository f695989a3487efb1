#include "verifier/service/store/devices/inventory.h"

#include "evidence/base/text.h"
#include "vendor-db/resolve/identifier.h"

namespace assay::store {
namespace {

constexpr std::size_t kOuiDigits = 9;  // MA-S, the longest assignment: 36 bits

std::string stored_value(const MakerId& id) {
    if (id.ns == vendors::Namespace::oui) return id.value.substr(0, kOuiDigits);
    if (id.ns == vendors::Namespace::smbios && vendors::is_placeholder(id.value))
        return stored_text(id.value);
    const auto known = vendors::canonical(id.ns, id.value);
    return known ? stored_text(*known) : stored_text(id.value);
}

}  // namespace

std::string stored_text(std::string_view text) {
    constexpr std::size_t kText = 128;
    return shortened(printable(text), kText);
}

MakerRange MakerRange::of(vendors::Namespace ns, const std::string& canonical) {
    if (ns != vendors::Namespace::oui || canonical.empty()) return {ns, canonical, {}};
    auto before = canonical;
    before.back() = static_cast<char>(before.back() + 1);  // '9' and 'F' go to what no hex digit is
    return {ns, canonical, before};
}

PartType part_type_of(const HostComponent& part) {
    PartType out{.id = 0, .kind = part.kind, .model = stored_text(part.model), .maker = {}};
    for (const auto& id : part.maker) {
        auto what = stored_text(id.what);
        // A MAC is one card's, and the type is many cards'.
        if (id.ns == vendors::Namespace::oui && id.value.size() > kOuiDigits) what = "permanent MAC";
        out.maker.push_back({id.ns, stored_value(id), std::move(what), id.layer});
    }
    return out;
}

}  // namespace assay::store
