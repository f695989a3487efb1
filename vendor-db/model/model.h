#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vendor-db/model/version_scheme.h"

/// The words of vendor data: who a maker is, who owns it, who lists it, and what the owner of the hosts
/// decided. Times are Unix time in seconds; a span includes `from` and ends just before `to`.
/// Pages: docs/formats/vendor-files.md, lists.md, decisions.md.
namespace assay::vendors {

/// Namespaces are never mixed: PCI 152d is Quanta, USB 152d is JMicron. `oui` is the IEEE registry, wherever
/// a device carries one of its prefixes: a MAC, a WWN, the IEEE field of an NVMe controller.
enum class Namespace : std::uint8_t { pci, usb, oui, jep106, iana_pen, tpm, pnp, efi_signer, smbios };
std::string_view to_string(Namespace ns);

enum class Decision : std::uint8_t { allow, deny, review };
std::string_view to_string(Decision decision);

/// A component class that a decision can be limited to. `any` covers all.
enum class Component : std::uint8_t {
    any,
    system,
    board,
    bios,
    bmc,
    cpu,
    memory,
    drive,
    nic,
    pci,
    gpu,
    psu,
    tpm,
    usb,
    chassis,
};
std::string_view to_string(Component component);

/// How well a fact is sourced. What is weak is shown, and never decides by itself.
enum class Confidence : std::uint8_t { sourced, weak };
std::string_view to_string(Confidence confidence);

enum class NameKind : std::uint8_t { legal, previous, alias, native, smbios };
std::string_view to_string(NameKind kind);
/// From `from` until just before `to`, Unix time in seconds; an absent end is open.
struct Span {
    std::optional<std::int64_t> from;
    std::optional<std::int64_t> to;

    [[nodiscard]] bool covers(std::int64_t at) const { return (!from || *from <= at) && (!to || at < *to); }
    [[nodiscard]] bool overlaps(const Span& other) const {
        return (!to || !other.from || *other.from < *to) && (!other.to || !from || *from < *other.to);
    }
};

struct Name {
    std::string text;
    NameKind kind = NameKind::alias;
    /// It is the name beside products that begin with one of these alone, as others print it too; none:
    /// beside every product.
    std::vector<std::string> products;
    Span span;           ///< when it was the name; matching does not ask
    std::string source;  ///< where it was read, with version
    Confidence confidence = Confidence::sourced;
};

struct Identifier {
    Namespace ns = Namespace::pci;
    std::string
        value;  ///< canonical: hex ids lower case; OUI 6, 7 or 9 upper-case hex digits; names normalised
    std::string source;   ///< where the assignment was read, with version
    std::string product;  ///< normalised: it is this entity's beside products that begin so; empty: always
};

/// A share of the capital, in hundredths of a percent: 5100 is 51 %.
using Share = std::uint32_t;
inline constexpr Share kWhole = 10'000;

/// One owner of an entity.
struct Ownership {
    std::string owner;           ///< Entity::id
    std::optional<Share> share;  ///< absent: control without a figure
    Span span;
    std::string source;
    Confidence confidence = Confidence::sourced;
    std::string where;  ///< "vendors/suma.toml:21"
};

/// One maker, from vendor-db/vendors/<id>.toml.
struct Entity {
    std::string id;  ///< "super-micro"
    std::string legal_name;
    std::string country;                  ///< ISO 3166-1 alpha-2; empty if unknown
    std::vector<Name> names;              ///< every name it is known by, legal and previous
    std::vector<Identifier> identifiers;  ///< the names among them normalised
    std::vector<Ownership> owners;
    std::string file;  ///< for messages
};

enum class ListStatus : std::uint8_t { active, suspended, withdrawn, superseded };
std::string_view to_string(ListStatus status);

/// From then on, until the next change.
struct StatusChange {
    ListStatus status = ListStatus::active;
    std::int64_t from = 0;
    std::string source;
    Confidence confidence = Confidence::sourced;
};

/// A document that a list was read from.
struct ListDocument {
    std::string id;
    std::string title;
    std::optional<std::int64_t> published;
    std::optional<std::int64_t> retrieved;
    std::string sha256;  ///< of the copy that was read, lower-case hex; empty: no copy was kept
};

struct ListEntry {
    std::vector<std::string> entities;  ///< Entity::id; none where no vendor file is about the party
    std::vector<std::string> names;     ///< as the list has them
    std::string text;                   ///< what the entry says, in short
    std::string document;               ///< ListDocument::id
    std::int64_t listed = 0;
    std::optional<std::int64_t> effective_from;
    std::vector<StatusChange> statuses;  ///< of this entry; none: as the list's
    Confidence confidence = Confidence::sourced;
    std::string where;
};

/// One list of parties, from vendor-db/lists/<id>.toml. What follows from it is the owner's decision.
struct List {
    std::string id;  ///< "bis-entity-list"
    std::string title;
    std::string authority;
    std::string bars;
    std::string extends;   ///< a list whose parties' subsidiaries this one adds; then it has no entries
    Share reach = kWhole;  ///< of such a list: the least share in each step of ownership
    std::vector<StatusChange> statuses;
    std::vector<ListDocument> documents;
    std::vector<ListEntry> entries;
    std::string file;
};

/// What a decision is about.
enum class Subject : std::uint8_t {
    country,   ///< makers whose seat is there
    listed,    ///< parties on a list
    owned_by,  ///< those that an entity owns, not itself
    entity,    ///< the entity
};
std::string_view to_string(Subject subject);

/// For a part that was there before: docs/formats/decisions.md says what ends the exception.
struct Grandfather {
    std::int64_t first_seen_before = 0;
    std::int64_t expires = 0;
};

/// One dated decision of the owner, from a decisions file.
struct Ruling {
    Subject subject = Subject::entity;
    std::string target;          ///< an entity's id, a list's id, a country
    std::optional<Share> reach;  ///< also subsidiaries, over steps of at least this share each
    Component component = Component::any;
    std::string site;  ///< empty: all
    Decision decision = Decision::review;
    std::string reason;
    std::string document;  ///< where the owner can read why: "SUPPLY-12", a list and its date; may be empty
    std::string approver;
    Span span;
    std::optional<Grandfather> grandfather;
    std::string where;  ///< "decisions/example.toml:12"
};

/// Which versions of a firmware the owner approves, from vendor-db/firmware/<id>.toml. Of `minimum` and
/// `denied`, at least one is there.
struct FirmwareRule {
    std::string entity = {};  ///< Entity::id of the part's maker; for a BIOS also the board's or the system's
    Component component = Component::any;
    std::string model = {};  ///< empty: every model; for a BIOS that of the board or the system
    VersionScheme scheme = VersionScheme::dotted;
    std::string series = {};   ///< only versions that begin with these fields; empty: all
    std::string minimum = {};  ///< of the scheme; empty: none
    std::vector<std::string> denied = {};
    std::string advisory = {};  ///< what to read: "DSA-2021-106", "CVE-2017-15361"
    std::int64_t date = 0;      ///< of the advisory; Unix time, seconds
    std::string source = {};
    std::string where = {};  ///< "firmware/infineon.toml:7"
};

}  // namespace assay::vendors
