#pragma once

#include <optional>
#include <string>

#include "evidence/wire/act_head.h"
#include "evidence/wire/saved_bundle.h"
#include "verifier/service/shared/service.h"
#include "verifier/service/store/hosts/hosts.h"

namespace assay::api {

/// What an agent says that it was told by the token before. Nobody vouches for it: who lies gets a worse
/// result for himself.
struct ShownBefore {
    ActHead acts;
    std::string result_id;  ///< hex
};

/// Nothing where the verifier has all of it: the act with its head, and the result. `host`: as read or
/// remembered for this request; what it was told by this process is not looked for.
Result<std::optional<RolledBack>> rolled_back(Service& service, const store::Host& host,
                                              const std::optional<ShownBefore>& shown);

}  // namespace assay::api
