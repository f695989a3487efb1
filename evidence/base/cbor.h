#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "evidence/base/byte_reader.h"
#include "evidence/base/bytes.h"
#include "evidence/base/limits.h"
#include "evidence/base/result.h"

/// CBOR (RFC 8949) in its core deterministic encoding (section 4.2.1) and nothing else: shortest integers, definite
/// lengths, text keys in bytewise order of their encoding, no tag, no float, no undefined. So one value has one
/// encoding, and its digest can stand for it.
namespace assay::cbor {

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

enum class Kind : std::uint8_t { unsigned_integer, negative_integer, bytes, text, array, map, boolean, null, end };

/// Walks one document forward, over a ByteReader and with its sticky error. `what` names the field for the error.
/// Views are borrowed from the input.
class Reader {
 public:
    explicit Reader(ByteReader& input) : in_(input) {}

    std::uint64_t unsigned_integer(std::string_view what);
    /// An unsigned integer at most `max`.
    std::uint64_t unsigned_integer(std::string_view what, std::uint64_t max);
    std::int64_t integer(std::string_view what);
    ByteView bytes(std::string_view what, std::size_t limit);
    /// Valid UTF-8, at most `limit` bytes.
    std::string_view text(std::string_view what, std::size_t limit = limits::kText);
    bool boolean(std::string_view what);
    /// Consumes a null if one is next, and says whether it was.
    bool take_null();
    /// Calls `each` once per element; it must consume exactly one item.
    void array(std::string_view what, std::size_t limit, const std::function<void()>& each);
    /// Calls `each(key)` once per entry, keys strictly ascending (so never twice); it must consume exactly one item,
    /// and calls `unknown(key)` for a key that the format does not have.
    void map(std::string_view what, const std::function<void(std::string_view key)>& each);
    void unknown(std::string_view key);

    /// What comes next; `end` at the end of the input or after an error.
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
    Head expect(std::uint8_t major, std::string_view what);
    bool enter(std::string_view what);

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
