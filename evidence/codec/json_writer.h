#pragma once

#include <concepts>
#include <initializer_list>
#include <map>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace assay {

/// A JSON document that is being made: Json{{"host", name}, {"parts", Json::array()}}. A list whose items are
/// all pairs that begin with a text is an object, as it is written; any other list is an array. Members are
/// written in the bytewise order of their names, so that equal documents are equal bytes.
class Json {
  public:
    Json() = default;  ///< null
    Json(std::nullptr_t) {}
    template <std::same_as<bool> T>
    Json(T value) : value_(value ? "true" : "false") {}
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    Json(T value) : value_(std::to_string(value)) {}
    /// UTF-8; what is not is written as U+FFFD.
    template <std::convertible_to<std::string_view> T>
    Json(const T& text) : value_(quoted(text)) {}
    /// null where it is nothing.
    template <typename T>
    Json(const std::optional<T>& value) : Json(value ? Json(*value) : Json()) {}
    /// A map is an object, any other range an array.
    template <std::ranges::input_range T>
        requires(!std::convertible_to<const T&, std::string_view>)
    Json(const T& all) : Json(array()) {
        if constexpr (requires { typename T::mapped_type; }) {
            value_ = Object();
            for (const auto& [name, value] : all) (*this)[name] = value;
        } else {
            for (const auto& each : all) push_back(each);
        }
    }
    Json(std::initializer_list<Json> list);

    static Json array(std::initializer_list<Json> items = {});
    static Json object();
    /// A value that is JSON already, as JsonReader::encoded gives it.
    static Json encoded(std::string text);

    /// The member; made, as null, where there is none, as is the object where this is null.
    Json& operator[](std::string_view name);
    /// Adds to an array, which null becomes; the new item.
    Json& push_back(Json item);
    /// Items or members.
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] bool is_null() const;
    bool operator==(const Json& other) const = default;

    /// On one line; with a step of at least 0 a line for each item and member.
    [[nodiscard]] std::string dump(int step = -1) const;

  private:
    using Array = std::vector<Json>;
    using Object = std::map<std::string, Json, std::less<>>;

    static std::string quoted(std::string_view text);
    void write(std::string& out, int step, std::size_t level) const;

    std::variant<std::string, Array, Object> value_ = "null";  ///< the text: written as it is
};

/// The text of a document that was read already, laid out again.
std::string indented_json(std::string_view text, int step);

}  // namespace assay
