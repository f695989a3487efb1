#pragma once

#include <any>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "evidence/base/digest.h"
#include "evidence/base/result.h"

namespace assay::judge {

/// A section that the verifier has from an earlier report, and what was made of it then: a report that names
/// it by its digest costs neither its hash nor its decoding again. Thread-safe, never changes.
class HeldSection {
  public:
    explicit HeldSection(Bytes bytes) : bytes_(std::move(bytes)), digest_(sha256(bytes_)) {}

    [[nodiscard]] const Bytes& bytes() const { return bytes_; }
    [[nodiscard]] const Digest& digest() const { return digest_; }

    /// What `decode` makes of the bytes; kept, so that it is done once, unless it fails. It may outlive this
    /// section, so it must not borrow the bytes. One decoder for each T.
    template <typename T>
    Result<std::shared_ptr<const T>> decoded(Result<T> (*decode)(ByteView)) const {
        const std::scoped_lock lock(mutex_);
        if (const auto* made = std::any_cast<std::shared_ptr<const T>>(&made_)) return *made;
        auto made = std::make_shared<const T>(TRY(decode(bytes_)));
        made_ = made;
        return made;
    }

  private:
    Bytes bytes_;
    Digest digest_;
    mutable std::mutex mutex_;
    mutable std::any made_;
};

/// By name. Each is under the digest that the manifest names.
using HeldSections = std::map<std::string, std::shared_ptr<const HeldSection>, std::less<>>;

}  // namespace assay::judge
