#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "verifier/service/casework/directory_history.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/store/site/site.h"

/// The files of a case with the receipts of what is in them: when the verifier received it and by whose hand,
/// as its chain of acts says. What a stored document itself says of that counts for nothing.
namespace assay::api::site {

/// orders.json. `newest`: of each order.
Result<std::string> received_orders(Service& service, const std::vector<store::SiteDocument>& newest,
                                    accompaniment::Millis watermark);
/// badges.json, with the watermarks that feeds told of the span `wide`.
Result<std::string> received_badges(Service& service, const accompaniment::Span& wide);
/// directory.json without what the vendor data adds; `not_found` while there is none.
Result<nlohmann::json> received_directory(Service& service);
/// All directories up to this number.
inline constexpr const char* kDirectoryHistory = "directory-history";
Result<DirectoryHistory> directory_history(Service& service, std::int64_t newest);
/// policy.json, without baselines.
Result<nlohmann::json> received_policy(Service& service);
/// When the first directory was received; INT64_MAX while there is none.
Result<accompaniment::Millis> judged_since(Service& service);

}  // namespace assay::api::site
