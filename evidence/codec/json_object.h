#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "evidence/base/result.h"

namespace assay::wire {

/// A JSON object that has exactly the members which are asked for: as many as `of` was told, each by name and
/// type. Borrows the value.
class JsonObject {
  public:
    static Result<JsonObject> of(const nlohmann::json& value, std::string_view what, std::size_t members) {
        if (!value.is_object()) return fail(ErrorCode::malformed, std::string(what) + ": expected an object");
        if (value.size() != members) {
            return fail(ErrorCode::malformed, std::string(what) + ": expected " + std::to_string(members) +
                                                  " members, got " + std::to_string(value.size()));
        }
        return JsonObject(value, what);
    }

    [[nodiscard]] Result<std::string> text(std::string_view key) const {
        const auto* member = TRY(find(key));
        if (!member->is_string()) return wrong(key, "a text");
        return member->get<std::string>();
    }
    [[nodiscard]] Result<std::int64_t> integer(std::string_view key) const {
        const auto* member = TRY(find(key));
        if (!member->is_number_integer() ||
            (member->is_number_unsigned() && member->get<std::uint64_t>() > INT64_MAX)) {
            return wrong(key, "an integer of 64 bits");
        }
        return member->get<std::int64_t>();
    }
    [[nodiscard]] Result<std::uint64_t> unsigned_integer(std::string_view key) const {
        const auto* member = TRY(find(key));
        if (!member->is_number_unsigned()) return wrong(key, "an integer that is not negative");
        return member->get<std::uint64_t>();
    }
    [[nodiscard]] Result<bool> flag(std::string_view key) const {
        const auto* member = TRY(find(key));
        if (!member->is_boolean()) return wrong(key, "true or false");
        return member->get<bool>();
    }
    [[nodiscard]] Result<const nlohmann::json*> object(std::string_view key) const {
        const auto* member = TRY(find(key));
        if (!member->is_object()) return wrong(key, "an object");
        return member;
    }
    [[nodiscard]] Result<const nlohmann::json*> array(std::string_view key) const {
        const auto* member = TRY(find(key));
        if (!member->is_array()) return wrong(key, "an array");
        return member;
    }

  private:
    JsonObject(const nlohmann::json& value, std::string_view what) : value_(&value), what_(what) {}

    [[nodiscard]] Result<const nlohmann::json*> find(std::string_view key) const {
        const auto found = value_->find(std::string(key));
        if (found == value_->end()) return wrong(key, "the member");
        return &*found;
    }
    [[nodiscard]] std::unexpected<Error> wrong(std::string_view key, std::string_view expected) const {
        return fail(ErrorCode::malformed,
                    std::string(what_) + ": " + std::string(key) + ": expected " + std::string(expected));
    }

    const nlohmann::json* value_;
    std::string_view what_;
};

}  // namespace assay::wire
