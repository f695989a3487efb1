#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "verifier/service/casework/site.h"
#include "verifier/service/store/site/site_writes.h"

/// A directory comes in force: with the act that says by whose hands, and all that it changes judged again.
namespace assay::api::site {

/// Nothing in it, and number 0, while there is none.
struct DirectoryInForce {
    nlohmann::json document;
    std::int64_t number = 0;
};
Result<DirectoryInForce> directory_in_force(Service& service);

/// The policy says that the site has one person for everything.
Result<bool> is_single_handed(Service& service);

/// `document`: canonical JSON that was read as an import. `Refused::moved` where `made_from` is not the
/// number in force any more. The answer of the API: "in_force", "changed", "sha256", "judged",
/// "verdicts_changed".
store::Written<nlohmann::json> put_directory(Service& service, const nlohmann::json& document,
                                             std::int64_t made_from, const store::Act& act,
                                             const std::string& by);

}  // namespace assay::api::site
