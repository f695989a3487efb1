#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/result.h"
#include "verifier/judge/accompaniment/receipt.h"
#include "verifier/judge/accompaniment/text_map.h"
#include "verifier/judge/accompaniment/time.h"

/// Who and where: persons, their keys and rights, zones, hosts, issuers of work orders and who owns them.
/// Each element may be there in several versions, one after the other: `known` says from when until when.
/// docs/formats/accompaniment-case.md, directory.json.
namespace assay::accompaniment {

enum class ZoneKind : std::uint8_t { site, building, room, cage, rack };
std::string_view to_string(ZoneKind kind);

struct Zone {
    std::string id;
    std::string parent;  ///< empty: none
    ZoneKind kind = ZoneKind::room;
    bool exit_reader = true;  ///< leaving it is recorded
    bool locked = false;      ///< a rack with a lock of its own: presence is asked of the rack
    Known known = {};
};

/// Of a zone's id in one Directory: for what asks a million times.
enum class ZoneNumber : std::uint32_t {};
inline constexpr ZoneNumber kNoZone{UINT32_MAX};

struct Person {
    std::string id;                             ///< a pseudonym; the name stays in the badge system
    std::string name;                           ///< empty unless the reader may see it
    std::string employer;                       ///< id of an entity; empty: not known
    std::vector<std::string> credentials;       ///< badges
    std::vector<std::string> keys;              ///< ids of public keys
    std::vector<std::string> unescorted_zones;  ///< may be there alone; holds for the zones within
    std::vector<std::string> escort_zones;      ///< may escort there; likewise
    std::optional<std::uint32_t> escort_ratio;  ///< how many at a time; absent: the policy's
    Known known = {};
};

struct Host {
    std::string id;  ///< asset identity: the inventory's number, or the EK's digest itself
    std::string ek;  ///< SHA-256 of the host's endorsement key, 64 hex digits; empty: the id is it, or none
    std::string name;
    std::string zone;  ///< its rack, or the room
    std::string model;
    bool in_service = true;
    Known known = {};
};

struct Entity {
    std::string id;
    std::vector<std::string> owners;
    std::optional<bool> approved;  ///< absent: nobody decided
    std::string decided;           ///< who decided, where, for the reason's text
    Known known = {};
};

struct Issuer {
    std::string id;
    std::string entity;  ///< who runs it; empty: not known
    Known known = {};
};

/// What a reader is, for rows that do not say it themselves.
struct Reader {
    std::string id;
    std::string controller;
    std::string zone_from;
    std::string zone_to;
    std::string direction;  ///< "in", "out" or "unknown"
    bool kiosk = false;     ///< a check-in desk: nobody passes a door there
    Known known = {};
};

struct RightsChange {
    Millis at = 0;
    std::string by;
    std::string person;
    std::string what;
};

/// Whose hand it is: several hands of one person are one actor.
struct Hand {
    std::string id;      ///< "operator:otto", "feed:doors"
    std::string person;  ///< who keeps its key
};

/// What of the directory the judgement is told, as data.
struct DirectoryData {
    std::vector<Zone> zones;
    std::vector<Person> persons;
    std::vector<Host> hosts;
    std::vector<Entity> entities;
    std::vector<Issuer> issuers;
    std::vector<Reader> readers;
    std::vector<RightsChange> rights_changes;
    std::vector<Hand> hands;
    std::string digest;  ///< SHA-256 of the canonical JSON, hex
};

/// The same with its indexes. Immutable; pointers stay valid as long as it lives. `as_of`: by the verifier's
/// clock, what it knew then; kNow: what is in force.
class Directory {
  public:
    static constexpr std::size_t kZoneDepth = 16;

    /// `malformed` for an id given twice at a time, a parent or zone that is not there, a circle of zones; it
    /// names it.
    static Result<Directory> of(DirectoryData data);

