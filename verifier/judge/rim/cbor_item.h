#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

/// CBOR as others write it (RFC 8949): tags, integer keys, maps in any order. Assay's own documents are
/// narrower: evidence/codec/cbor.h.
namespace assay::rim::cbor {

inline constexpr std::size_t kDepth = 32;
inline constexpr std::size_t kItems = 200'000;  ///< of one document

enum class Type : std::uint8_t { unsigned_integer, negative_integer, bytes, text, array, map, tag, simple };

/// One data item with all that is in it. Borrows the input.
struct Item {
    Type type = Type::simple;
    std::uint64_t argument =
        0;           ///< value, -1 - value, tag number, or a simple value or float as it is encoded
    ByteView bytes;  ///< of bytes and text
    std::vector<Item> children;  ///< an array's elements; a map's keys and values in turn; a tag's content
    std::size_t offset = 0;      ///< from the start of the document
    ByteView encoded;            ///< the whole item

    [[nodiscard]] bool is(Type wanted) const { return type == wanted; }
    [[nodiscard]] bool is_tag(std::uint64_t number) const { return is(Type::tag) && argument == number; }
    [[nodiscard]] const Item& content() const { return children.front(); }  ///< of a tag
    [[nodiscard]] std::string_view text() const { return as_text(bytes); }
    /// A map's value under an integer or a text key; null where it is absent, or this is no map.
    [[nodiscard]] const Item* find(std::int64_t key) const;
    [[nodiscard]] const Item* find(std::string_view key) const;
    /// The integer, where it is one of 64 bits.
    [[nodiscard]] std::optional<std::int64_t> integer() const;
};

/// One whole document whose first byte is `base` bytes behind that of the outermost. Every head, length and
/// count is held against what is left before anything is allocated; kDepth, kItems. `malformed`: what RFC
/// 8949, 5.3.1 calls not well-formed or not valid: text that is not UTF-8, a key twice in one map; leftovers.
/// `unsupported`: indefinite lengths.
Result<Item> parse(ByteView document, std::size_t base = 0);

/// The item, if it is of that type; `malformed` with `what` and the offset if not.
Result<const Item*> expect(const Item& item, Type type, std::string_view what);
/// The same for what must be there in a map.
Result<const Item*> member(const Item& map, std::int64_t key, Type type, std::string_view what);

std::unexpected<Error> fail_at(const Item& item, ErrorCode code, std::string_view what);

}  // namespace assay::rim::cbor
