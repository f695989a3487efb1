#pragma once

#include <optional>

#include "verifier/service/store/store.h"

namespace assay::store {

/// A vendor bundle that was loaded.
struct LoadedBundle {
    std::int64_t version = 0;
    std::string digest;  ///< of its content
    std::int64_t loaded_at = 0;
};

class VendorBundles : Subject {
  public:
    using Subject::Subject;
    /// The one with the highest version that was ever loaded.
    Result<std::optional<LoadedBundle>> newest();
    /// `conflict` where the version is there with another digest.
    Result<> add(const LoadedBundle& bundle);
};

}  // namespace assay::store
