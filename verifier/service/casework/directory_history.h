#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "verifier/judge/accompaniment/receipt.h"

/// Directories as they followed each other, merged into one whose elements say from when until when each
/// version of them was known. PURE.
namespace assay::api::site {

/// An element of directory.json with the members that say when it was known and by whose hands.
nlohmann::json with_receipt(nlohmann::json element, const accompaniment::Known& known);

/// How a directory came in force.
struct DirectoryReceipt {
    accompaniment::Millis received_at = 0;
    std::vector<std::string> hands = {};  ///< who proposed it, then who approved it
    bool narrowed = false;                ///< it only took away: what is left stands on who brought it
};
using DirectoryReceipts = std::map<std::int64_t, DirectoryReceipt>;  // by number

class DirectoryHistory {
  public:
    /// The next one, as it was imported. Elements that are as before go on.
    void add(std::int64_t number, nlohmann::json directory);
    /// The number of the newest that was added; 0: none.
    [[nodiscard]] std::int64_t newest() const { return newest_; }

    /// As directory.json of a case: elements that were known at some time, each with its receipt, and changes
    /// of rights that any version told. `receipts`: of all that were added.
    [[nodiscard]] nlohmann::json document(const DirectoryReceipts& receipts) const;

    /// To go on from without reading all of them again.
    [[nodiscard]] nlohmann::json stored() const;
    /// What `stored` gave.
    static DirectoryHistory of(const nlohmann::json& stored);

  private:
    struct Element {
        nlohmann::json value;
        std::int64_t from = 0;
        std::int64_t until = 0;  // the number that has it no more; 0: it is in force
    };
    using Key = std::pair<std::string, std::string>;  // of the list, and the id in it

    std::map<std::string, std::vector<Element>> lists_;  // each in the order of `from`
    std::map<Key, std::size_t> in_force_;                // place in its list
    nlohmann::json rest_ = nlohmann::json::object();     // of the newest
    std::int64_t newest_ = 0;
};

}  // namespace assay::api::site
