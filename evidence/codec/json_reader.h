#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "evidence/codec/json_door.h"

namespace assay {

/// What is known of a document before it is read.
struct JsonForm {
    std::string_view name =
        {};  ///< stands before the pointer in complaints; empty for a file named elsewhere
    JsonLimits limits = {};
    bool nulls = false;  ///< a member that is null counts as absent
    bool open = false;  ///< members that nobody asks for are let be: the writer may be newer than this reader
    bool secret = false;  ///< complaints tell the type of what was got, never its content
};

/// Reads a JSON document from outside, member by member: what is missing, of another type, out of range or
/// not known is the first error, with its place as a JSON pointer ("/orders/3/window/from"), what is expected
/// there and what was got. The first error sticks, and every read after it gives a default, so that a reader
/// is a list of lines; ask once, with `finish`. Where a key is asked for, an empty one is the value itself.
class JsonReader {
  public:
    static constexpr std::size_t kText = 1024;    ///< bytes of one text
    static constexpr std::size_t kList = 10'000;  ///< items of a list of texts

    /// Parses (evidence/codec/json_door.h); an error there is the first one here.
    explicit JsonReader(std::string_view text, const JsonForm& form = {});
    /// Borrows a value that was parsed already. A template, since a text turns into a json by itself.
    template <std::same_as<nlohmann::json> Json>
    explicit JsonReader(const Json& value, const JsonForm& form = {}) : JsonReader(&value, form) {}
    ~JsonReader();
    JsonReader(const JsonReader&) = delete;
    JsonReader& operator=(const JsonReader&) = delete;

    /// The first error; one too where there is a member that nobody asked for, unless the form is open.
    Result<> finish();
    /// The same, and what was read.
    template <typename T>
    Result<T> finish(T value) {
        TRY_VOID(finish());
        return value;
    }

    /// `least` to `most` bytes.
    std::string text(std::string_view key, std::size_t most = kText, std::size_t least = 1);
    /// 0 to `most` bytes; `other` where it is absent.
    std::string text_or(std::string_view key, std::string_view other = {}, std::size_t most = kText);
    bool flag(std::string_view key);
    bool flag_or(std::string_view key, bool other);
    std::int64_t integer(std::string_view key, std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                         std::int64_t most = std::numeric_limits<std::int64_t>::max());
    std::int64_t integer_or(std::string_view key, std::int64_t other, std::int64_t least, std::int64_t most);
    std::optional<std::int64_t> maybe_integer(std::string_view key, std::int64_t least, std::int64_t most);
    /// An integer that is not negative.
    std::uint64_t count(std::string_view key, std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
    /// At most `most` texts of 1 to `bytes` bytes; none where it is absent.
    std::vector<std::string> texts_or_none(std::string_view key, std::size_t most = kList,
                                           std::size_t bytes = kText);
    /// One of these words; `other` where it is absent, an error if that is empty.
    std::string word(std::string_view key, std::initializer_list<std::string_view> words,
                     std::string_view other = {});
    /// Hex digits in lower case, `bytes` of them or none at all.
    std::string hex_or_none(std::string_view key, std::size_t bytes);
    /// base64url of 1 to `most` bytes.
    Bytes bytes(std::string_view key, std::size_t most);
    Bytes bytes_or_none(std::string_view key, std::size_t most);
    /// At most `count` of them, each as above.
    std::vector<Bytes> list_of_bytes(std::string_view key, std::size_t count, std::size_t most);
    /// A text that `parse` understands: string_view -> Result<T>. Its error is told with the place.
    template <typename Parse>
    auto text_as(std::string_view key, Parse&& parse, std::size_t most = kText) {
        using T = typename std::invoke_result_t<Parse, std::string_view>::value_type;
        const auto found = text(key, most);
        if (failed()) return T{};
        auto value = parse(std::string_view(found));
        if (value) return T(*std::move(value));
        refuse(key, std::move(value).error());
        return T{};
    }

    /// Calls `read` for each item of the list; an absent list is empty. More than `most` items are an error.
    void each(std::string_view key, const std::function<void(JsonReader&)>& read,
              std::size_t most = std::numeric_limits<std::size_t>::max());
    /// Likewise for each member of an object whose names are free; those come in their order.
    void members(std::string_view key,
                 const std::function<void(const std::string& name, JsonReader& value)>& read,
                 std::size_t most = kList);
    /// Likewise for a member that is an object; absent: not called, and false.
    bool object(std::string_view key, const std::function<void(JsonReader&)>& read);

    /// What a person's mapping names by a dotted path, "fields.status.name" (empty: nothing), as text: "7" of
    /// {"id": 7}. Empty for nothing, null, a list or an object. Never a complaint.
    [[nodiscard]] std::string text_at(std::string_view path) const;
    /// Likewise calls `read` for each item of the list there (an empty path is the value itself); false where
    /// there is none.
    bool each_at(std::string_view path, const std::function<void(JsonReader&)>& read);

    /// Present. Counts as asked for.
    bool has(std::string_view key) { return find(key, false) != nullptr; }
    /// The same; if not, it is an error that it is missing.
    bool need(std::string_view key) { return find(key, true) != nullptr; }
    /// How many items or members are there; 0 where it is absent.
    std::size_t size(std::string_view key = {});
    /// It is an object or a list, and not an empty one.
    [[nodiscard]] bool has_members() const;
    [[nodiscard]] bool has_items() const;
    /// The text there, whatever its size; empty where there is none. No complaint.
    std::string_view peek(std::string_view key);
    /// The member as a document of its own, for whoever reads that; empty if absent.
    std::string encoded(std::string_view key);
    /// The member as it is, nullptr if absent: to be kept, sent on or compared whole.
    const nlohmann::json* raw(std::string_view key) { return find(key, false); }
    [[nodiscard]] const nlohmann::json& value() const { return *value_; }
    /// This value as text, for a digest of it; nothing counts as read by that.
    [[nodiscard]] std::string as_text() const;

    /// "/orders/0/to: expected a time, got 5". `got`: where it is not the member's own value.
    void wrong(std::string_view key, std::string_view expected, std::string_view got = {});
    /// An error found out elsewhere, told with the place.
    void refuse(std::string_view key, Error error);
    [[nodiscard]] bool failed() const;

  private:
    struct Document;

    JsonReader(const nlohmann::json* value, const JsonForm& form);
    JsonReader(const nlohmann::json& value, const JsonReader& parent, std::string_view key,
               std::optional<std::size_t> index);
    const nlohmann::json* find(std::string_view key, bool required);
    [[nodiscard]] const nlohmann::json* at(std::string_view path) const;
    void items(const nlohmann::json& list, std::string_view key,
               const std::function<void(JsonReader&)>& read);
    void close();
    [[nodiscard]] std::string place() const;
    [[nodiscard]] std::string place_of(std::string_view key) const;

    std::unique_ptr<Document> owned_;
    Document* document_;
    const nlohmann::json* value_;
    const JsonReader* parent_ = nullptr;
    std::string_view key_ = {};
    std::optional<std::size_t> index_ = {};
    std::vector<std::string> asked_;
    bool whole_ = false;  ///< asked for as it is
};

}  // namespace assay
