// Input: a vendor file, a line of four '=', a decisions file. What is loaded must be consistent: every
// identifier resolves back to its entity, and the digest does not depend on anything but the input.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "vendor-db/vendor_db.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay::vendors;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    constexpr std::string_view separator = "====\n";
    const auto cut = input.find(separator);
    const auto vendor = input.substr(0, cut);
    const auto decisions =
        cut == std::string_view::npos ? std::string_view() : input.substr(cut + separator.size());
    const Sources sources{{{"vendors/fuzz.toml", std::string(vendor)}},
                          {},
                          {{"decisions/fuzz.toml", std::string(decisions)}},
                          {}};
    const auto db = load(sources);
    if (!db) {
        if (db.error().context.empty()) std::abort();
        return 0;
    }
    for (const auto& [id, entity] : db->entities()) {
        for (const auto& identifier : entity.identifiers) {
            if (db->resolve(identifier.ns, identifier.value).entity != id) std::abort();
        }
        for (const auto& name : entity.names) {
            if (db->resolve(Namespace::smbios, name.text).entity != id) std::abort();
        }
        (void)db->approval(id, Component::drive, 0);
    }
    if (load(sources)->digest() != db->digest()) std::abort();
    return 0;
}
