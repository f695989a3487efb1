#include <algorithm>
#include <array>

#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/judge/accompaniment/reading/reading.h"

namespace assay::accompaniment {
namespace {

ZoneKind zone_kind(JsonReader& in) {
    constexpr std::array<ZoneKind, 5> kKinds = {ZoneKind::site, ZoneKind::building, ZoneKind::room,
                                                ZoneKind::cage, ZoneKind::rack};
    const auto name = in.word("kind", {"site", "building", "room", "cage", "rack"});
    const auto found = std::ranges::find_if(kKinds, [&](ZoneKind kind) { return to_string(kind) == name; });
    return found == kKinds.end() ? ZoneKind::room : *found;
}

Zone zone(JsonReader& in, Source source) {
    Zone out;
    out.id = in.text("id");
    out.parent = in.text_or("parent");
    out.kind = zone_kind(in);
    out.exit_reader = in.flag_or("exit_reader", true);
    out.locked = in.flag_or("locked", false);
    out.known = reading::known(in, source);
    return out;
}

Person person(JsonReader& in, Source source) {
    Person out;
    out.id = in.text("id");
    out.name = in.text_or("name");
    out.employer = in.text_or("employer");
    out.credentials = in.texts_or_none("credentials");
    for (const auto& credential : out.credentials)
        reading::no_spreadsheet_number(in, "credentials", credential, source);
    out.keys = in.texts_or_none("keys");
    out.unescorted_zones = in.texts_or_none("unescorted_zones");
    out.escort_zones = in.texts_or_none("escort_zones");
    if (const auto ratio = in.maybe_integer("escort_ratio", 1, 1000))
        out.escort_ratio = static_cast<std::uint32_t>(*ratio);
    out.known = reading::known(in, source);
    return out;
}

Entity entity(JsonReader& in, Source source) {
    Entity out;
    out.id = in.text("id");
    out.owners = in.texts_or_none("owners");
    if (in.raw("approved") != nullptr) out.approved = in.flag_or("approved", false);
    out.decided = in.text_or("decided", "directory");
    out.known = reading::known(in, source);
    return out;
}

Reader reader(JsonReader& in, Source source) {
    Reader out;
    out.id = in.text("id");
    out.controller = in.text_or("controller");
    out.zone_from = in.text_or("zone_from");
    out.zone_to = in.text_or("zone_to");
    out.direction = in.word("direction", {"in", "out", "unknown"}, "unknown");
    out.kiosk = in.flag_or("kiosk", false);
    out.known = reading::known(in, source);
    return out;
}

}  // namespace

Result<DirectoryData> read_directory(std::string_view json, Source source) {
    DirectoryData out;
    TRY_VOID(reading::file(json, [&](JsonReader& file) {
        file.each("zones", [&](JsonReader& in) { out.zones.push_back(zone(in, source)); });
        file.each("persons", [&](JsonReader& in) { out.persons.push_back(person(in, source)); });
        file.each("hosts", [&](JsonReader& in) {
            Host host;
            host.id = in.text("id");
            host.name = in.text_or("name");
            host.ek = in.hex_or_none("ek", 32);
            host.zone = in.text("zone");
            host.model = in.text_or("model");
            host.in_service = in.flag_or("in_service", true);
            host.known = reading::known(in, source);
            out.hosts.push_back(std::move(host));
        });
        file.each("entities", [&](JsonReader& in) { out.entities.push_back(entity(in, source)); });
        file.each("issuers", [&](JsonReader& in) {
            out.issuers.push_back(
                {.id = in.text("id"), .entity = in.text_or("entity"), .known = reading::known(in, source)});
        });
        file.each("readers", [&](JsonReader& in) { out.readers.push_back(reader(in, source)); });
        file.each("rights_changes", [&](JsonReader& in) {
            out.rights_changes.push_back({.at = reading::instant(in, "at"),
                                          .by = in.text("by"),
                                          .person = in.text("person"),
                                          .what = in.text_or("what")});
        });
        if (reading::verifiers(file, "hands", source)) {
            file.each("hands", [&](JsonReader& in) {
                out.hands.push_back({.id = in.text("id"), .person = in.text("person")});
            });
        }
        out.digest = reading::digest_of(file.as_text());
    }));
    return out;
}

}  // namespace assay::accompaniment
