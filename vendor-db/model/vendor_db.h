#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "vendor-db/model/baseline.h"
#include "vendor-db/model/model.h"
#include "vendor-db/model/reference_set.h"

/// Who made it, who owns them, and may it be here. PURE: files come in as text, the time as an argument.
namespace assay::vendors {

/// What an identifier resolves to.
struct Resolution {
    enum class Outcome : std::uint8_t {
        known,        ///< exactly one entity
        placeholder,  ///< "To Be Filled By O.E.M.": says nothing
        unknown,      ///< no entity has it: for the review queue
    };
    Outcome outcome = Outcome::unknown;
    std::string entity = {};  ///< Entity::id when known
    std::string legal_name = {};
    std::string matched_by = {};  ///< "pci 1bd4", "smbios name 'Langchao'"
    std::string why = {};         ///< "previous name of Dell Inc., until 2003-07-01; source", for the finding
    /// Others whose it may be as well: they print the same, and the product does not tell them apart.
    struct Other {
        std::string entity;
        std::string legal_name;
        std::string why;
    };
    std::vector<Other> others = {};

    /// Whether it is this entity's, or may be.
    [[nodiscard]] bool may_be(std::string_view id) const;
};

/// A step up: `entity` is owned by `link->owner`.
struct OwnershipStep {
    std::string entity;
    const Ownership* link = nullptr;  ///< never null; of the VendorDb
};
/// "Suma Technology <- Sugon (51 %, since 2021-03-01, source)"; from the subsidiary upwards.
struct OwnershipChain {
    std::vector<OwnershipStep> steps;  ///< none: the entity itself
    bool weak = false;                 ///< a step is
};

/// An entity's place on a list at a time, of its own or through an owner.
struct Listing {
    const List* list = nullptr;        ///< never null; of the VendorDb
    const ListEntry* entry = nullptr;  ///< never null; where it comes from
    std::string party;                 ///< Entity::id of who is listed
    OwnershipChain chain;              ///< from the entity up to `party`
    ListStatus status = ListStatus::active;
    std::int64_t status_from = 0;
    bool weak = false;  ///< entry, status or a step of ownership is weakly sourced

    /// Active, and its effective date has come.
    [[nodiscard]] bool in_effect(std::int64_t at) const;
    /// Active, and its effective date is still to come.
    [[nodiscard]] bool ahead(std::int64_t at) const;
};

/// What the owner decided about a maker for a component class at a time.
struct Approval {
    Decision decision = Decision::review;  ///< `review` where no ruling covers it
    std::string reason;
    std::string approver;  ///< Ruling::approver; empty where no ruling covers it
    std::string where;     ///< the ruling, or "no decision"
    std::string document;  ///< Ruling::document; empty where no ruling covers it
    /// How the ruling got here, in words: ownership upwards, then the listing. Empty for a ruling that names
    /// the entity.
    std::string chain;
    std::optional<Grandfather> grandfather;  ///< of a ruling that denies
};

/// What is asked about a maker's part.
struct Question {
    std::string_view entity;
    Component component = Component::any;
    std::int64_t at = 0;
    std::string_view site = {};  ///< of the host; empty: a decision for one site does not count
};

/// The bundle that vendor data came from.
struct Edition {
    std::uint64_t version = 0;
    std::int64_t issued = 0;   ///< Unix time, seconds
    std::int64_t expires = 0;  ///< Unix time, seconds: from then on it is not current any more
    Digest digest;             ///< the bundle's: SHA-256 of its content
};

class VendorDb {
  public:
    VendorDb() = default;
    VendorDb(VendorDb&&) = default;
    VendorDb& operator=(VendorDb&&) = default;
    VendorDb(const VendorDb&) = delete;  // rows point to entities of the same database
    VendorDb& operator=(const VendorDb&) = delete;
    ~VendorDb() = default;

    /// Numeric namespaces by value; `oui` also by a whole address ("ac:1f:6b:01:02:03"), as resolve_oui();
    /// `smbios` by exact normalised name. Never a substring. `product`: of the machine, where it is known; it
    /// tells makers apart that print the same.
    [[nodiscard]] Resolution resolve(Namespace ns, std::string_view value,
                                     std::string_view product = {}) const;
    /// 6 bytes of a MAC or the leading bytes of a WWN, by longest prefix of 36, 28, 24 bits. A locally
    /// administered address is unknown.
    [[nodiscard]] Resolution resolve_oui(ByteView mac) const;

    /// The most specific ruling in force; of equally specific ones the strictest. Weakly sourced listings and
    /// ownership, and listings whose effective date is to come, can turn an allowance that is less specific
    /// into `review`, and no more.
    [[nodiscard]] Approval approval(const Question& question) const;
    [[nodiscard]] Approval approval(std::string_view entity, Component component, std::int64_t at) const {
        return approval({entity, component, at});
    }

    /// Who owned `entity` at `at`, over steps of at least `least` each (or of control): for each owner the
    /// best chain, sourced before weak, then the shortest. By owner's id.
    [[nodiscard]] std::map<std::string, OwnershipChain> owners_of(std::string_view entity, Share least,
                                                                  std::int64_t at) const;
    /// Whom `entity` owned at `at`, likewise. By subsidiary's id.
    [[nodiscard]] std::map<std::string, OwnershipChain> owned_by(std::string_view entity, Share least,
                                                                 std::int64_t at) const;
    /// Every list that had `entity` at `at`, whatever its status then. Not yet listed is not listed.
    [[nodiscard]] std::vector<Listing> listings(std::string_view entity, std::int64_t at) const;

