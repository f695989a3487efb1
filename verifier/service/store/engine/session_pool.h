#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <soci/soci.h>

#include "evidence/base/result.h"

namespace assay::store {

enum class Engine : std::uint8_t { sqlite, postgresql };

/// Connections of one kind, handed out one at a time each.
class SessionPool {
  public:
    SessionPool(Engine engine, std::string target, std::size_t size);

    /// A session, until the lease ends. Waits for one; opens it when it is first wanted. Throws.
    class Lease {
      public:
        explicit Lease(SessionPool& pool);
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease();
        soci::session& operator*() { return *session_; }
        /// Something failed in it: it is closed, and with it any open transaction.
        void discard() { session_.reset(); }

      private:
        SessionPool& pool_;
        std::unique_ptr<soci::session> session_;
    };

  private:
    std::unique_ptr<soci::session> connect() const;

    Engine engine_;
    std::string target_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<soci::session>> idle_;  // an empty pointer is one not opened yet
};

/// Turns the exception being handled into an Error: `io`, with what the database said, printable.
Error current_exception_as_error();

}  // namespace assay::store
