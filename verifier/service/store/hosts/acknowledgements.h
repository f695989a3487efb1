#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evidence/wire/open_matter.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/site/site.h"
#include "verifier/service/store/store.h"

/// What people said to have found out about the matters that are open.
namespace assay::store {

struct Acknowledgement {
    std::string host;
    std::string matter;  ///< matter_id
    std::string by;      ///< name of an operator: two certificates of one name are one person
    std::string reason;
    std::int64_t at = 0;
    Act act = {};                              ///< that tells it
    std::vector<SiteDocument> documents = {};  ///< that are stored with it
};

struct OpenMatters {
    std::vector<OpenMatter> matters;
    std::uint64_t more = 0;  ///< counted beyond
};

class Acknowledgements : Subject {
  public:
    using Subject::Subject;
    /// As the host's newest report left them, with the acknowledgements since. `not_found`
    Result<OpenMatters> open(const std::string& host);
    /// The matter as it is then. Of a person who has acknowledged it already it changes nothing.
    /// `not_found`: no such host, or nothing open of this id at it.
    Result<OpenMatter> add(const Acknowledgement& acknowledgement);
    /// Hosts behind `after` whose newest conclusion has a finding of the group that names a matter, at most
    /// `most`, by name.
    Result<std::vector<std::string>> hosts_of_group(const std::string& group, const std::string& after,
                                                    std::int64_t most);
    /// The ids of those matters of one host that are open still.
    Result<std::vector<std::string>> of_group(const std::string& host, const std::string& group);
    Result<std::vector<Acknowledgement>> list(const std::optional<std::string>& host,
                                              std::int64_t limit);  ///< newest first
};

}  // namespace assay::store
