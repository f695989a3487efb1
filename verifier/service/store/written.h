#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "evidence/base/result.h"

namespace assay::store {

/// Why the store would not write, for who acts on it. Nothing was stored.
enum class Refused : std::uint8_t {
    nonce_used,  ///< the nonce is spent
    moved,       ///< what this was made from is not the newest any more: read it again, make it again
};

/// An Error, for who only passes it on. `refused` is not set where the database failed.
struct NotWritten : Error {
    // Implicit, so that an Error can be returned where a NotWritten is.
    NotWritten(Error error, std::optional<Refused> why = std::nullopt)  // NOLINT(google-explicit-constructor)
        : Error(std::move(error)), refused(why) {}

    std::optional<Refused> refused;
};

template <typename T = void>
using Written = std::expected<T, NotWritten>;

inline std::unexpected<NotWritten> refuse(Refused why, std::string context) {
    return std::unexpected(NotWritten({ErrorCode::conflict, std::move(context), {}}, why));
}

}  // namespace assay::store
