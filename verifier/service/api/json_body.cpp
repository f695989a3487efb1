#include "verifier/service/api/json_body.h"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_door.h"
#include "evidence/wire/purchase_list.h"

namespace assay::api {
namespace {

constexpr std::size_t kShown = 64;  // bytes of what was sent, in a message

bool is_plain_text(std::string_view text) {
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    return is_utf8(text) && std::ranges::none_of(text, control);
}

// What a message says of a value: never a text's content, which may be a secret.
std::string got(const nlohmann::json& value) {
    if (value.is_number()) return shortened(value.dump(), kShown);
    if (value.is_array() || value.is_object())
        return fmt::format("{} of {}", value.type_name(), value.size());
    return value.type_name();
}

Result<Bytes> bytes_of(const nlohmann::json& value, std::size_t limit) {
    if (!value.is_string())
        return fail(ErrorCode::malformed,
                    fmt::format("expected a text of base64url, got {}", value.type_name()));
    auto bytes = TRY(from_base64url(value.get_ref<const std::string&>(), limit));
    if (bytes.empty()) return fail(ErrorCode::malformed, "expected bytes as base64url, got an empty text");
    return bytes;
}

}  // namespace

bool is_host_name(std::string_view text) {
    return is_enrolment_name(text);
}

JsonBody::JsonBody(const Request& request) {
    auto parsed = parse_json(request.body);
    if (!parsed) {
        error_ = std::move(parsed).error();
    } else if (!parsed->is_object()) {
        error_ = Error{ErrorCode::malformed,
                       fmt::format("body: expected a JSON object, got {}", parsed->type_name()),
                       {}};
    } else {
        body_ = *std::move(parsed);
    }
}

const nlohmann::json* JsonBody::field(const std::string& name, bool required) {
    read_.insert(name);
    if (error_) return nullptr;
    const auto found = body_.find(name);
    if (found != body_.end()) return &*found;
    if (required) refuse(name, "is missing; add it");
    return nullptr;
}

void JsonBody::refuse(const std::string& name, std::string_view said) {
    if (!error_) error_ = Error{ErrorCode::malformed, fmt::format("field '{}': {}", name, said), {}};
}

std::string JsonBody::text(const std::string& name, std::size_t limit) {
    const auto* value = field(name, true);
    if (value == nullptr) return {};
    auto text = optional_text(name, limit);
    if (text.empty()) refuse(name, "is empty");
    return text;
}

std::string JsonBody::optional_text(const std::string& name, std::size_t limit) {
    const auto* value = field(name, false);
    if (value == nullptr) return {};
    if (!value->is_string()) {
        refuse(name, fmt::format("expected a text, got {}", value->type_name()));
        return {};
    }
    const auto& text = value->get_ref<const std::string&>();
    if (text.size() > limit)
        refuse(name, fmt::format("expected at most {} bytes, got {}", limit, text.size()));
    if (!is_plain_text(text))
        refuse(name, "expected UTF-8 without control characters, got other bytes; remove them");
    return error_ ? std::string{} : text;
}

std::string JsonBody::host_name(const std::string& name) {
    auto host = text(name, limits::kHostName);
    if (!error_ && !is_host_name(host))
        refuse(name, fmt::format("expected a host name of a-z 0-9 . - _, got \"{}\"", printable(host)));
    return host;
}

Bytes JsonBody::bytes(const std::string& name, std::size_t limit) {
    const auto* value = field(name, true);
    if (value == nullptr) return {};
    auto bytes = bytes_of(*value, limit);
    if (!bytes) refuse(name, bytes.error().context);
    return bytes.value_or(Bytes{});
}

Bytes JsonBody::optional_bytes(const std::string& name, std::size_t limit) {
    return field(name, false) == nullptr ? Bytes{} : bytes(name, limit);
}

std::vector<Bytes> JsonBody::list_of_bytes(const std::string& name, std::size_t count, std::size_t limit) {
    const auto* value = field(name, true);
    if (value == nullptr) return {};
    if (!value->is_array() || value->size() > count) {
        refuse(name, fmt::format("expected an array of at most {}, got {}", count, got(*value)));
        return {};
    }
    std::vector<Bytes> out;
    for (const auto& item : *value) {
        auto bytes = bytes_of(item, limit);
        if (!bytes) refuse(name, bytes.error().context);
        out.push_back(bytes.value_or(Bytes{}));
    }
    return out;
}

std::vector<Bytes> JsonBody::optional_list_of_bytes(const std::string& name, std::size_t count,
                                                    std::size_t limit) {
    return field(name, false) == nullptr ? std::vector<Bytes>{} : list_of_bytes(name, count, limit);
}

std::map<std::string, std::string> JsonBody::texts_by_name(const std::string& name, std::size_t count,
                                                           std::size_t limit) {
    std::map<std::string, std::string> out;
    const auto* value = field(name, true);
    if (value == nullptr) return out;
    const auto good = [&](const nlohmann::json& each) {
        if (!each.is_string()) return false;
        const auto& text = each.get_ref<const std::string&>();
        return !text.empty() && text.size() <= limit && std::ranges::none_of(text, [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        });
    };
    if (!value->is_object() || value->size() > count || !std::ranges::all_of(*value, good)) {
        refuse(name, fmt::format("expected an object of at most {} texts of 1 to {} bytes, got {}", count,
                                 limit, got(*value)));
        return out;
    }
    for (const auto& [key, each] : value->items()) out[key] = each.get<std::string>();
    return out;
}

std::int64_t JsonBody::optional_integer(const std::string& name, std::int64_t least, std::int64_t most,
                                        std::int64_t otherwise) {
    const auto* value = field(name, false);
    if (value == nullptr) return otherwise;
    // An unsigned value above the signed range would wrap in get<>: it is out of range anyway.
    const bool fits =
        value->is_number_integer() &&
        (!value->is_number_unsigned() || value->get<std::uint64_t>() <= static_cast<std::uint64_t>(most));
    if (!fits || value->get<std::int64_t>() < least || value->get<std::int64_t>() > most) {
        refuse(name, fmt::format("expected an integer from {} to {}, got {}", least, most, got(*value)));
        return otherwise;
    }
    return value->get<std::int64_t>();
}

Result<> JsonBody::finish() const {
    if (error_) return std::unexpected(*error_);
    for (const auto& [name, value] : body_.items()) {
        if (!read_.contains(name)) {
            return fail(ErrorCode::malformed, "unknown field '" + printable(shortened(name, 64)) + "'");
        }
    }
    return {};
}

std::optional<std::string> Query::text(const std::string& name, std::size_t limit) {
    read_.insert(name);
    const auto found = request_.query.find(name);
    if (found == request_.query.end()) return {};
    if (found->second.size() > limit && !error_) {
        error_ = Error{
            ErrorCode::malformed,
            fmt::format("query '{}': expected at most {} bytes, got {}", name, limit, found->second.size()),
            {}};
    }
    return found->second;
}

std::optional<std::int64_t> Query::integer(const std::string& name, std::int64_t least, std::int64_t most) {
    const auto text = this->text(name, 20);
    if (!text) return {};
    std::int64_t value = 0;
    const auto* end = text->data() + text->size();
    const auto [stop, problem] = std::from_chars(text->data(), end, value);
    if ((problem != std::errc{} || stop != end || value < least || value > most) && !error_) {
        error_ = Error{ErrorCode::malformed,
                       fmt::format("query '{}': expected an integer from {} to {}, got \"{}\"", name, least,
                                   most, printable(shortened(*text, kShown))),
                       {}};
    }
    return value;
}

Result<> Query::finish() const {
    if (error_) return std::unexpected(*error_);
    for (const auto& [name, value] : request_.query) {
        if (!read_.contains(name)) {
            return fail(ErrorCode::malformed,
                        "unknown query parameter '" + printable(shortened(name, 64)) + "'");
        }
    }
    return {};
}

}  // namespace assay::api