    /// "listed for X, barring Y, status Z as of 2026-05-28", with the effective date where there is one, the
    /// chain and what is weak about it.
    [[nodiscard]] std::string in_words(const Listing& listing, std::int64_t at) const;
    /// Empty for a chain without steps.
    [[nodiscard]] std::string in_words(const OwnershipChain& chain) const;

    [[nodiscard]] const std::map<std::string, Entity, std::less<>>& entities() const { return entities_; }
    [[nodiscard]] const std::map<std::string, List, std::less<>>& lists() const { return lists_; }
    [[nodiscard]] const std::vector<Ruling>& rulings() const { return rulings_; }
    [[nodiscard]] const std::vector<FirmwareRule>& firmware() const { return firmware_; }
    /// What USB devices belong into which models of server.
    [[nodiscard]] const std::vector<Baseline>& baselines() const { return baselines_; }
    [[nodiscard]] const std::vector<ReferenceSet>& references() const { return references_; }
    /// None for data that was loaded from files.
    [[nodiscard]] const std::optional<Edition>& edition() const { return edition_; }
    /// Names this data in a result: the digest of the bundle that it came from, else SHA-256 over all that
    /// was loaded, in canonical order.
    [[nodiscard]] const Digest& digest() const { return edition_ ? edition_->digest : digest_; }
    /// Around `at`: as long as no date of the data passes, what is asked above has the same answer.
    [[nodiscard]] Span unchanged_around(std::int64_t at) const;

  private:
    friend class Loader;
    struct IndexRow {
        std::uint64_t hash = 0;
        Namespace ns = Namespace::pci;
        std::string value;
        std::string product;
        std::string why;
        const Entity* entity = nullptr;
    };
    struct PlaceOnList {
        const List* list = nullptr;
        const ListEntry* entry = nullptr;
    };

    /// Every row of it, those without a product first.
    [[nodiscard]] std::vector<const IndexRow*> find(Namespace ns, std::string_view canonical_value) const;
    void add_listings(std::string_view party, const OwnershipChain& chain, const List* extension,
                      std::int64_t at, std::vector<Listing>& out) const;
    [[nodiscard]] std::string legal_name(std::string_view entity) const;

    // std::map: its nodes stay where they are when a VendorDb is moved, and the pointers above with them.
    std::map<std::string, Entity, std::less<>> entities_;
    std::map<std::string, List, std::less<>> lists_;
    std::vector<Ruling> rulings_;
    std::vector<FirmwareRule> firmware_;
    std::vector<Baseline> baselines_;
    std::vector<ReferenceSet> references_;
    std::vector<IndexRow> index_;                                          // by hash
    std::map<std::string, std::vector<PlaceOnList>, std::less<>> listed_;  // by entity
    std::map<std::string, std::vector<std::size_t>, std::less<>> naming_;  // rulings that name an entity
    std::vector<std::size_t> by_rule_;                                     // the others, and those that reach
    std::map<std::string, std::vector<OwnershipStep>, std::less<>> owns_;  // by owner
    Digest digest_;
    std::vector<std::int64_t> times_;  // every date that the data names, ascending
    std::optional<Edition> edition_;
};

struct SourceFile {
    std::string name;  ///< for messages: "vendors/dell.toml"
    std::string text;
};

/// The texts that make a database, each kind in its own format. The order of files says nothing.
struct Sources {
    std::vector<SourceFile> vendors;          ///< one entity each
    std::vector<SourceFile> lists;            ///< one list of parties each
    std::vector<SourceFile> decisions;        ///< the owner's rulings
    std::vector<SourceFile> firmware;         ///< approved versions
    std::vector<SourceFile> baselines = {};   ///< USB devices of models
    std::vector<SourceFile> references = {};  ///< what a boot of a model may measure
};

/// Something that is wrong in the sources.
struct Complaint {
    std::string file;
    std::size_t line = 0;  ///< 0: the whole file
    std::string what;
    std::string remedy;
    ErrorCode code = ErrorCode::malformed;
};
/// "vendors/dell.toml:7: what; remedy".
std::string to_string(const Complaint& complaint);

/// Everything that is wrong, by kind of file, file and line: syntax, unknown keys, missing sources, dates
/// that end before they begin or overlap, an identifier of two entities, owners, parties and lists that do
/// not exist, circles of ownership, shares of more than a whole, decisions that contradict each other.
std::vector<Complaint> check(const Sources& sources);

/// Refused where check() has a complaint: the error is the first one, and says how many more there are.
Result<VendorDb> load(const Sources& sources, const std::optional<Edition>& edition = std::nullopt);

/// Printable ASCII, blanks collapsed, trimmed, case folded, punctuation and corporate suffixes stripped.
std::string normalised_name(std::string_view name);
/// A string that firmware leaves where a name should be: an exact entry of that list (blanks and case aside),
/// or nothing with a letter or digit in it ("", "--", "......").
bool is_placeholder(std::string_view name);
/// "2026-01-31": the day in UTC.
std::string date_text(std::int64_t unix_seconds);
/// "51 %", "33.4 %".
std::string share_text(Share share);

}  // namespace assay::vendors
