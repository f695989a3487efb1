#include "evidence/codec/json_reader.h"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"

namespace assay {
namespace {

using nlohmann::json;

constexpr std::size_t kGot = 64;  // bytes of a value in a complaint

// A value as it may stand in a complaint: on one line, short.
std::string got_text(const json& value, bool secret) {
    if (secret && value.is_structured()) return fmt::format("{} of {}", value.type_name(), value.size());
    if (secret && !value.is_number()) return value.type_name();
    return shortened(printable(value.dump(-1, ' ', false, json::error_handler_t::replace)), kGot);
}

bool is_text(const json& value, std::size_t least, std::size_t most) {
    const auto* text = value.get_ptr<const std::string*>();
    return text != nullptr && text->size() >= least && text->size() <= most;
}

// nullopt too where it is outside of what 64 bits with a sign hold.
std::optional<std::int64_t> integer_of(const json& value) {
    if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX))
        return {};
    return value.get<std::int64_t>();
}

}  // namespace

struct JsonReader::Document {
    JsonForm form;
    json value = nullptr;  // nothing where it is borrowed
    std::optional<Error> error = {};
};

JsonReader::JsonReader(std::string_view text, const JsonForm& form)
    : owned_(std::make_unique<Document>(Document{form})), document_(owned_.get()), value_(&owned_->value) {
    auto parsed = parse_json(text, form.limits);
    if (!parsed && !form.name.empty()) parsed = with_context(std::move(parsed), form.name);
    if (parsed)
        owned_->value = *std::move(parsed);
    else
        owned_->error = std::move(parsed).error();
}

JsonReader::JsonReader(const json* value, const JsonForm& form)
    : owned_(std::make_unique<Document>(Document{form})), document_(owned_.get()), value_(value) {}

JsonReader::JsonReader(const json& value, const JsonReader& parent, std::string_view key,
                       std::optional<std::size_t> index)
    : document_(parent.document_), value_(&value), parent_(&parent), key_(key), index_(index) {}

JsonReader::~JsonReader() = default;

bool JsonReader::failed() const {
    return document_->error.has_value();
}

std::string JsonReader::place() const {
    if (parent_ == nullptr) return std::string(document_->form.name);
    const auto there = parent_->place_of(key_);
    return index_ ? fmt::format("{}/{}", there, *index_) : there;
}

std::string JsonReader::place_of(std::string_view key) const {
    return key.empty() ? place() : fmt::format("{}/{}", place(), printable(key));
}

void JsonReader::refuse(std::string_view key, Error error) {
    if (failed()) return;
    if (const auto where = place_of(key); !where.empty())
        error.context = fmt::format("{}: {}", where, error.context);
    document_->error = std::move(error);
}

void JsonReader::wrong(std::string_view key, std::string_view expected, std::string_view got) {
    if (failed()) return;
    const auto* member = find(key, false);
    const auto found = !got.empty()        ? std::string(got)
                       : member == nullptr ? std::string("nothing")
                                           : got_text(*member, document_->form.secret);
    refuse(key, {ErrorCode::malformed, fmt::format("expected {}, got {}", expected, found), {}});
}

const json* JsonReader::find(std::string_view key, bool required) {
    if (key.empty()) {
        whole_ = true;
        return value_;
    }
    asked_.emplace_back(key);
    if (failed()) return nullptr;
    if (!value_->is_object()) {
        wrong("", "an object");
        return nullptr;
    }
    const auto found = value_->find(asked_.back());
    if (found != value_->end() && !(document_->form.nulls && found->is_null())) return &*found;
    if (required)
        refuse("", {ErrorCode::malformed, fmt::format("the member \"{}\" is missing", printable(key)), {}});
    return nullptr;
}

std::string_view JsonReader::peek(std::string_view key) {
    const bool has_members = key.empty() || value_->is_object();
    const auto* member = has_members ? find(key, false) : nullptr;
    const auto* text = member == nullptr ? nullptr : member->get_ptr<const std::string*>();
    return text == nullptr ? std::string_view() : std::string_view(*text);
}

