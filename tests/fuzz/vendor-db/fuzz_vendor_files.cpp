// Input: a vendor file, a decisions file and a list file, a line of four '=' between them; a blank list is
// none. What is loaded must be consistent: every identifier resolves back to its entity, every answer about
// owners, lists and decisions is given at any time, and the digest depends on nothing but the input.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "vendor-db/model/vendor_db.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay::vendors;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    constexpr std::string_view separator = "====\n";
    const auto cut = input.find(separator);
    const auto vendor = input.substr(0, cut);
    const auto rest =
        cut == std::string_view::npos ? std::string_view() : input.substr(cut + separator.size());
    const auto next = rest.find(separator);
    const auto list =
        next == std::string_view::npos ? std::string_view() : rest.substr(next + separator.size());
    // A second maker, so that there can be an owner.
    Sources sources{
        {{"vendors/fuzz.toml", std::string(vendor)},
         {"vendors/owner.toml",
          "id = \"fuzz-owner\"\n[[names]]\nkind = \"legal\"\ntexts = [\"The Fuzz Owner\"]\nsource = "
          "\"s\"\n"}},
        {},
        {{"decisions/fuzz.toml", std::string(rest.substr(0, next))}},
        {}};
    if (!list.empty()) sources.lists.push_back({"lists/fuzz.toml", std::string(list)});
    const auto db = load(sources);
    if (!db) {
        if (db.error().context.empty() || check(sources).empty()) std::abort();
        return 0;
    }
    constexpr std::int64_t kTimes[] = {INT64_MIN, 0, 1'780'000'000, INT64_MAX};
    for (const auto& [id, entity] : db->entities()) {
        for (const auto& identifier : entity.identifiers) {
            if (db->resolve(identifier.ns, identifier.value).entity != id) std::abort();
        }
        for (const auto& name : entity.names) {
            if (db->resolve(Namespace::smbios, name.text).entity != id) std::abort();
        }
        for (const auto at : kTimes) {
            (void)db->approval({id, Component::drive, at, "site"});
            for (const auto& [owner, chain] : db->owners_of(id, 1, at)) {
                if (db->in_words(chain).empty() || !db->owned_by(owner, 1, at).contains(id)) std::abort();
            }
            for (const auto& listing : db->listings(id, at)) {
                if (db->in_words(listing, 0).find("listed for ") == std::string::npos) std::abort();
            }
        }
    }
    if (load(sources)->digest() != db->digest()) std::abort();
    return 0;
}
