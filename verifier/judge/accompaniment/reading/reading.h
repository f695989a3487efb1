#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "evidence/base/digest.h"
#include "evidence/codec/json_door.h"
#include "verifier/judge/accompaniment/order.h"
#include "verifier/judge/accompaniment/reading/json_fields.h"

/// What the readers of case files share. Not for anybody else.
namespace assay::accompaniment::reading {

/// A case's file: 64 MiB, five million values.
inline constexpr JsonLimits kFile{.bytes = 64U << 20U, .depth = 16, .values = 5'000'000};

/// SHA-256 of the canonical form (members sorted, no white space), in hex.
inline std::string digest_of(const nlohmann::json& value) {
    return sha256(as_view(value.dump())).hex();
}

/// Parses `json` and reads its one object; the first complaint is the error.
template <typename Read>
Result<> file(std::string_view json, Read&& read) {
    const auto document = TRY(parse_json(json, kFile));
    std::optional<Error> error;
    JsonFields fields(document, "", error);
    read(fields);
    fields.done();
    if (error) return std::unexpected(*std::move(error));
    return {};
}

template <typename T, typename Read>
Result<T> one(const nlohmann::json& value, std::string_view place, Read&& read) {
    std::optional<Error> error;
    JsonFields fields(value, std::string(place), error);
    T out = read(fields);
    fields.done();
    if (error) return std::unexpected(*std::move(error));
    return out;
}

/// What is given where either one moment or both of its ends are expected.
inline std::string_view times_got(bool moment, bool from, bool to) {
    return moment ? "both" : from || to ? "one end alone" : "neither";
}

std::vector<DeviceKind> kinds(JsonFields& fields, std::string_view key);
std::optional<DeviceKind> kind(std::string_view name);
DeviceRule device_rule(JsonFields& fields);
std::vector<DeviceRule> device_rules(JsonFields& fields, std::string_view key);

}  // namespace assay::accompaniment::reading