std::size_t JsonReader::size(std::string_view key) {
    const auto* member = find(key, false);
    return member == nullptr ? 0 : member->size();
}

bool JsonReader::has_members() const {
    return value_->is_object() && !value_->empty();
}

bool JsonReader::has_items() const {
    return value_->is_array() && !value_->empty();
}

std::string JsonReader::as_text() const {
    return value_->dump();
}

std::string JsonReader::encoded(std::string_view key) {
    const auto* member = find(key, false);
    return member == nullptr ? std::string() : member->dump();
}

std::string JsonReader::text(std::string_view key, std::size_t most, std::size_t least) {
    const auto* member = find(key, true);
    if (member == nullptr) return {};
    if (is_text(*member, least, most)) return member->get<std::string>();
    wrong(key, fmt::format("a text of {} to {} bytes", least, most));
    return {};
}

std::string JsonReader::text_or(std::string_view key, std::string_view other, std::size_t most) {
    const auto* member = find(key, false);
    if (member == nullptr) return std::string(other);
    if (is_text(*member, 0, most)) return member->get<std::string>();
    wrong(key, fmt::format("a text of at most {} bytes", most));
    return {};
}

bool JsonReader::flag(std::string_view key) {
    return need(key) && flag_or(key, false);
}

bool JsonReader::flag_or(std::string_view key, bool other) {
    const auto* member = find(key, false);
    if (member == nullptr) return other;
    if (!member->is_boolean()) wrong(key, "true or false");
    return member->is_boolean() && member->get<bool>();
}

std::optional<std::int64_t> JsonReader::maybe_integer(std::string_view key, std::int64_t least,
                                                      std::int64_t most) {
    const auto* member = find(key, false);
    if (member == nullptr) return {};
    const auto value = integer_of(*member);
    if (value && *value >= least && *value <= most) return value;
    wrong(key, fmt::format("an integer from {} to {}", least, most));
    return {};
}

std::int64_t JsonReader::integer(std::string_view key, std::int64_t least, std::int64_t most) {
    return need(key) ? maybe_integer(key, least, most).value_or(0) : 0;
}

std::int64_t JsonReader::integer_or(std::string_view key, std::int64_t other, std::int64_t least,
                                    std::int64_t most) {
    return maybe_integer(key, least, most).value_or(other);
}

std::uint64_t JsonReader::count(std::string_view key, std::uint64_t most) {
    const auto* member = find(key, true);
    if (member == nullptr) return 0;
    if (member->is_number_unsigned() && member->get<std::uint64_t>() <= most)
        return member->get<std::uint64_t>();
    wrong(key, fmt::format("an integer from 0 to {}", most));
    return 0;
}

std::vector<std::string> JsonReader::texts_or_none(std::string_view key, std::size_t most,
                                                   std::size_t bytes) {
    const auto* member = find(key, false);
    std::vector<std::string> out;
    if (member == nullptr) return out;
    const bool good = member->is_array() && member->size() <= most &&
                      std::ranges::all_of(*member, [&](const json& item) { return is_text(item, 1, bytes); });
    if (!good) {
        wrong(key, fmt::format("a list of at most {} texts of 1 to {} bytes", most, bytes));
        return out;
    }
    for (const auto& item : *member) out.push_back(item.get<std::string>());
    return out;
}

std::string JsonReader::word(std::string_view key, std::initializer_list<std::string_view> words,
                             std::string_view other) {
    const auto* member = find(key, other.empty());
    if (member == nullptr) return std::string(other);
    if (const auto* text = member->get_ptr<const std::string*>();
        text != nullptr && std::ranges::find(words, *text) != words.end())
        return *text;
    wrong(key, fmt::format("one of {}", fmt::join(words, ", ")));
    return std::string(other);
}

std::string JsonReader::hex_or_none(std::string_view key, std::size_t bytes) {
    auto out = text_or(key);
    const bool good = out.empty() || (out.size() == bytes * 2 && std::ranges::all_of(out, [](char c) {
                                          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                                      }));
    if (!good) wrong(key, fmt::format("{} hex digits in lower case", bytes * 2));
    return good ? out : std::string();
}

