#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "evidence/base/byte_reader.h"
#include "evidence/base/bytes.h"
#include "evidence/base/limits.h"
#include "evidence/base/result.h"

/// CBOR (RFC 8949) in its core deterministic encoding and nothing else: shortest integers, definite lengths,
/// text keys in order, no tag, no float, no undefined. So one value has one encoding, and its digest can
/// stand for it. docs/formats/cbor.md is the page.
namespace assay::cbor {

/// Order of map keys: shorter first, then bytewise, which for text keys is the bytewise order of their
/// encodings (RFC 8949, 4.2.1).
constexpr bool key_less(std::string_view a, std::string_view b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

/// Appends data items. After `array(n)` come n items, after `map(n)` n pairs of a text key and an item, keys
/// ascending by `key_less`: the caller sees to both.
class Writer {
  public:
    Writer& unsigned_integer(std::uint64_t value);
    Writer& integer(std::int64_t value);
    Writer& bytes(ByteView value);
    Writer& text(std::string_view value);  ///< must be UTF-8: what is not is refused by every reader
    Writer& boolean(bool value);
    Writer& null();
    Writer& array(std::size_t count);
    Writer& map(std::size_t count);
    Writer& raw(ByteView encoded);  ///< items that are encoded already

    [[nodiscard]] Bytes take() { return std::move(out_); }

  private:
    Writer& head(std::uint8_t major, std::uint64_t argument);
    Bytes out_;
};

/// One encoded data item: the functions below make it, arrays and maps are put together from it.
using Encoded = Bytes;

Encoded unsigned_integer(std::uint64_t value);
Encoded integer(std::int64_t value);
Encoded bytes(ByteView value);
Encoded text(std::string_view value);  ///< must be UTF-8: what is not is refused by every reader
Encoded boolean(bool value);
Encoded null();
Encoded array(const std::vector<Encoded>& items);
/// Sorts the keys. A key given twice is a defect of the caller, and the reader refuses the result.
Encoded map(std::vector<std::pair<std::string_view, Encoded>> entries);

/// What the next item is (RFC 8949, 3.1); `end` where nothing is left.
enum class Kind : std::uint8_t {
    unsigned_integer,
    negative_integer,
    bytes,
    text,
    array,
    map,
    boolean,
    null,
    end
};

/// Walks one document forward, over a ByteReader and with its sticky error. `what` names the field for the
/// error. Views are borrowed from the input.
class Reader {
  public:
    explicit Reader(ByteReader& input) : in_(input) {}

    std::uint64_t unsigned_integer(std::string_view what) { return expect(0, what).argument; }
    /// An unsigned integer at most `max`.
    std::uint64_t unsigned_integer(std::string_view what, std::uint64_t max);
    std::int64_t integer(std::string_view what);
    ByteView bytes(std::string_view what, std::size_t limit) {
        return in_.bytes(expect(2, what).argument, limit, what);
    }
    /// Valid UTF-8, at most `limit` bytes.
    std::string_view text(std::string_view what, std::size_t limit = limits::kText);
    bool boolean(std::string_view what);
    /// Consumes a null if one is next, and says whether it was.
    bool take_null();

    /// Calls `each()` once per element; it must consume exactly one item.
    template <typename Each>
    void array(std::string_view what, std::size_t limit, Each&& each) {
        const auto count = array_head(what, limit);
        for (std::uint64_t i = 0; i < count && ok(); ++i) each();
        leave();
    }

    /// Calls `each(key)` once per entry, keys strictly ascending (so never twice); it must consume exactly
    /// one item, and calls `unknown(key)` for a key that the format does not have.
    template <typename Each>
    void map(std::string_view what, Each&& each) {
        const auto count = map_head(what);
        std::string_view previous;
        for (std::uint64_t i = 0; i < count; ++i) {
            previous = key(what, i == 0, previous);
            if (!ok()) return;
            each(previous);
        }
        leave();
    }
    void unknown(std::string_view key);

    /// What comes next; `end` at the end of the input, after an error, and before a tag.
    [[nodiscard]] Kind peek() const;
    /// Consumes one item of any kind.
    void skip();
    [[nodiscard]] ByteReader& input() { return in_; }
    [[nodiscard]] bool ok() const { return in_.ok(); }

  private:
    struct Head {
        std::uint8_t major = 0;
        std::uint64_t argument = 0;
    };
    Head head(std::string_view what);
    Head long_head(std::size_t start, unsigned initial, std::string_view what);
    Head expect(std::uint8_t major, std::string_view what);
    std::uint64_t array_head(std::string_view what, std::size_t limit);
    std::uint64_t map_head(std::string_view what);
    std::string_view key(std::string_view what, bool first, std::string_view previous);
    bool enter(std::string_view what);
    void leave() { --depth_; }  // after an error the depth means nothing any more

    ByteReader& in_;
    std::size_t depth_ = 0;
    std::size_t items_ = 0;
};

/// One whole document: `parse(reader)` returns T or Result<T>; leftovers are refused.
template <typename Parse>
auto parse_document(ByteView document, std::string_view what, Parse&& parse) {
    return parse_exact(document, what, [&](ByteReader& input) {
        Reader reader(input);
        return parse(reader);
    });
}

}  // namespace assay::cbor
