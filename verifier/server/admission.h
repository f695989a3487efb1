#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "verifier/server/limits.h"

namespace assay::server {

/// Counts connections, in all and for each address, and bytes of bodies. Thread-safe; outlives its tickets.
class Admission {
  public:
    explicit Admission(const ServerLimits& limits) : limits_(limits) {}

    /// Holds one place until it ends.
    class Ticket {
      public:
        Ticket(Admission& admission, std::string address, std::size_t bytes)
            : admission_(admission), address_(std::move(address)), bytes_(bytes) {}
        Ticket(const Ticket&) = delete;
        Ticket& operator=(const Ticket&) = delete;
        ~Ticket() { admission_.release(address_, bytes_); }

      private:
        Admission& admission_;
        std::string address_;  // empty: of bytes only
        std::size_t bytes_;
    };

    /// Null, with the reason, where there is no room.
    std::unique_ptr<Ticket> connection(const std::string& address, std::string_view& reason);
    std::unique_ptr<Ticket> body(std::size_t bytes);
    [[nodiscard]] std::size_t connections() const;

  private:
    void release(const std::string& address, std::size_t bytes);

    const ServerLimits limits_;
    mutable std::mutex mutex_;
    std::size_t connections_ = 0;
    std::size_t bytes_ = 0;
    std::map<std::string, std::size_t> by_address_;
};

}  // namespace assay::server
