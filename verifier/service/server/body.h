#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "verifier/service/server/admission.h"

namespace assay::server {

/// A request's body while it arrives. It takes memory, and its part of the shares, by what has come; what was
/// claimed to come only caps the last step.
class Body {
  public:
    enum class Taken : std::uint8_t { yes, too_large, no_room };

    Body(Admission& admission, std::string source, bool is_operator, std::size_t limit,
         std::optional<std::uint64_t> claimed);

    Taken append(std::string_view part);
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    /// The bytes; their room is held until this object ends.
    std::string take() { return std::move(bytes_); }

  private:
    Admission::Room room_;
    std::size_t limit_;
    std::size_t most_;  // to reserve
    std::string bytes_;
};

}  // namespace assay::server
