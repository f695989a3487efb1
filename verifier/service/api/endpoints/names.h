#pragma once

#include "verifier/service/api/http.h"

namespace assay::api {

/// Names of persons are for those who handle a finding or keep the directory; who only looks, and a feed,
/// sees pseudonyms.
constexpr bool sees_names(Role role) {
    return role > Role::viewer && role != Role::order_feed && role != Role::badge_feed;
}

}  // namespace assay::api