    [[nodiscard]] const DirectoryData& data() const { return data_; }
    [[nodiscard]] const Zone* zone(std::string_view id, Millis as_of = kNow) const;
    [[nodiscard]] const Person* person(std::string_view id, Millis as_of = kNow) const;
    /// By id, or by the EK's digest.
    [[nodiscard]] const Host* host(std::string_view id, Millis as_of = kNow) const;
    [[nodiscard]] const Entity* entity(std::string_view id, Millis as_of = kNow) const;
    [[nodiscard]] const Issuer* issuer(std::string_view id, Millis as_of = kNow) const;
    [[nodiscard]] const Reader* reader(std::string_view id, Millis as_of = kNow) const;
    /// Who holds this key or badge: ids of persons. Two where it is registered for two.
    [[nodiscard]] const std::vector<std::string>& holders_of_key(std::string_view key,
                                                                 Millis as_of = kNow) const;
    [[nodiscard]] const std::vector<std::string>& holders_of_credential(std::string_view credential,
                                                                        Millis as_of = kNow) const;
    /// When it last changed, by what came or went: before or at a time, all that was known then is in force.
    /// kAtItsOwnTime where nothing says when.
    [[nodiscard]] Millis newest_receipt() const { return newest_receipt_; }
    /// The person behind it; empty where it is not known.
    [[nodiscard]] std::string_view person_of_hand(std::string_view hand) const;

    /// The zone and those around it, from the inside out; empty for an unknown one.
    [[nodiscard]] std::vector<std::string_view> around(std::string_view zone, Millis as_of = kNow) const;
    /// `inner` is `outer` or within it.
    [[nodiscard]] bool within(std::string_view inner, std::string_view outer, Millis as_of = kNow) const;
    /// kNoZone for what is no zone at any time.
    [[nodiscard]] ZoneNumber number_of(std::string_view zone) const;
    /// The same as for ids, in the tree that is in force.
    [[nodiscard]] bool within(ZoneNumber inner, ZoneNumber outer) const;
    /// The site around it, likewise; kNoZone where there is none.
    [[nodiscard]] ZoneNumber site_of(ZoneNumber zone) const;
    /// The zone and all within it, in the tree that is in force.
    [[nodiscard]] std::vector<ZoneNumber> all_within(ZoneNumber zone) const;
    /// The innermost zone of this kind around `zone`, or empty.
    [[nodiscard]] std::string_view enclosing(std::string_view zone, ZoneKind kind, Millis as_of = kNow) const;
    /// Where presence is asked for an event at this host: its rack if that has a lock, else the room or cage.
    [[nodiscard]] std::string_view presence_zone(const Host& host, Millis as_of = kNow) const;
    /// The entity and all that own it, each once, from itself outward.
    [[nodiscard]] std::vector<std::string> owners_of(std::string_view entity, Millis as_of = kNow) const;

  private:
    /// Places of its versions in the list, by receipt.
    using Index = TextMap<std::vector<std::size_t>>;
    /// Who held it in one stretch of time.
    struct Held {
        Millis from = kAtItsOwnTime;
        Millis until = kNow;  ///< not included, but for kNow
        std::vector<std::string> persons;
    };
    using Holders = TextMap<std::vector<Held>>;

    Result<> index_zones();
    void index_holders();
    /// The zones from this one outward, until `found` says yes; nullptr where it never does.
    template <typename Found>
    const Zone* outward(std::string_view zone, Millis as_of, Found&& found) const;
    static const std::vector<std::string>& held(const Holders& holders, std::string_view id, Millis as_of);

    DirectoryData data_;
    Index zones_, persons_, hosts_, entities_, issuers_, readers_;
    Holders keys_, credentials_;
    /// By a zone's number, which is the place of its first version in the list: those directly within, and of
    /// each in force itself and those around it, from the inside out.
    std::vector<std::vector<ZoneNumber>> children_, around_;
    std::vector<ZoneNumber> sites_;
    TextMap<std::string> hands_;
    Millis zones_changed_ = kAtItsOwnTime;  ///< the tree is as it is since then
    Millis newest_receipt_ = kAtItsOwnTime;
};

/// What the directory said then, by `find`, a lookup that takes when; where it did not know it yet, or any
/// more, what it says now.
template <typename Find>
auto as_it_was(Millis then, Find&& find) {
    const auto* known = find(then);
    return known != nullptr ? known : find(kNow);
}

}  // namespace assay::accompaniment
