#include "evidence/codec/mapped_value.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/text.h"

namespace assay {
namespace {

using nlohmann::json;

constexpr std::size_t kShown = 100;  // bytes of a value in a complaint

std::unexpected<Error> not_mapped(std::string_view expected, const json& got) {
    const auto text = got.dump(-1, ' ', false, json::error_handler_t::replace);
    return fail(ErrorCode::malformed,
                fmt::format("expected {}, got {}", expected, shortened(printable(text), kShown)));
}

// A reference: {"value": ...} with what else its maker writes beside it, a link or a name to show.
const json* named_by(const json& node) {
    const auto value = node.find("value");
    return value == node.end() || value->is_structured() ? nullptr : &*value;
}

bool says_nothing(const json& node) {
    return node.is_null() || (node.is_string() && node.get_ref<const std::string&>().empty());
}

Result<> collect(const json& node, std::string_view path, MappedTexts& out) {
    if (says_nothing(node)) return {};
    if (node.is_array()) {
        if (out.list) return not_mapped("a list of texts", node);
        out.list = true;
        for (const auto& item : node) {
            const auto before = out.texts.size();
            TRY_VOID(collect(item, path, out));
            if (out.texts.size() == before) return not_mapped("a text in each item of a list", node);
        }
        return {};
    }
    if (path.empty()) {
        const auto* text = node.is_object() ? named_by(node) : &node;
        if (text == nullptr)
            return not_mapped(
                "a text, a number, a list of them, or an object with \"value\"; let the mapping name a "
                "member of "
                "it, as path.name",
                node);
        if (!says_nothing(*text))
            out.texts.push_back(text->is_string() ? text->get<std::string>() : text->dump());
        return {};
    }
    if (!node.is_object())
        return not_mapped(fmt::format("an object with \"{}\"", printable(path.substr(0, path.find('.')))),
                          node);
    if (const auto whole = node.find(std::string(path)); whole != node.end()) return collect(*whole, "", out);
    const auto dot = std::min(path.find('.'), path.size());
    const auto member = node.find(std::string(path.substr(0, dot)));
    if (member == node.end()) return {};
    return collect(*member, path.substr(std::min(dot + 1, path.size())), out);
}

}  // namespace

Result<MappedTexts> mapped_texts(const JsonReader& in, std::string_view path) {
    MappedTexts out;
    if (!path.empty()) TRY_VOID(with_context(collect(in.value(), path, out), printable(path)));
    return out;
}

Result<std::string> mapped_text(const JsonReader& in, std::string_view path) {
    const auto found = TRY(mapped_texts(in, path));
    if (found.list)
        return fail(ErrorCode::malformed, fmt::format("{}: expected one text, got a list of {}",
                                                      printable(path), found.texts.size()));
    return found.texts.empty() ? std::string() : found.texts.front();
}

}  // namespace assay
