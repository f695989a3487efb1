#include "verifier/service/api/request_body.h"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/wire/purchase_list.h"

namespace assay::api {
namespace {

constexpr std::size_t kShown = 64;  // bytes of what was sent, in a message

}  // namespace

std::string plain_text_or_none(JsonReader& body, std::string_view key, std::size_t most) {
    auto text = body.text_or(key, {}, most);
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::ranges::any_of(text, control)) body.wrong(key, "a text without control characters");
    return text;
}

std::string plain_text(JsonReader& body, std::string_view key, std::size_t most) {
    const auto text = body.text(key, most);
    return text.empty() ? text : plain_text_or_none(body, key, most);
}

std::string host_name(JsonReader& body, std::string_view key) {
    auto host = body.text(key, limits::kHostName);
    if (!body.failed() && !is_enrolment_name(host))
        body.wrong(key, "a host name of a-z 0-9 . - _", fmt::format("\"{}\"", printable(host)));
    return host;
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
