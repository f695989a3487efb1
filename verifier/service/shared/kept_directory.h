#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "verifier/judge/accompaniment/directory.h"

namespace assay::api {

/// The directory of a site as of one version of it and one state of the vendor data.
struct SiteDirectory {
    std::string version;            ///< of what keepers imported, and of whose hands they are
    std::set<std::string> asked;    ///< entities of that version, of which the vendor data is asked
    std::string entities;           ///< what it answered
    std::string text;               ///< directory.json of a case, with both
    accompaniment::Directory read;  ///< the same
};

/// The one that was read last. A site's directory changes a few times a day, and may be megabytes: it is read
/// once for each version, not for each report. Thread-safe.
class KeptDirectory {
  public:
    [[nodiscard]] std::shared_ptr<const SiteDirectory> newest() const {
        const std::scoped_lock lock(mutex_);
        return kept_;
    }
    void keep(std::shared_ptr<const SiteDirectory> directory) {
        const std::scoped_lock lock(mutex_);
        kept_ = std::move(directory);
        ++read_;
    }
    /// How many were read: for tests.
    [[nodiscard]] std::size_t read() const {
        const std::scoped_lock lock(mutex_);
        return read_;
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const SiteDirectory> kept_;
    std::size_t read_ = 0;
};

}  // namespace assay::api
