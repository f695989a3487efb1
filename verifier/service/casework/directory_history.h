#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "verifier/judge/accompaniment/receipt.h"

/// Directories as they followed each other, merged into one whose elements say from when until when each
/// version of them was known. PURE.
namespace assay::api::site {

struct DirectoryVersion {
    nlohmann::json document;  ///< as it was imported
    accompaniment::Millis received_at = 0;
    std::vector<std::string> hands;  ///< who proposed it, then who approved it
    bool narrowed = false;           ///< it only took away: what is left stands on who brought it
};

class DirectoryHistory {
  public:
    /// The next version. Elements that are as before go on.
    void add(const DirectoryVersion& version);
    /// As directory.json of a case: elements that were known at some time from `from` on, each with its
    /// receipt, and changes of rights that any version told.
    [[nodiscard]] nlohmann::json document(accompaniment::Millis from) const;

  private:
    struct Element {
        nlohmann::json value;
        accompaniment::Known known;
    };
    using Key = std::pair<std::string, std::string>;  // of the list, and the id in it

    std::map<std::string, std::vector<Element>> lists_;
    std::map<Key, std::size_t> in_force_;  // place in its list
    nlohmann::json rest_ = nlohmann::json::object();
    accompaniment::Millis newest_ = accompaniment::kAtItsOwnTime;
};

}  // namespace assay::api::site
