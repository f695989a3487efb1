#include "evidence/codec/json_writer.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace assay {
namespace {

constexpr auto kReplaced = nlohmann::json::error_handler_t::replace;

}  // namespace

std::string Json::quoted(std::string_view text) {
    const bool plain =
        std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; });
    return plain ? fmt::format("\"{}\"", text) : nlohmann::json(text).dump(-1, ' ', false, kReplaced);
}

Json::Json(std::initializer_list<Json> list) : value_(Array(list)) {
    const bool pairs = std::ranges::all_of(list, [](const Json& each) {
        const auto* pair = std::get_if<Array>(&each.value_);
        const auto* name =
            pair != nullptr && pair->size() == 2 ? std::get_if<std::string>(&(*pair)[0].value_) : nullptr;
        return name != nullptr && name->starts_with('"');
    });
    if (!pairs) return;
    Object members;
    for (const auto& each : list) {
        const auto& pair = std::get<Array>(each.value_);
        members.emplace(nlohmann::json::parse(std::get<std::string>(pair[0].value_)).get<std::string>(),
                        pair[1]);
    }
    value_ = std::move(members);
}

Json Json::array(std::initializer_list<Json> items) {
    Json out;
    out.value_ = Array(items);
    return out;
}

Json Json::object() {
    Json out;
    out.value_ = Object();
    return out;
}

Json Json::encoded(std::string text) {
    Json out;
    out.value_ = std::move(text);
    return out;
}

bool Json::is_null() const {
    const auto* text = std::get_if<std::string>(&value_);
    return text != nullptr && *text == "null";
}

Json& Json::operator[](std::string_view name) {
    if (is_null()) value_ = Object();
    return std::get<Object>(value_).try_emplace(std::string(name)).first->second;
}

Json& Json::push_back(Json item) {
    if (is_null()) value_ = Array();
    return std::get<Array>(value_).emplace_back(std::move(item));
}

std::size_t Json::size() const {
    if (const auto* items = std::get_if<Array>(&value_)) return items->size();
    if (const auto* members = std::get_if<Object>(&value_)) return members->size();
    return is_null() ? 0 : 1;
}

// `step` blanks a level, none and no line feed where it is negative.
void Json::write(std::string& out, int step, std::size_t level) const {
    const auto line = [&](std::size_t in) {
        if (step >= 0) out.append("\n").append(in * static_cast<std::size_t>(step), ' ');
    };
    bool first = true;
    const auto between = [&] {
        if (!std::exchange(first, false)) out += ',';
        line(level + 1);
    };
    if (const auto* text = std::get_if<std::string>(&value_)) {
        const bool laid_out = step < 0 || !(text->starts_with('{') || text->starts_with('['));
        if (laid_out) {
            out += *text;
            return;
        }
        const auto again =
            indented_json(*text, step);  // its line feeds are the layout's: in texts they are escaped
        for (const char c : again) {
            if (c == '\n')
                line(level);
            else
                out += c;
        }
    } else if (const auto* items = std::get_if<Array>(&value_)) {
        out += '[';
        for (const auto& item : *items) {
            between();
            item.write(out, step, level + 1);
        }
        if (!items->empty()) line(level);
        out += ']';
    } else {
        const auto& members = std::get<Object>(value_);
        out += '{';
        for (const auto& [name, value] : members) {
            between();
            out.append(quoted(name)).append(step < 0 ? ":" : ": ");
            value.write(out, step, level + 1);
        }
        if (!members.empty()) line(level);
        out += '}';
    }
}

std::string Json::dump(int step) const {
    std::string out;
    write(out, step, 0);
    return out;
}

std::string indented_json(std::string_view text, int indent) {
    return nlohmann::json::parse(text, nullptr, false).dump(indent, ' ', false, kReplaced);
}

}  // namespace assay
