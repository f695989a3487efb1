#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/codec/json_reader.h"

namespace assay::cli {

/// Unix milliseconds of an RFC 3339 text under `key`, or of a number under `key` and "_ms", as older
/// verifiers have it; 0 where both are absent.
std::int64_t milliseconds_of(const JsonReader& object, std::string_view key);

/// "2026-11-22 10:42:25Z" of milliseconds_of, "-" for 0.
std::string moment_of(const JsonReader& object, std::string_view key);

/// Unix seconds of an RFC 3339 text under `key`, or of a number, as older verifiers have it; 0 where it is
/// absent.
std::int64_t seconds_of(const JsonReader& object, std::string_view key);

/// Text under `key` that was made printable before it was stored: as `cell`, without another backslash.
std::string stored_cell(JsonReader& object, std::string_view key);

}  // namespace assay::cli
