#pragma once

#include <type_traits>
#include <utility>

#include <catch2/catch.hpp>

#include "evidence/base/result.h"

namespace assay::test {

/// What a call gave, where the test is not about its failure.
template <typename T>
T value(Result<T> result) {
    INFO((result ? "" : describe(result.error())));
    REQUIRE(result);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace assay::test
