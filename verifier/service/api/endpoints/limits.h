#pragma once

#include <cstddef>
#include <cstdint>

#include "evidence/codec/json_door.h"

/// What several endpoints take and give.
namespace assay::api {

inline constexpr std::size_t kFindingId = 128;  ///< bytes of a finding's id in a query
inline constexpr std::size_t kReason = 1024;    ///< bytes of why an operator did something

inline constexpr std::size_t kTokenSize = 24;  ///< 192 random bits: nothing that could be guessed
inline constexpr std::int64_t kLeastTokenLifetime_s = 60;
inline constexpr std::int64_t kMostTokenLifetime_s = 30LL * 24 * 3600;
inline constexpr std::int64_t kUsualTokenLifetime_s = 24LL * 3600;

inline constexpr std::size_t kDocument = 16U << 20U;  ///< bytes of a document of the site
inline constexpr JsonLimits kLarge{.bytes = kDocument, .depth = 16, .values = 1'000'000};

}  // namespace assay::api
