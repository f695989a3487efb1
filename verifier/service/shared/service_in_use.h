#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "verifier/service/shared/service.h"

namespace assay::api {

/// The Service of now. A request asks once, and keeps what it was given until its answer is made: one answer
/// is never made from two states of the policies or of the vendor data. Thread-safe.
class ServiceInUse {
  public:
    /// Never null.
    explicit ServiceInUse(std::shared_ptr<Service> service) : service_(std::move(service)) {}

    [[nodiscard]] std::shared_ptr<Service> get() const {
        const std::scoped_lock lock(mutex_);
        return service_;
    }
    /// For whoever asks from now on. `service` is never null.
    void set(std::shared_ptr<Service> service) {
        const std::scoped_lock lock(mutex_);
        service_.swap(service);  // the one of before ends with its last request, and not under the lock
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<Service> service_;
};

}  // namespace assay::api