Bytes JsonReader::bytes(std::string_view key, std::size_t most) {
    return need(key) ? bytes_or_none(key, most) : Bytes{};
}

Bytes JsonReader::bytes_or_none(std::string_view key, std::size_t most) {
    const auto* member = find(key, false);
    if (member == nullptr) return {};
    const auto* text = member->get_ptr<const std::string*>();
    auto out = text == nullptr ? Bytes{} : from_base64url(*text, most).value_or(Bytes{});
    if (out.empty()) wrong(key, fmt::format("base64url of 1 to {} bytes", most));
    return out;
}

std::vector<Bytes> JsonReader::list_of_bytes(std::string_view key, std::size_t count, std::size_t most) {
    std::vector<Bytes> out;
    each(key, [&](JsonReader& item) { out.push_back(item.bytes("", most)); }, count);
    return out;
}

void JsonReader::each(std::string_view key, const std::function<void(JsonReader&)>& read, std::size_t most) {
    const auto* list = find(key, false);
    if (list == nullptr) return;
    if (!list->is_array()) return wrong(key, "a list");
    if (list->size() > most)
        return wrong(key, fmt::format("a list of at most {}", most), fmt::format("{}", list->size()));
    items(*list, key, read);
}

void JsonReader::items(const json& list, std::string_view key, const std::function<void(JsonReader&)>& read) {
    for (std::size_t i = 0; i < list.size() && !failed(); ++i) {
        JsonReader item(list[i], *this, key, i);
        read(item);
        item.close();
    }
}

void JsonReader::members(std::string_view key,
                         const std::function<void(const std::string& name, JsonReader& value)>& read,
                         std::size_t most) {
    const auto* object = find(key, false);
    if (object == nullptr) return;
    if (!object->is_object()) return wrong(key, "an object");
    if (object->size() > most)
        return wrong(key, fmt::format("an object of at most {}", most), fmt::format("{}", object->size()));
    const JsonReader named(*object, *this, key, {});
    for (const auto& [name, value] : object->items()) {
        if (failed()) return;
        JsonReader item(value, named, name, {});
        read(name, item);
        item.close();
    }
}

const json* JsonReader::at(std::string_view path) const {
    json::json_pointer pointer;
    while (!path.empty()) {
        const auto dot = std::min(path.find('.'), path.size());
        pointer.push_back(std::string(path.substr(0, dot)));
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return value_->contains(pointer) ? &value_->at(pointer) : nullptr;
}

std::string JsonReader::text_at(std::string_view path) const {
    const auto* node = path.empty() ? nullptr : at(path);
    if (node == nullptr || node->is_null() || node->is_structured()) return {};
    return node->is_string() ? node->get<std::string>() : node->dump();
}

bool JsonReader::each_at(std::string_view path, const std::function<void(JsonReader&)>& read) {
    const auto* list = at(path);
    if (list == nullptr || !list->is_array()) return false;
    items(*list, path, read);
    return true;
}

bool JsonReader::object(std::string_view key, const std::function<void(JsonReader&)>& read) {
    const auto* member = find(key, false);
    if (member == nullptr) return false;
    JsonReader item(*member, *this, key, {});
    if (!member->is_object()) item.wrong("", "an object");
    read(item);
    item.close();
    return true;
}

void JsonReader::close() {
    if (failed() || whole_ || document_->form.open) return;
    if (!value_->is_object()) return wrong("", "an object");
    for (const auto& [key, value] : value_->items()) {
        if (std::ranges::find(asked_, key) != asked_.end()) continue;
        std::ranges::sort(asked_);
        const auto [first, last] = std::ranges::unique(asked_);
        asked_.erase(first, last);
        return refuse("", {ErrorCode::malformed,
                           fmt::format("the member \"{}\" is not known; members here: {}",
                                       printable(shortened(key, kGot)), fmt::join(asked_, ", ")),
                           {}});
    }
}

Result<> JsonReader::finish() {
    close();
    if (document_->error) return std::unexpected(*document_->error);
    return {};
}

}  // namespace assay
