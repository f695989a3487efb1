#include "verifier/judge/accompaniment/reading/json_fields.h"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/text.h"

namespace assay::accompaniment {
namespace {

constexpr std::size_t kGot = 64;  // bytes of a value in a complaint

const nlohmann::json kNothing = nlohmann::json::object();

// A value as it may stand in a complaint: on one line, short.
std::string got_text(const nlohmann::json& value) {
    return shortened(printable(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)), kGot);
}

}  // namespace

JsonFields::JsonFields(const nlohmann::json& object, std::string place, std::optional<Error>& error)
    : object_(&object), place_(std::move(place)), error_(error) {
    if (object.is_object()) return;
    if (!error_)
        error_ = Error{ErrorCode::malformed,
                       fmt::format("{}: expected an object, got {}", place_, got_text(object)),
                       {}};
    object_ = &kNothing;
}

void JsonFields::wrong(std::string_view key, std::string_view expected, std::string_view got) {
    if (error_) return;
    const auto member = object_->find(std::string(key));
    const auto found = !got.empty()                                    ? std::string(got)
                       : member == object_->end() || member->is_null() ? std::string("nothing")
                                                                       : got_text(*member);
    const auto place = key.empty() ? place_ : fmt::format("{}/{}", place_, printable(key));
    error_ = Error{ErrorCode::malformed, fmt::format("{}: expected {}, got {}", place, expected, found), {}};
}

const nlohmann::json* JsonFields::find(std::string_view key, bool required) {
    asked_.emplace(key);
    const auto found = object_->find(std::string(key));
    if (found != object_->end() && !found->is_null()) return &*found;
    if (required && !error_)
        error_ =
            Error{ErrorCode::malformed, fmt::format("{}: the member \"{}\" is missing", place_, key), {}};
    return nullptr;
}

std::string JsonFields::text(std::string_view key) {
    const auto* member = find(key, true);
    if (member == nullptr) return {};
    if (!member->is_string() || member->get_ref<const std::string&>().empty() ||
        member->get_ref<const std::string&>().size() > kText) {
        wrong(key, fmt::format("a text of 1 to {} bytes", kText));
        return {};
    }
    return member->get<std::string>();
}

std::string JsonFields::text_or(std::string_view key, std::string_view other) {
    const auto* member = find(key, false);
    if (member == nullptr) return std::string(other);
    if (!member->is_string() || member->get_ref<const std::string&>().size() > kText) {
        wrong(key, fmt::format("a text of at most {} bytes", kText));
        return {};
    }
    return member->get<std::string>();
}

bool JsonFields::flag_or(std::string_view key, bool other) {
    const auto* member = find(key, false);
    if (member == nullptr) return other;
    if (!member->is_boolean()) wrong(key, "true or false");
    return member->is_boolean() && member->get<bool>();
}

std::optional<std::int64_t> JsonFields::maybe_integer(std::string_view key, std::int64_t least,
                                                      std::int64_t most) {
    const auto* member = find(key, false);
    if (member == nullptr) return {};
    const bool fits = member->is_number_integer() &&
                      (!member->is_number_unsigned() || member->get<std::uint64_t>() <= INT64_MAX);
    if (!fits || member->get<std::int64_t>() < least || member->get<std::int64_t>() > most) {
        wrong(key, fmt::format("an integer from {} to {}", least, most));
        return {};
    }
    return member->get<std::int64_t>();
}

std::int64_t JsonFields::integer_or(std::string_view key, std::int64_t other, std::int64_t least,
                                    std::int64_t most) {
    return maybe_integer(key, least, most).value_or(other);
}

std::optional<Millis> JsonFields::maybe_instant(std::string_view key) {
    const auto* member = find(key, false);
    if (member == nullptr) return {};
    const auto at = member->is_string() ? parse_instant(member->get_ref<const std::string&>())
                                        : fail(ErrorCode::malformed, "");
    if (!at) {
        wrong(key, "a time with its offset, as \"2026-03-02T14:07:00Z\"");
        return {};
    }
    return *at;
}

Millis JsonFields::instant(std::string_view key) {
    if (find(key, true) == nullptr) return 0;
    return maybe_instant(key).value_or(0);
}

std::vector<std::string> JsonFields::texts_or_none(std::string_view key) {
    const auto* member = find(key, false);
    std::vector<std::string> out;
    if (member == nullptr) return out;
    const bool good = member->is_array() && member->size() <= kList &&
                      std::ranges::all_of(*member, [](const nlohmann::json& item) {
                          return item.is_string() && !item.get_ref<const std::string&>().empty() &&
                                 item.get_ref<const std::string&>().size() <= kText;
                      });
    if (!good) {
        wrong(key, fmt::format("a list of at most {} texts of 1 to {} bytes", kList, kText));
        return out;
    }
    for (const auto& item : *member) out.push_back(item.get<std::string>());
    return out;
}

std::string JsonFields::word(std::string_view key, std::initializer_list<std::string_view> words,
                             std::string_view other) {
    const auto* member = find(key, other.empty());
    if (member == nullptr) return std::string(other);
    if (!member->is_string() ||
        std::ranges::find(words, member->get_ref<const std::string&>()) == words.end()) {
        wrong(key, fmt::format("one of {}", fmt::join(words, ", ")));
        return std::string(other);
    }
    return member->get<std::string>();
}

std::string JsonFields::hex_or_none(std::string_view key, std::size_t bytes) {
    auto out = text_or(key);
    const bool good = out.empty() || (out.size() == bytes * 2 && std::ranges::all_of(out, [](char c) {
                                          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                                      }));
    if (!good) wrong(key, fmt::format("{} hex digits in lower case", bytes * 2));
    return good ? out : std::string();
}

void JsonFields::done() {
    if (error_) return;
    for (const auto& [key, value] : object_->items()) {
        if (!asked_.contains(key)) {
            error_ = Error{ErrorCode::malformed,
                           fmt::format("{}: the member \"{}\" is not known; members here: {}", place_,
                                       printable(key), fmt::join(asked_, ", ")),
                           {}};
            return;
        }
    }
}

}  // namespace assay::accompaniment
