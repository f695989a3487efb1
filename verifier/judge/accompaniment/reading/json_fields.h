#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "evidence/base/result.h"
#include "verifier/judge/accompaniment/time.h"

namespace assay::accompaniment {

/// Reads the members of one JSON object, strictly: what is missing, of another type, too long or not known is
/// the first error, with its place as a JSON pointer ("/orders/3/window/from") what is expected there
/// and what was got.
/// After an error every read gives a default, so that a reader is a list of lines. Borrows the value.
class JsonFields {
  public:
    static constexpr std::size_t kText = 1024;    ///< bytes of one text
    static constexpr std::size_t kList = 10'000;  ///< items of a list within an object

    JsonFields(const nlohmann::json& object, std::string place, std::optional<Error>& error);

    std::string text(std::string_view key);
    std::string text_or(std::string_view key, std::string_view other = {});
    bool flag_or(std::string_view key, bool other);
    std::int64_t integer_or(std::string_view key, std::int64_t other, std::int64_t least, std::int64_t most);
    std::optional<std::int64_t> maybe_integer(std::string_view key, std::int64_t least, std::int64_t most);
    Millis instant(std::string_view key);
    std::optional<Millis> maybe_instant(std::string_view key);
    std::vector<std::string> texts_or_none(std::string_view key);
    /// One of these words; `other` where the member is missing, an error if that is empty.
    std::string word(std::string_view key, std::initializer_list<std::string_view> words,
                     std::string_view other = {});
    /// Hex digits in lower case, `bytes` of them or none at all.
    std::string hex_or_none(std::string_view key, std::size_t bytes);

    /// Calls `read(JsonFields&)` for each object of the list; an absent list is empty. Any number of items.
    template <typename Read>
    void each(std::string_view key, Read&& read) {
        const auto* list = find(key, false);
        if (list == nullptr) return;
        if (!list->is_array()) return wrong(key, "a list of objects");
        for (std::size_t i = 0; i < list->size() && !error_; ++i) {
            JsonFields item((*list)[i], place_ + "/" + std::string(key) + "/" + std::to_string(i), error_);
            read(item);
            item.done();
        }
    }
    /// Likewise for a member that is an object; absent: not called.
    template <typename Read>
    bool object(std::string_view key, Read&& read) {
        const auto* member = find(key, false);
        if (member == nullptr) return false;
        JsonFields item(*member, place_ + "/" + std::string(key), error_);
        read(item);
        item.done();
        return true;
    }
    /// The member as it is, nullptr if absent.
    const nlohmann::json* raw(std::string_view key) { return find(key, false); }
    [[nodiscard]] const nlohmann::json& value() const { return *object_; }

    /// After the last read: a member that nobody asked for is an error.
    void done();
    /// "/orders/0/to: expected a time, got 5". `got`: where it is not the member's own value. An empty key is
    /// the object itself.
    void wrong(std::string_view key, std::string_view expected, std::string_view got = {});
    [[nodiscard]] bool failed() const { return error_.has_value(); }

  private:
    const nlohmann::json* find(std::string_view key, bool required);

    const nlohmann::json* object_;
    std::string place_;
    std::optional<Error>& error_;
    std::set<std::string, std::less<>> asked_;
};

}  // namespace assay::accompaniment
