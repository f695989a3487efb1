#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "evidence/codec/toml_file.h"
#include "vendor-db/load/complaints.h"
#include "vendor-db/model/vendor_db.h"

namespace assay::vendors {

/// Fills a VendorDb file by file and notes every complaint; only without one is the database given out.
class Loader {
  public:
    void read(const Sources& sources);
    [[nodiscard]] std::vector<Complaint> take_complaints() { return complaints_.take_all(); }
    /// Only after a read() without complaints.
    VendorDb finish(const std::optional<Edition>& edition);

  private:
    // One file each.
    void read_vendor(const TomlReader& root, const std::string& file);
    void read_list(const TomlReader& root, const std::string& file);
    void read_decisions(const TomlReader& root);

    void read_firmware(const TomlReader& root);
    void read_firmware_rule(const TomlReader& table, const std::string& vendor);

    void read_baselines(const TomlReader& root);
    void read_baseline_device(const TomlReader& table, Baseline& baseline);

    void read_references(const TomlReader& root);
    void read_reference_values(const TomlReader& table, ReferenceSet& set);
    std::optional<Digest> read_digest(const TomlReader& table);

    void read_names(const TomlReader& root, Entity& entity);
    void read_ids(const TomlReader& root, Entity& entity);
    void read_owners(const TomlReader& root, Entity& entity);
    std::vector<std::string> read_products(const TomlReader& table);
    /// One identifier belongs to one entity. Two spellings of one name in the same entity are one identifier.
    void claim(const TomlReader& table, std::string_view key, const Identifier& identifier,
               const std::vector<std::string>& products, const std::string& why, Entity& entity);
    void claim_one(const TomlReader& table, std::string_view key, Identifier identifier,
                   const std::string& why, Entity& entity);
    void read_entries(const TomlReader& root, List& list);
    void read_documents(const TomlReader& root, List& list);
    std::vector<StatusChange> read_statuses(const TomlReader& table);
    void read_decision(const TomlReader& table);

    Span read_span(const TomlReader& table);
    Confidence read_confidence(const TomlReader& table);

    // What concerns several tables or files.
    void check_owners();
    void check_circles();
    void check_lists();
    void check_rulings();
    void check_firmware();

    [[nodiscard]] std::vector<VendorDb::IndexRow> index() const;
    /// The digest of everything that was read, and the times that it names.
    void name_data();

    struct Claim {
        std::string entity;
        std::string where;
        std::string why;
    };
    VendorDb db_;
    Complaints complaints_;
    std::vector<std::pair<std::string, std::string>> firmware_vendors_;        // id, where
    std::map<std::tuple<Namespace, std::string, std::string>, Claim> claims_;  // canonical value, product
};

/// FNV-1a, 64 bits: an order for the index, nothing more.
std::uint64_t index_hash(Namespace ns, std::string_view canonical_value);
/// a-z, 0-9, '-', at most 64.
bool is_id(std::string_view id);
/// "since 2023-01-01", "until ...", "... to ...", or nothing.
std::string span_text(const Span& span);

}  // namespace assay::vendors
