#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

/// A bounded walk over DER (X.690, 10): definite lengths alone, each in its shortest form, tags of one octet,
/// a limit on the depth. Nothing is allocated by a number that the bytes claim. Readers and elements borrow
/// the bytes.
namespace assay::der {

/// Identifier octets (X.690, 8.1.2): class, constructed bit, number.
namespace tag {
inline constexpr std::uint8_t kBoolean = 0x01;
inline constexpr std::uint8_t kInteger = 0x02;
inline constexpr std::uint8_t kBitString = 0x03;
inline constexpr std::uint8_t kOctetString = 0x04;
inline constexpr std::uint8_t kNull = 0x05;
inline constexpr std::uint8_t kOid = 0x06;
inline constexpr std::uint8_t kEnumerated = 0x0a;
inline constexpr std::uint8_t kUtf8String = 0x0c;
inline constexpr std::uint8_t kPrintableString = 0x13;
inline constexpr std::uint8_t kIa5String = 0x16;
inline constexpr std::uint8_t kGeneralizedTime = 0x18;
inline constexpr std::uint8_t kSequence = 0x30;
inline constexpr std::uint8_t kSet = 0x31;
/// [n] IMPLICIT of a primitive type; n up to 30.
constexpr std::uint8_t primitive(unsigned n) {
    return static_cast<std::uint8_t>(0x80U | n);
}
/// [n] EXPLICIT, or [n] IMPLICIT of a constructed type; n up to 30.
constexpr std::uint8_t constructed(unsigned n) {
    return static_cast<std::uint8_t>(0xa0U | n);
}
}  // namespace tag

inline constexpr unsigned kDepth = 24;       ///< constructed elements inside each other
inline constexpr std::size_t kOidSize = 64;  ///< content octets of an object identifier

/// One element. What its content means is asked for by the functions below.
struct Element {
    std::uint8_t tag = 0;
    ByteView content;
    ByteView whole;          ///< header and content
    std::size_t offset = 0;  ///< of the content, from the start of the outermost input
};

/// Reads the elements of one constructed element, or of the outermost input, forward. An error names the
/// field and its offset; after one, do not go on.
class Reader {
  public:
    explicit Reader(ByteView bytes, std::size_t offset = 0, unsigned depth = 0)
        : bytes_(bytes), offset_(offset), depth_(depth) {}

    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    [[nodiscard]] bool next_is(std::uint8_t tag) const {
        return !bytes_.empty() && std::to_integer<std::uint8_t>(bytes_.front()) == tag;
    }

    /// The next element, whatever it is.
    Result<Element> any(std::string_view what);
    /// The next element, which must have this tag.
    Result<Element> take(std::uint8_t tag, std::string_view what);
    /// The next element if it has this tag; nothing is consumed if not.
    Result<std::optional<Element>> maybe(std::uint8_t tag, std::string_view what);
    /// Into a constructed element: the next one, or one that was taken.
    Result<Reader> enter(std::uint8_t tag, std::string_view what);
    Result<std::optional<Reader>> maybe_enter(std::uint8_t tag, std::string_view what);
    [[nodiscard]] Result<Reader> inside(const Element& element, std::string_view what) const;
    /// Nothing may be left.
    [[nodiscard]] Result<void> finish(std::string_view what) const;

  private:
    [[nodiscard]] std::unexpected<Error> error(ErrorCode code, std::string_view what,
                                               std::string_view why) const;

    ByteView bytes_;
    std::size_t offset_;
    unsigned depth_;
};

/// All of `bytes` is one element with this tag, of at most `limit` bytes: a reader of what is in it.
Result<Reader> open(ByteView bytes, std::uint8_t tag, std::size_t limit, std::string_view what);

/// The content of these is checked to be DER; the element's tag is the caller's business, so they also read
/// [n] IMPLICIT ones.
Result<bool> boolean(const Element& element, std::string_view what);
/// Two's complement, big-endian, in its shortest form: the bytes, at most `limit`.
Result<ByteView> integer(const Element& element, std::size_t limit, std::string_view what);
/// INTEGER or ENUMERATED from 0 to `most`.
Result<std::uint32_t> small_number(const Element& element, std::uint32_t most, std::string_view what);
/// "2.23.133.2.17".
Result<std::string> oid(const Element& element, std::string_view what);
/// BIT STRING of whole octets.
Result<ByteView> bit_string(const Element& element, std::string_view what);
/// UTF8String: well-formed UTF-8, at most `limit` bytes, without a NUL.
Result<std::string> utf8(const Element& element, std::size_t limit, std::string_view what);
/// IA5String: 7 bits, at most `limit` bytes, without a NUL.
Result<std::string> ia5(const Element& element, std::size_t limit, std::string_view what);
/// YYYYMMDDHHMMSSZ (X.690, 11.7; RFC 5280, 4.1.2.5.2), as seconds since 1970-01-01 UTC.
Result<std::int64_t> generalized_time(const Element& element, std::string_view what);

}  // namespace assay::der
