#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/digest.h"
#include "evidence/base/result.h"

/// Who made it, and may it be here. PURE: files come in as text, the time as an argument.
/// docs/formats/vendor-files.md is the page.
namespace assay::vendors {

/// Namespaces are never mixed: PCI 152d is Quanta, USB 152d is JMicron.
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

struct Identifier {
    Namespace ns = Namespace::pci;
    std::string
        value;  ///< canonical: hex ids lower case; OUI 6, 7 or 9 upper-case hex digits; names normalised
    std::string source;  ///< where the assignment was read, with version
};

/// One maker, from vendor-db/vendors/<id>.toml.
struct Entity {
    std::string id;  ///< "super-micro"
    std::string legal_name;
    std::string country;             ///< ISO 3166-1 alpha-2; empty if unknown
    std::vector<std::string> names;  ///< every name it is known by, legal and previous
    std::vector<Identifier> identifiers;
    std::string file;  ///< for messages
};

/// One dated decision of the owner, from a decisions file.
struct Ruling {
    std::string entity;  ///< Entity::id
    Component component = Component::any;
    Decision decision = Decision::review;
    std::string reason;
    std::string document;  ///< where the owner can read why: "SUPPLY-12", a list and its date; may be empty
    std::string approver;
    std::optional<std::int64_t> from;  ///< Unix time, seconds, inclusive
    std::optional<std::int64_t> to;    ///< exclusive
    std::string where;                 ///< "decisions/example.toml:12"
};

/// What an identifier resolves to.
struct Resolution {
    enum class Outcome : std::uint8_t {
        known,        ///< exactly one entity
        placeholder,  ///< "To Be Filled By O.E.M.": says nothing
        unknown,      ///< no entity has it: for the review queue
    };
    Outcome outcome = Outcome::unknown;
    std::string entity;  ///< Entity::id when known
    std::string legal_name;
    std::string matched_by;  ///< "pci 1bd4", "smbios name 'Langchao'"
};

/// What the owner decided about a maker for a component class at a time.
struct Approval {
    Decision decision = Decision::review;  ///< `review` where no ruling covers it
    std::string reason;
    std::string where;     ///< the ruling, or "no decision"
    std::string document;  ///< Ruling::document; empty where no ruling covers it
};

class VendorDb {
  public:
    /// Numeric namespaces by value; `smbios` by exact normalised name. Never a substring.
    [[nodiscard]] Resolution resolve(Namespace ns, std::string_view value) const;
    /// 6 bytes of a MAC or the leading bytes of a WWN, by longest prefix of 36, 28, 24 bits. A locally
    /// administered address is unknown.
    [[nodiscard]] Resolution resolve_oui(ByteView mac) const;
    /// The first ruling, most specific component first, that is in force at `at` (Unix time, seconds); deny
    /// wins over allow.
    [[nodiscard]] Approval approval(std::string_view entity, Component component, std::int64_t at) const;
    [[nodiscard]] const std::map<std::string, Entity, std::less<>>& entities() const { return entities_; }
    /// SHA-256 over all that was loaded, in canonical order: names this data in a result.
    [[nodiscard]] const Digest& digest() const { return digest_; }

  private:
    friend class Loader;
    std::map<std::string, Entity, std::less<>> entities_;
    std::vector<Ruling> rulings_;
    std::map<std::pair<Namespace, std::string>, std::string>
        index_;  // (namespace, canonical value) -> entity id
    Digest digest_;
};

struct SourceFile {
    std::string name;  ///< for messages: "vendors/dell.toml"
    std::string text;
};

/// The texts that make a database, each kind in its own format. The order of files says nothing.
struct Sources {
    std::vector<SourceFile> vendors;    ///< one entity each
    std::vector<SourceFile> lists;      ///< one list of parties each
    std::vector<SourceFile> decisions;  ///< the owner's rulings
    std::vector<SourceFile> firmware;   ///< approved versions
};

/// Refused, naming file, line and remedy: a syntax error, an unknown key, an identifier in two entities, a
/// ruling about an entity that does not exist, dates that end before they begin, a missing source, a file of
/// a kind that is not read yet.
Result<VendorDb> load(const Sources& sources);

/// Printable ASCII, blanks collapsed, trimmed, case folded, punctuation and corporate suffixes stripped.
std::string normalised_name(std::string_view name);
/// A string that firmware leaves where a name should be: an exact entry of that list (blanks and case aside),
/// or nothing with a letter or digit in it ("", "--", "......").
bool is_placeholder(std::string_view name);

}  // namespace assay::vendors
